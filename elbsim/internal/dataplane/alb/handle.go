// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/forwarded"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/identity"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/rule"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
)

// handle answers a request: with the target's response or one of the load balancer's own. nil means that the
// client is gone. clock is the exchange's.
func (l *Listener) handle(ctx context.Context, cfg *config, req *message.Request, peer netip.AddrPort, clock *idle.Clock) *message.Response {
	resp := l.respond(ctx, cfg, req, peer, clock)
	req.Traffic.Status = clientClosed
	if resp != nil {
		req.Traffic.Status = resp.Status
	}
	if resp != nil {
		cfg.insertion.into(resp)
	}
	if resp != nil && resp.Body != nil && req.Method == http.MethodHead {
		_ = resp.Body.Close() // there is nothing in it
		resp.Body = nil
	}
	return resp
}

func (l *Listener) respond(ctx context.Context, cfg *config, req *message.Request, peer netip.AddrPort, clock *idle.Clock) *message.Response {
	switch {
	case req.Method == http.MethodTrace: // row 18
		req.Traffic.Reason = "TRACE is not allowed"
		return page(http.StatusMethodNotAllowed)
	case hasLongHeader(req): // row 21; the answer before GOAWAY is elbsim's own
		req.Traffic.Reason = "a header is longer than 8 K when compressed"
		return page(http.StatusBadRequest)
	case hasLongHeaders(req):
		req.Traffic.Reason = "the headers are longer than 64 K"
		return page(http.StatusBadRequest)
	case forwarded.TooMany(req.Fields): // row 5
		req.Traffic.Reason = "X-Forwarded-For has more than 30 addresses"
		return page(statusTooManyForwarded)
	}
	e := &req.Traffic
	match := rule.Request{Host: forwarded.Name(req.Host()), Path: req.Path(), Query: req.Query(),
		Method: req.Method, Fields: req.Fields, Source: peer.Addr().Unmap()}
	if len(cfg.logins) > 0 && match.Path == identity.Callback {
		return l.signedIn(cfg, req)
	}
	act := cfg.rules.Match(&match)
	e.Rule = act.traffic
	if act.jwt != nil || act.login != nil {
		if resp := l.admit(cfg, act, req); resp != nil {
			return resp
		}
	}
	switch {
	case act.redirect != nil:
		resp := redirect(act.redirect.StatusCode, rule.Location(*act.redirect, &match, cfg.tls != nil, cfg.port))
		planned(e, act, resp)
		return resp
	case act.fixed != nil:
		planned(e, act, nil)
		return fixed(act.fixed)
	}
	planned(e, act, nil)
	return l.forward(ctx, cfg, act, req, peer, clock)
}

func (l *Listener) forward(ctx context.Context, cfg *config, act action, req *message.Request, peer netip.AddrPort, clock *idle.Clock) *message.Response {
	i := cfg.chooseGroup(&act, req)
	if i < 0 {
		req.Traffic.Reason = "all target groups of the rule have weight 0"
		return page(http.StatusServiceUnavailable)
	}
	group := act.forward[i]
	e := &req.Traffic
	e.Target = group.Traffic
	if !served(req, group.Version) {
		e.Reason = "a target group of protocol version " + group.Version + " does not serve this request: " + spoken(req)
		return page(statusVersionMismatch)
	}
	to := cfg.chooseTarget(&act, i, req)
	t := to.target
	if t == nil { // row 34
		e.Reason = noTarget(group, cfg.node.Zone)
		return page(http.StatusServiceUnavailable)
	}
	if act.transform != nil {
		if err := rewrite(req, act.transform); err != nil {
			e.Reason = err.Error()
			return page(http.StatusInternalServerError)
		}
	}
	e.Target, e.Sent = t.Traffic, time.Now()
	prepare(req, cfg, group.Version, peer)
	t.Traffic.Open()
	watched := group.Watches()
	if watched {
		group.Started(t)
	}
	resp, err := l.send(ctx, t, group, req, clock)
	if err != nil {
		if watched {
			group.Ended(t, true)
		}
		status := statusOf(err)
		e.Reason = explain(err, t.Addr)
		l.log.Debug("request failed", "target", t.Addr.String(), "status", status, "err", err)
		if status == 0 {
			return nil
		}
		failed := page(status)
		failed.Generated, failed.Close = false, req.Body != nil // perhaps half of the request is still to come
		return failed
	}
	e.Answered, e.TargetStatus = time.Now(), resp.Status
	upgrade := resp.Fields.Get("Upgrade")
	message.StripHopByHop(&resp.Fields)
	if resp.Upgraded != nil {
		resp.Fields.Add("Connection", "Upgrade")
		resp.Fields.Add("Upgrade", upgrade)
	}
	if watched {
		failed := resp.Status >= http.StatusInternalServerError
		whenOver(resp, func() { group.Ended(t, failed) })
	}
	if err := cfg.pinClient(&act, i, to, &resp.Fields); err != nil {
		l.log.Error("make stickiness cookie", "err", err)
	}
	return resp
}

