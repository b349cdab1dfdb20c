// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package plantext writes a plan the way a person reads it. Programs read the JSON of package elb
// instead: nothing in this text is promised to stay.
package plantext

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/elbtext"
)

// Options say how the text looks.
type Options struct {
	Color bool // ANSI escape codes
}

type printer struct {
	bytes.Buffer
	color bool
}

// ANSI codes, by what they mean here.
const (
	strong = "1"
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

func (p *printer) paint(code, text string) string {
	if !p.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p *printer) line(indent int, format string, args ...any) {
	fmt.Fprintf(p, "%s%s\n", strings.Repeat("  ", indent), fmt.Sprintf(format, args...))
}

// Write writes the load balancers, then what was rejected and what is surprising.
func Write(w io.Writer, plan elb.Plan, opts Options) error {
	p := &printer{color: opts.Color}
	for _, lb := range plan.LoadBalancers {
		p.loadBalancer(lb)
		p.line(0, "")
	}
	p.refused(plan)
	p.line(0, "%s, %d rejected, %s", count(len(plan.LoadBalancers), "load balancer"), len(plan.Rejections), count(len(plan.Warnings), "warning"))
	_, err := w.Write(p.Bytes())
	return err
}

// refused writes what was rejected and what is surprising.
func (p *printer) refused(plan elb.Plan) {
	if len(plan.Rejections) > 0 {
		p.line(0, "%s", p.paint(red, "Rejected"))
		for _, r := range plan.Rejections {
			p.line(1, "%s, by %s", p.paint(strong, r.Object), who(r.Stage))
			p.line(2, "%s", r.Message)
		}
		p.line(0, "")
	}
	if len(plan.Warnings) > 0 {
		p.line(0, "%s", p.paint(yellow, "Warnings"))
		for i, x := range plan.Warnings {
			if i == 0 || plan.Warnings[i-1].Object != x.Object {
				p.line(1, "%s", p.paint(strong, x.Object))
			}
			p.line(2, "%s", x.Message)
		}
		p.line(0, "")
	}
}

func who(stage string) string {
	switch stage {
	case "admission":
		return "the API server (admission)"
	case "model":
		return "the load balancer controller (model)"
	}
	return stage
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// kinds are the names that people use.
var kinds = map[elb.Type]string{elb.Application: "ALB", elb.Network: "NLB"}

func (p *printer) loadBalancer(lb elb.LoadBalancer) {
	name := "name chosen by the controller"
	if lb.Name != "" {
		name = "name " + lb.Name
	}
	p.line(0, "%s %s", p.paint(cyan, kinds[lb.Type]), p.paint(strong, lb.Stack))
	p.line(1, "%s, %s, %s, zones %s", lb.Scheme, name, lb.IPAddressType, strings.Join(lb.Zones, " "))
	if len(lb.Objects) > 0 {
		p.line(1, "%s %s", p.paint(faint, "from"), strings.Join(lb.Objects, ", "))
	}
	addresses := map[string]string{}
	for _, a := range lb.Addresses {
		addresses[a.Zone] = elbtext.Asked(a)
	}
	p.pairs(1, "addresses", addresses)
	p.pairs(1, "attributes", lb.Attributes)
	p.pairs(1, "tags", lb.Tags)
	if lb.WebACL != "" {
		p.line(1, "web ACL %s", lb.WebACL)
	}
	for _, l := range lb.Listeners {
		p.listener(l)
	}
	for _, tg := range lb.TargetGroups {
		p.targetGroup(tg)
	}
	for _, sg := range lb.SecurityGroups {
		name := sg.ID
		if sg.Managed {
			name = "(managed by the controller)"
		}
		p.line(1, "security group %s", p.paint(strong, name))
		for _, r := range sg.Inbound {
			p.line(2, "in  %s", elbtext.Inbound(r))
		}
	}
}

func (p *printer) pairs(indent int, what string, m map[string]string) {
	if len(m) == 0 {
		return
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, k+"="+m[k])
	}
	p.line(indent, "%s %s", p.paint(faint, what), strings.Join(out, ", "))
}

func (p *printer) listener(l elb.Listener) {
	extra := ""
	for _, s := range []string{l.SSLPolicy, l.ALPNPolicy} {
		if s != "" {
			extra += ", " + s
		}
	}
	if l.MutualTLS != "" {
		extra += ", mutual TLS " + l.MutualTLS
	}
	if l.TrustStore != nil {
		extra += " by " + l.TrustStore.ARN
	}
	p.line(1, "listener %s%s", p.paint(strong, fmt.Sprintf("%s %d", l.Protocol, l.Port)), extra)
	for i, c := range l.Certificates {
		which := "certificate"
		if i > 0 {
			which = "also"
		}
		p.line(2, "%s %s", p.paint(faint, which), c)
	}
	p.pairs(2, "attributes", l.Attributes)
	for _, r := range l.Rules {
		p.line(2, "%s %s %s %s", p.paint(faint, fmt.Sprintf("%5d", r.Priority)), elbtext.Conditions(r.Conditions), p.paint(faint, "→"), elbtext.Actions(r.Transforms, r.Actions))
	}
	label := "otherwise"
	if len(l.Rules) == 0 {
		label = "always"
	}
	p.line(2, "%s %s %s", p.paint(faint, label), p.paint(faint, "→"), elbtext.Actions(nil, l.DefaultActions))
}

func (p *printer) targetGroup(tg elb.TargetGroup) {
	p.line(1, "target group %s", p.paint(strong, tg.Name))
	protocol := tg.Protocol
	if tg.ProtocolVersion != "" && tg.ProtocolVersion != "HTTP1" {
		protocol += " " + tg.ProtocolVersion
	}
	p.line(2, "%s to %s", protocol, target(tg))
	h := tg.HealthCheck
	check := h.Protocol + " on " + healthPort(h.Port)
	if h.Path != "" {
		check += " " + h.Path
	}
	if h.Matcher != "" {
		check += " expects " + h.Matcher
	}
	p.line(2, "%s %s; every %d s, waits %d s, healthy after %d, unhealthy after %d", p.paint(faint, "health check"), check,
		h.IntervalSeconds, h.TimeoutSeconds, h.HealthyThreshold, h.UnhealthyThreshold)
	p.pairs(2, "attributes", tg.Attributes)
	p.pairs(2, "tags", tg.Tags)
}

// namedPort is the port that the controller gives a target group whose targets each have their own.
const namedPort = 1

func target(tg elb.TargetGroup) string {
	switch {
	case tg.TargetType == "instance" && tg.Port == 0:
		return "instances, on a node port that Kubernetes chooses"
	case tg.TargetType == "instance":
		return fmt.Sprintf("instances, on node port %d", tg.Port)
	case tg.TargetType == "alb":
		return fmt.Sprintf("the ALB of the same stack, on port %d", tg.Port)
	case tg.Port == namedPort:
		return "pods, on the port that each names"
	}
	return fmt.Sprintf("pods, on port %d", tg.Port)
}

func healthPort(port string) string {
	switch port {
	case "traffic-port":
		return "the traffic port"
	case "0":
		return "a node port that Kubernetes chooses"
	}
	return "port " + port
}
