// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package traffic

import (
	"net/netip"
	"time"
)

// Exchange is a client's request to an Application Load Balancer and what became of it. The data plane fills it
// in on the way and ends it by Done. Its zero value counts nothing.
type Exchange struct {
	// Start is when the request's head was read, Sent when it went to a target, Answered when the head of
	// the target's response was there; zero if that did not happen.
	Start, Sent, Answered time.Time
	Client                netip.AddrPort
	// Rule is that of the rule that held, or of the listener if the request got no further. Target is that of
	// the target, or of the group that has none; nil if the request was not to be forwarded.
	Rule, Target *Counter
	// Status is what the client got, TargetStatus what the target answered; 0 is nothing. A client that went away
	// before its answer has the status 460 (row 36).
	Status, TargetStatus int
	ReceivedBytes        int64 // from the client, head and body
	SentBytes            int64 // to the client, head and body
	// Reason says why the exchange failed; empty if it did not.
	Reason string
	// Log takes a line of the access log; nil if there is none.
	Log *AccessLog
	// Request is filled in by the caller of Done if Wanted.
	Request Request
}

// Request is what only failures and access logs need to know of an exchange.
type Request struct {
	Method, Scheme, Host, Path string // Path with query
	Version                    string // HTTP/1.1
	UserAgent, Trace           string
	TLSCipher, TLSProtocol     string
	ServerName                 string // SNI
	Certificate                string // ARN of the chosen one
	Actions, Redirect          string // of the rule
}

// Failed tells whether the exchange is one of those that are remembered.
func (e *Exchange) Failed() bool { return e.Reason != "" || e.TargetStatus >= 500 }

// Wanted tells whether Done needs Request.
func (e *Exchange) Wanted() bool { return e.Log != nil || e.Failed() }

// Done counts the exchange.
func (e *Exchange) Done() {
	if e.Rule == nil {
		return
	}
	now := time.Now()
	s := sample{requests: 1, received: e.ReceivedBytes, sent: e.SentBytes, status: e.Status, second: e.Rule.recorder.second(now)}
	if !e.Start.IsZero() {
		s.duration = now.Sub(e.Start)
	}
	if e.Failed() {
		s.failures = 1
		e.Rule.recorder.failures.add(e.failure(now))
	}
	e.Rule.add(&s)
	if !e.Sent.IsZero() {
		s.active = -1
	}
	e.Target.add(&s)
	if e.Log != nil {
		e.Log.add(e.line(now))
	}
}

// Flow is a client's connection to a Network Load Balancer, or a flow of UDP. It is begun by Begin and ended by
// End. Its zero value counts nothing.
type Flow struct {
	Client       netip.AddrPort
	rule, target *Counter
	start        time.Time
}

// Begin counts a new flow of a listener.
func Begin(listener *Counter, client netip.AddrPort) Flow {
	f := Flow{Client: client, rule: listener, start: time.Now()}
	if listener != nil {
		listener.add(&sample{requests: 1, active: 1, second: listener.recorder.second(f.start)})
	}
	return f
}

// Forward counts the flow for the target that it goes to.
func (f *Flow) Forward(target *Counter) {
	f.target = target
	if target != nil {
		target.add(&sample{requests: 1, active: 1, second: target.recorder.second(f.start)})
	}
}

// Add counts bytes from the client and from the target.
func (f *Flow) Add(fromClient, fromTarget int64) {
	s := &sample{received: fromClient, sent: fromTarget}
	f.rule.add(s)
	f.target.add(s)
}

// End counts the end of the flow. err says why it failed; nil if it did not.
func (f *Flow) End(err error) {
	if f.rule == nil {
		return
	}
	now := time.Now()
	s := sample{active: -1, duration: now.Sub(f.start), second: f.rule.recorder.second(now)}
	if err != nil {
		s.failures = 1
		f.rule.recorder.failures.add(failureOf(f.rule, f.target, Failure{Time: now, Client: f.Client.String(), Reason: err.Error()}))
	}
	f.rule.add(&s)
	f.target.add(&s)
}

// Fail counts and remembers something that failed before there was a request, such as a TLS handshake.
func (c *Counter) Fail(client netip.AddrPort, reason string) {
	if c == nil {
		return
	}
	now := time.Now()
	c.add(&sample{failures: 1, second: c.recorder.second(now)})
	c.recorder.failures.add(failureOf(c, nil, Failure{Time: now, Client: client.String(), Reason: reason}))
}
