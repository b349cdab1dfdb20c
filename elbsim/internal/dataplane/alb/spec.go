// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package alb serves the listeners of Application Load Balancers: it takes a client's connection, finds the
// rule and the target for each request, and relays the response. The numbers in comments are rows of the
// semantics table. It never checks health and never opens a listening socket.
package alb

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/attribute"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/desync"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/forwarded"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/identity"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/rule"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/tlscert"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// Group is a target group as the listeners of one load balancer see it.
type Group struct {
	*target.Group
	TLS     bool             // to the targets
	Version string           // HTTP1 HTTP2 GRPC
	Traffic *traffic.Counter // nil: not counted
	// Attributes are the target group's; those of stickiness are read.
	Attributes map[string]string
}

// Spec is what a listener on one address of a load balancer serves.
type Spec struct {
	Listener     elb.Listener
	Attributes   map[string]string // of the load balancer
	Node         elb.Address
	DNSName      string           // of the load balancer
	Groups       map[string]Group // by name
	Certificates tlscert.Source
	TrustStores  tlscert.TrustStores // nil: no mutual TLS
	// Identity checks tokens and users; nil refuses actions that need it.
	Identity *identity.Checker
	// ConnectTimeout limits connection attempts to targets.
	ConnectTimeout time.Duration
	// Second is the length of a second in time-outs; tests shorten it.
	Second time.Duration
	Log    *slog.Logger
	// LoadBalancer is the ARN by which Traffic counts (nil counts nothing) and cookies are known.
	LoadBalancer string
	Traffic      *traffic.Recorder
}

// config is a compiled Spec. It does not change.
type config struct {
	port           int32
	node           elb.Address
	dnsName        string
	source         netip.Addr
	rules          *rule.Set[action]
	tls            *tls.Config // nil for HTTP
	idle           time.Duration
	keepAlive      time.Duration // how long a client's connection may live
	connectTimeout time.Duration
	forMode        forwarded.Mode
	forPort        bool
	dropInvalid    bool
	preserveHost   bool
	desync         desync.Mode
	session        session
	insertion      insertion
	targetTLS      *tls.Config
	seal           *seal
	identity       *identity.Checker
	logins         []elb.Authentication // of all rules
	traffic        *traffic.Counter     // of the listener
	accessLog      *traffic.AccessLog   // nil: off
}

func compile(s Spec) (*config, error) {
	lb, listener := attribute.From(s.Attributes), attribute.From(s.Listener.Attributes)
	c := &config{
		port:           s.Listener.Port,
		node:           s.Node,
		dnsName:        s.DNSName,
		idle:           time.Duration(lb.Int("idle_timeout.timeout_seconds", 60)) * s.Second,
		keepAlive:      time.Duration(lb.Int("client_keep_alive.seconds", 3600)) * s.Second,
		connectTimeout: s.ConnectTimeout,
		forMode:        forwarded.Mode(lb.Text("routing.http.xff_header_processing.mode", string(forwarded.Append))),
		forPort:        lb.Bool("routing.http.xff_client_port.enabled", false),
		dropInvalid:    lb.Bool("routing.http.drop_invalid_header_fields.enabled", false),
		preserveHost:   lb.Bool("routing.http.preserve_host_header.enabled", false),
		session:        sessionOf(s.Listener.MutualTLS, lb.Bool("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", false), listener),
		insertion:      insertionOf(listener),
		identity:       s.Identity,
		traffic:        s.Traffic.Listener(s.LoadBalancer, s.Listener.Port),
	}
	if lb.Bool("access_logs.s3.enabled", false) {
		c.accessLog = s.Traffic.AccessLog(s.LoadBalancer)
	}
	protocols := []string{"http/1.1"}
	if lb.Bool("routing.http2.enabled", true) {
		protocols = []string{"h2", "http/1.1"} // row 21
	}
	var err error
	if c.desync, err = desync.ParseMode(lb.Text("routing.http.desync_mitigation_mode", string(desync.Defensive))); err != nil {
		return nil, err
	}
	if err := errors.Join(lb.Err(), listener.Err()); err != nil {
		return nil, err
	}
	if c.seal, err = newSeal(s.LoadBalancer); err != nil {
		return nil, err
	}
	if c.source, err = netip.ParseAddr(s.Node.IP); err != nil {
		return nil, err
	}
	if c.targetTLS, err = tlscert.ForTargets(s.Listener.SSLPolicy); err != nil {
		return nil, err
	}
	switch s.Listener.Protocol {
	case "HTTP":
	case "HTTPS":
		if c.tls, err = tlscert.Config(s.Listener, protocols, s.Certificates, s.TrustStores); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("protocol %q is not served by an application load balancer; allowed are HTTP and HTTPS", s.Listener.Protocol)
	}
	c.rules, err = rule.Compile(s.Listener.Rules, s.Listener.DefaultActions, func(r elb.Rule) (action, error) {
		a, err := compileActions(r.Actions, s)
		if err != nil {
			return a, err
		}
		if (a.login != nil || a.jwt != nil) && s.Identity == nil {
			return a, errors.New("nobody checks tokens and users here")
		}
		if a.login != nil {
			c.logins = append(c.logins, *a.login)
		}
		a.traffic = s.Traffic.Rule(s.LoadBalancer, s.Listener.Port, ruleName(r.Priority))
		a.transform, err = rule.CompileTransforms(r.Transforms)
		return a, err
	})
	return c, err
}

// ruleName is a rule's priority as the API spells it.
func ruleName(priority int32) string {
	if priority == 0 {
		return traffic.DefaultRule
	}
	return strconv.Itoa(int(priority))
}
