// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"errors"
	"net/http"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/forwarded"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/identity"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

// admit checks the client as a rule demands. It returns the answer for one that does not get further, and otherwise nil
// with the user's fields in the request.
func (l *Listener) admit(cfg *config, act action, req *message.Request) *message.Response {
	if act.jwt != nil {
		if refusal := cfg.identity.Bearer(l.ctx, *act.jwt, req.Fields.Get("Authorization")); refusal != nil {
			return refused(req, refusal)
		}
	}
	if act.login == nil {
		return nil
	}
	outcome, err := cfg.identity.Check(*act.login, visit(cfg, req))
	if err != nil {
		return refused(req, err)
	}
	if outcome.Location != "" {
		return sendTo(outcome)
	}
	for _, f := range outcome.Fields {
		req.Fields.Del(f.Name)
		if f.Value != "" {
			req.Fields.Add(f.Name, f.Value)
		}
	}
	return nil
}

// signedIn answers a user who comes back from a provider.
func (l *Listener) signedIn(cfg *config, req *message.Request) *message.Response {
	outcome, err := cfg.identity.Return(l.ctx, cfg.logins, visit(cfg, req))
	if err != nil {
		return refused(req, err)
	}
	return sendTo(outcome)
}

func visit(cfg *config, req *message.Request) identity.Visit {
	v := identity.Visit{Host: forwarded.Host(req.Host(), cfg.port), Target: req.Target}
	for _, line := range req.Fields.Values("Cookie") {
		if cookies, err := http.ParseCookie(line); err == nil { // what is no cookie signs nobody in
			v.Cookies = append(v.Cookies, cookies...)
		}
	}
	return v
}

func refused(req *message.Request, err error) *message.Response {
	req.Traffic.Reason = err.Error()
	var refusal *identity.Refusal
	if errors.As(err, &refusal) {
		return page(refusal.Status)
	}
	return page(http.StatusInternalServerError)
}

func sendTo(o *identity.Outcome) *message.Response {
	resp := redirect(http.StatusFound, o.Location)
	for _, c := range o.Cookies {
		resp.Fields.Add("Set-Cookie", c.String())
	}
	return resp
}