func (l *Listener) send(ctx context.Context, t *target.Target, g Group, req *message.Request, clock *idle.Clock) (*message.Response, error) {
	b, err := l.backend(t, g)
	if err != nil {
		return nil, err
	}
	if b.h2 != nil {
		return b.roundTrip2(ctx, req, clock)
	}
	return b.roundTrip1(ctx, req, clock)
}

// rewrite applies a rule's transforms. The record keeps what the client asked for.
func rewrite(req *message.Request, t *rule.Transform) error {
	name := forwarded.Name(req.Host())
	host, url, err := t.Apply(name, req.Target)
	if err != nil {
		return err
	}
	req.Traffic.Request.Path, req.Target = req.Target, url
	if host != name {
		req.Authority = ""
		req.Fields.Set("Host", host)
	}
	return nil
}

// prepare turns a client's request into the one for the target.
func prepare(req *message.Request, cfg *config, version string, peer netip.AddrPort) {
	f := &req.Fields
	upgrade := req.Upgrade()
	trailers := version != http1Version && f.HasToken("TE", "trailers")
	message.StripHopByHop(f)
	f.Del("Expect") // answered by the load balancer (row 14)
	if cfg.dropInvalid {
		forwarded.DropInvalid(f)
	}
	switch host := req.Host(); {
	case host == "": // row 12: HTTP/1.0
		f.Set("Host", cfg.dnsName)
	case !cfg.preserveHost:
		f.Set("Host", forwarded.Host(host, cfg.port))
	}
	forwarded.SetFor(f, cfg.forMode, peer, cfg.forPort)
	forwarded.SetLeg(f, cfg.tls != nil, cfg.port)
	for _, x := range req.Session {
		f.Del(x.Name)
		if x.Value != "" {
			f.Add(x.Name, x.Value)
		}
	}
	f.Set(forwarded.Trace, forwarded.TraceHeader(f.Get(forwarded.Trace), forwarded.TraceID(req.Traffic.Sent, rand.Uint64)))
	if trailers {
		f.Add("TE", "trailers")
	}
	if upgrade != "" {
		f.Add("Connection", "Upgrade")
		f.Add("Upgrade", upgrade)
	}
}

// statusOf is the status for an exchange that failed before the response began, 0 if nobody is left to tell
// (rows 31, 33, 35, 36).
func statusOf(err error) int {
	var connect *connectError
	var handshake *handshakeError
	switch {
	case errors.Is(err, errClient) || errors.Is(err, context.Canceled):
		return 0
	case errors.Is(err, errClientSilent):
		return http.StatusRequestTimeout
	case errors.As(err, &handshake): // row 28, also when it takes too long
		return http.StatusBadGateway
	case errors.As(err, &connect):
		if timedOut(err) {
			return http.StatusGatewayTimeout
		}
	case errors.Is(err, idle.ErrTimeout):
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}
