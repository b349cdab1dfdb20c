// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plan

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	lb "github.com/istio-aws/istio-aws/internal/loadbalancer"
)

var zones = []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}

const (
	everybody = "0.0.0.0/0"
	tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06" // the chart's default
)

// pace is how fast a load balancer notices that a gateway comes or goes.
type pace struct {
	interval, timeout, unhealthy int32
	delay                        string // of deregistration, in seconds
}

var (
	albPace = pace{15, 5, 2, "30"} // the chart's defaults
	nlbPace = pace{10, 6, 2, "30"}
	labPace = pace{5, 2, 2, "5"} // as fast as AWS allows
)

// ready is the health check of every gateway. The success codes differ between ALB and NLB.
func ready(port, codes string, p pace) lb.HealthCheck {
	return lb.HealthCheck{
		Protocol: "HTTP", Port: port, Path: "/healthz/ready", Matcher: codes,
		IntervalSeconds: p.interval, TimeoutSeconds: p.timeout, HealthyThreshold: 2, UnhealthyThreshold: p.unhealthy,
	}
}

func forward(group string) []lb.Action { return share(group, 1, "", 0) }

// share forwards to a target group and, if it is named, to the one of a canary.
func share(group string, weight int32, canary string, canaryWeight int32) []lb.Action {
	to := []lb.Weighted{{TargetGroup: group, Weight: weight}}
	if canary != "" {
		to = append(to, lb.Weighted{TargetGroup: canary, Weight: canaryWeight})
	}
	return []lb.Action{{Type: "forward", Forward: to}}
}

func notFound(body string) []lb.Action {
	return []lb.Action{{Type: "fixed-response", FixedResponse: &lb.FixedResponse{StatusCode: 404, ContentType: "text/plain", Body: body}}}
}

// managed is the security group that the controller makes: TCP ports from sources.
func managed(sources []string, ports ...int32) []lb.SecurityGroup {
	if sources == nil {
		sources = []string{everybody}
	}
	var rules []lb.InboundRule
	for _, port := range ports {
		for _, source := range sources {
			rules = append(rules, lb.InboundRule{Protocol: "tcp", FromPort: port, ToPort: port, Source: source})
		}
	}
	return []lb.SecurityGroup{{Managed: true, Inbound: rules}}
}

// alb is an ALB that ends TLS and redirects HTTP to it.
type alb struct {
	stack, scheme, name string
	certificates        []string
	policy              string // default: the chart's
	sources             []string
	webACL              string
	tags, attributes    map[string]string
	rules               []lb.Rule // priorities are given by their order
	groups              []lb.TargetGroup
}

func (a alb) balancer() lb.LoadBalancer {
	for i := range a.rules {
		a.rules[i].Priority = int32(i) + 1
	}
	if a.policy == "" {
		a.policy = tlsPolicy
	}
	for i := range a.groups {
		a.groups[i].Tags = a.tags
	}
	return lb.LoadBalancer{
		Stack: a.stack, Name: a.name, Type: lb.Application, Scheme: a.scheme, IPAddressType: "ipv4", Zones: zones,
		SecurityGroups: managed(a.sources, 80, 443), WebACL: a.webACL, Tags: a.tags, Attributes: a.attributes,
		Listeners: []lb.Listener{
			{Port: 80, Protocol: "HTTP", DefaultActions: []lb.Action{{Type: "redirect", Redirect: &lb.Redirect{Protocol: "HTTPS", Port: "443", StatusCode: 301}}}},
			{Port: 443, Protocol: "HTTPS", SSLPolicy: a.policy, Certificates: a.certificates, Rules: a.rules, DefaultActions: notFound("")},
		},
		TargetGroups: a.groups,
	}
}

// rule acts on every path of a host, or on some.
func rule(host string, actions []lb.Action, paths ...string) lb.Rule {
	if paths == nil {
		paths = []string{"/*"}
	}
	return lb.Rule{Conditions: []lb.Condition{{Field: "host-header", Values: []string{host}}, {Field: "path-pattern", Values: paths}}, Actions: actions}
}

