// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plan

import lb "github.com/istio-aws/istio-aws/internal/loadbalancer"

var zones = []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}

const everybody = "0.0.0.0/0"

// pace is how fast a load balancer notices that a gateway comes or goes.
type pace struct {
	interval, timeout int32
	delay             string // of deregistration, in seconds
}

var (
	albPace = pace{15, 5, "30"} // the chart's defaults
	nlbPace = pace{10, 6, "30"}
	labPace = pace{5, 2, "5"} // as fast as AWS allows
)

// presets are the load balancers of each file in values/.
var presets = map[string][]lb.LoadBalancer{
	"alb-public": {publicALB(
		"metashare", map[string]string{"Team": "Metashare", "Stage": "test"},
		"arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555", albPace,
	)},
	"kind": {
		publicALB("lab-alb-public", nil, "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555", labPace),
		internalNLB(nlb{
			stack: "istio-system/istio-ingress-nlb-internal", name: "lab-nlb-internal", sources: []string{everybody},
			certificate: "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555",
			policy:      "ELBSecurityPolicy-TLS13-1-2-2021-06", pace: labPace,
		}),
	},
	"three-gateways": {
		nodePortALB("istio-system/alb-internal", "internal", "istio-system/istio-ingressgateway-alb:http2", "30621"),
		nodePortALB("istio-system/alb-public", "internet-facing", "istio-system/istio-ingressgateway-ext-alb:http2", "30622"),
		internalNLB(nlb{
			stack: "istio-system/istio-ingressgateway", name: "istio-ingress-nlb", sources: []string{"10.0.0.0/8", "172.16.0.0/12"},
			certificate: "arn:aws:acm:eu-west-1:111122223333:certificate/66666666-7777-8888-9999-000000000000",
			policy:      "ELBSecurityPolicy-2016-08", pace: nlbPace, crossZone: true,
		}),
	},
}

// ready is the health check of every gateway. The success codes differ between ALB and NLB.
func ready(port, codes string, p pace) lb.HealthCheck {
	return lb.HealthCheck{
		Protocol: "HTTP", Port: port, Path: "/healthz/ready", Matcher: codes,
		IntervalSeconds: p.interval, TimeoutSeconds: p.timeout, HealthyThreshold: 2, UnhealthyThreshold: 2,
	}
}

func forward(group string) []lb.Action {
	return []lb.Action{{Type: "forward", Forward: []lb.Weighted{{TargetGroup: group, Weight: 1}}}}
}

func notFound() []lb.Action {
	return []lb.Action{{Type: "fixed-response", FixedResponse: &lb.FixedResponse{StatusCode: 404, ContentType: "text/plain"}}}
}

// managed is the security group that the controller makes: TCP ports from sources.
func managed(sources []string, ports ...int32) []lb.SecurityGroup {
	var rules []lb.InboundRule
	for _, port := range ports {
		for _, source := range sources {
			rules = append(rules, lb.InboundRule{Protocol: "tcp", FromPort: port, ToPort: port, Source: source})
		}
	}
	return []lb.SecurityGroup{{Managed: true, Inbound: rules}}
}

// publicALB ends TLS for *.example.com and example.com, redirects HTTP to it and sends the rest to
// the gateway's pods.
func publicALB(name string, tags map[string]string, certificate string, p pace) lb.LoadBalancer {
	const group = "istio-system/istio-ingress-alb-public:http2"
	host := func(priority int32, host string) lb.Rule {
		return lb.Rule{
			Priority:   priority,
			Conditions: []lb.Condition{{Field: "host-header", Values: []string{host}}, {Field: "path-pattern", Values: []string{"/*"}}},
			Actions:    forward(group),
		}
	}
	return lb.LoadBalancer{
		Stack: "istio-system/alb-public", Name: name, Type: lb.Application, Scheme: "internet-facing", IPAddressType: "ipv4", Zones: zones,
		SecurityGroups: managed([]string{everybody}, 80, 443),
		Tags:           tags,
		Listeners: []lb.Listener{
			{
				Port: 80, Protocol: "HTTP",
				DefaultActions: []lb.Action{{Type: "redirect", Redirect: &lb.Redirect{Protocol: "HTTPS", Port: "443", StatusCode: 301}}},
			},
			{
				Port: 443, Protocol: "HTTPS", SSLPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06", Certificates: []string{certificate},
				Rules:          []lb.Rule{host(1, "*.example.com"), host(2, "example.com")},
				DefaultActions: notFound(),
			},
		},
		TargetGroups: []lb.TargetGroup{{
			Name: group, TargetType: "ip", Protocol: "HTTP", ProtocolVersion: "HTTP1", Port: 80, HealthCheck: ready("15021", "200", p),
			Attributes: map[string]string{"deregistration_delay.timeout_seconds": p.delay}, Tags: tags,
		}},
	}
}

// nodePortALB sends every host to a node port that Kubernetes chooses and checks a fixed one.
func nodePortALB(stack, scheme, group, statusNodePort string) lb.LoadBalancer {
	return lb.LoadBalancer{
		Stack: stack, Type: lb.Application, Scheme: scheme, IPAddressType: "ipv4", Zones: zones,
		SecurityGroups: managed([]string{everybody}, 80),
		Listeners: []lb.Listener{{
			Port: 80, Protocol: "HTTP",
			Rules:          []lb.Rule{{Priority: 1, Conditions: []lb.Condition{{Field: "path-pattern", Values: []string{"/*"}}}, Actions: forward(group)}},
			DefaultActions: notFound(),
		}},
		TargetGroups: []lb.TargetGroup{{
			Name: group, TargetType: "instance", Protocol: "HTTP", ProtocolVersion: "HTTP1", Port: 0, HealthCheck: ready(statusNodePort, "200", albPace),
			Attributes: map[string]string{"deregistration_delay.timeout_seconds": albPace.delay},
		}},
	}
}

type nlb struct {
	stack, name, certificate, policy string
	sources                          []string
	pace                             pace
	crossZone                        bool
}

// internalNLB serves the status port, 80 to 8080 and, ending TLS, 443 to 8443 of the gateway's pods.
func internalNLB(x nlb) lb.LoadBalancer {
	group := func(port string, target int32) lb.TargetGroup {
		return lb.TargetGroup{
			Name: x.stack + ":" + port, TargetType: "ip", Protocol: "TCP", Port: target,
			HealthCheck: ready("15021", "200-399", x.pace),
			Attributes:  map[string]string{"deregistration_delay.timeout_seconds": x.pace.delay},
		}
	}
	out := lb.LoadBalancer{
		Stack: x.stack, Name: x.name, Type: lb.Network, Scheme: "internal", IPAddressType: "ipv4", Zones: zones,
		SecurityGroups: managed(x.sources, 80, 443, 15021),
		Listeners: []lb.Listener{
			{Port: 80, Protocol: "TCP", DefaultActions: forward(x.stack + ":80")},
			{Port: 443, Protocol: "TLS", SSLPolicy: x.policy, Certificates: []string{x.certificate}, DefaultActions: forward(x.stack + ":443")},
			{Port: 15021, Protocol: "TCP", DefaultActions: forward(x.stack + ":15021")},
		},
		TargetGroups: []lb.TargetGroup{group("15021", 15021), group("443", 8443), group("80", 8080)},
	}
	if x.crossZone {
		out.Attributes = map[string]string{"load_balancing.cross_zone.enabled": "true"}
	}
	return out
}