// pods are the target group of an ALB's gateway.
func pods(name string, p pace) lb.TargetGroup {
	return lb.TargetGroup{
		Name: name, TargetType: "ip", Protocol: "HTTP", ProtocolVersion: "HTTP1", Port: 80, HealthCheck: ready("15021", "200", p),
		Attributes: map[string]string{"deregistration_delay.timeout_seconds": p.delay},
	}
}

// nodePortALB sends every host to a node port that Kubernetes chooses and checks a fixed one.
func nodePortALB(stack, scheme, group, statusNodePort string) lb.LoadBalancer {
	return lb.LoadBalancer{
		Stack: stack, Type: lb.Application, Scheme: scheme, IPAddressType: "ipv4", Zones: zones,
		SecurityGroups: managed(nil, 80),
		Listeners: []lb.Listener{{
			Port: 80, Protocol: "HTTP",
			Rules:          []lb.Rule{{Priority: 1, Conditions: []lb.Condition{{Field: "path-pattern", Values: []string{"/*"}}}, Actions: forward(group)}},
			DefaultActions: notFound(""),
		}},
		TargetGroups: []lb.TargetGroup{{
			Name: group, TargetType: "instance", Protocol: "HTTP", ProtocolVersion: "HTTP1", Port: 0, HealthCheck: ready(statusNodePort, "200", albPace),
			Attributes: map[string]string{"deregistration_delay.timeout_seconds": albPace.delay},
		}},
	}
}

// nlb is an NLB in front of pods. The health check's listener is always there.
type nlb struct {
	stack, scheme, name  string
	certificates         []string
	policy, alpn         string
	sources, zones       []string
	tags, attributes     map[string]string
	pace                 pace
	ports                []port
	canary               string // stack of the second release's Service
	weight, canaryWeight int32
	elasticIPs           []string // by zone
}

// port is a listener, TCP or TLS, and the pods' port that it leads to.
type port struct {
	protocol       string
	number, target int32
	proxyProtocol  bool
}

func (n nlb) balancer() lb.LoadBalancer {
	n.ports = append(slices.Clone(n.ports), port{"TCP", 15021, 15021, false})
	if n.zones == nil {
		n.zones = zones
	}
	if n.policy == "" {
		n.policy = tlsPolicy
	}
	out := lb.LoadBalancer{
		Stack: n.stack, Name: n.name, Type: lb.Network, Scheme: n.scheme, IPAddressType: "ipv4", Zones: n.zones, Tags: n.tags, Attributes: n.attributes,
	}
	for i, id := range n.elasticIPs {
		out.Addresses = append(out.Addresses, lb.Address{Zone: n.zones[i], AllocationID: id})
	}
	var numbers []int32
	for _, p := range n.ports {
		numbers = append(numbers, p.number)
		group := n.group(n.stack, p)
		listener := lb.Listener{Port: p.number, Protocol: p.protocol, DefaultActions: forward(group.Name)}
		if p.protocol == "TLS" {
			listener.SSLPolicy, listener.ALPNPolicy, listener.Certificates = n.policy, n.alpn, n.certificates
		}
		out.TargetGroups = append(out.TargetGroups, group)
		if n.canary != "" && p.number != 15021 {
			other := n.group(n.canary, p)
			listener.DefaultActions = share(group.Name, n.weight, other.Name, n.canaryWeight)
			out.TargetGroups = append(out.TargetGroups, other)
		}
		out.Listeners = append(out.Listeners, listener)
	}
	slices.SortFunc(out.TargetGroups, func(a, b lb.TargetGroup) int { return strings.Compare(a.Name, b.Name) })
	out.SecurityGroups = managed(n.sources, numbers...)
	return out
}

func (n nlb) group(stack string, p port) lb.TargetGroup {
	attributes := map[string]string{"deregistration_delay.timeout_seconds": n.pace.delay}
	if p.proxyProtocol {
		attributes["proxy_protocol_v2.enabled"] = "true"
	}
	return lb.TargetGroup{
		Name: stack + ":" + strconv.Itoa(int(p.number)), TargetType: "ip", Protocol: "TCP", Port: p.target,
		HealthCheck: ready("15021", "200-399", n.pace), Attributes: attributes, Tags: n.tags,
	}
}

// with is a copy of attributes and some more.
func with(all map[string]string, more map[string]string) map[string]string {
	out := maps.Clone(all)
	maps.Copy(out, more)
	return out
}
