// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plan

import (
	lb "github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/plan"
)

// arn is an ACM certificate of the presets.
func arn(id string) []string { return []string{"arn:aws:acm:eu-west-1:111122223333:certificate/" + id} }

var (
	crossZone      = map[string]string{"load_balancing.cross_zone.enabled": "true"}
	web            = []port{{"TCP", 80, 8080, false}, {"TLS", 443, 8443, false}}
	productionTags = map[string]string{"Team": "shop", "Stage": "production", "CostCenter": "4711"}
)

// logged are the attributes that every load balancer of the preset production has.
func logged(prefix string, more map[string]string) map[string]string {
	return with(map[string]string{
		"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "shop-elb-logs-111122223333", "access_logs.s3.prefix": prefix, "deletion_protection.enabled": "true",
	}, more)
}

var dropped = map[string]string{"routing.http.drop_invalid_header_fields.enabled": "true"}

const (
	publicGroup   = "istio-system/istio-ingress-alb-public:http2"
	internalGroup = "istio-system/istio-ingress-alb-internal:http2"
)

// presets are the load balancers of each file in values/. Those of development and external-load-balancer are made elsewhere or not at all.
var presets = map[string][]lb.LoadBalancer{
	"development":            nil,
	"external-load-balancer": nil,

	"alb-public": {alb{
		stack: "istio-system/alb-public", scheme: "internet-facing", name: "metashare", certificates: arn("11111111-2222-3333-4444-555555555555"),
		tags:   map[string]string{"Team": "Metashare", "Stage": "test"},
		rules:  []lb.Rule{rule("*.example.com", forward(publicGroup)), rule("example.com", forward(publicGroup))},
		groups: []lb.TargetGroup{pods(publicGroup, albPace)},
	}.balancer()},

	// Each Ingress of the group names the certificate, and the controller adds it for each.
	"alb-internal-shared-group": {alb{
		stack: "platform-internal", scheme: "internal", name: "platform-internal", sources: []string{"10.0.0.0/8"},
		certificates: append(arn("22222222-3333-4444-5555-666666666666"), arn("22222222-3333-4444-5555-666666666666")...),
		tags:         map[string]string{"Team": "platform", "Stage": "production"},
		rules: []lb.Rule{
			rule("ledger.internal.example.com", forward("istio-system/alb-internal-grpc-istio-ingress-alb-internal-grpc:http2")),
			rule("*.internal.example.com", forward("istio-system/alb-internal-istio-ingress-alb-internal:http2")),
		},
		groups: []lb.TargetGroup{
			overGRPC(pods("istio-system/alb-internal-grpc-istio-ingress-alb-internal-grpc:http2", albPace)),
			pods("istio-system/alb-internal-istio-ingress-alb-internal:http2", albPace),
		},
	}.balancer()},

	"argocd": {alb{
		stack: "istio-system/alb-public", scheme: "internet-facing", name: "shop", certificates: arn("11111111-2222-3333-4444-555555555555"),
		rules:  []lb.Rule{rule("shop.example.com", forward(publicGroup))},
		groups: []lb.TargetGroup{pods(publicGroup, albPace)},
	}.balancer()},

	"canary": {
		alb{
			stack: "istio-system/alb-public", scheme: "internet-facing", name: "shop", certificates: arn("11111111-2222-3333-4444-555555555555"),
			rules:  []lb.Rule{rule("shop.example.com", share(publicGroup, 90, "istio-system/istio-ingress-alb-public-canary:80", 10))},
			groups: []lb.TargetGroup{pods("istio-system/istio-ingress-alb-public-canary:80", albPace), pods(publicGroup, albPace)},
		}.balancer(),
		nlb{
			stack: "istio-system/istio-ingress-nlb-internal", scheme: "internal", name: "shop-internal", certificates: arn("99999999-0000-1111-2222-333333333333"),
			ports: []port{{"TLS", 443, 8443, false}}, pace: nlbPace,
			canary: "istio-system/istio-ingress-nlb-internal-canary", weight: 90, canaryWeight: 10,
		}.balancer(),
	},

	"eks-auto-mode": {
		alb{
			stack: "istio-system/alb-public", scheme: "internet-facing", certificates: arn("88888888-9999-0000-1111-222222222222"), tags: map[string]string{"Team": "shop"},
			rules:  []lb.Rule{rule("shop.example.com", forward(publicGroup))},
			groups: []lb.TargetGroup{pods(publicGroup, albPace)},
		}.balancer(),
		nlb{
			stack: "istio-system/istio-ingress-nlb-internal", scheme: "internal", sources: []string{"10.0.0.0/8"}, certificates: arn("99999999-0000-1111-2222-333333333333"),
			ports: []port{{"TLS", 443, 8443, false}}, pace: nlbPace,
		}.balancer(),
	},

	"kind": {
		alb{
			stack: "istio-system/alb-public", scheme: "internet-facing", name: "lab-alb-public", certificates: arn("11111111-2222-3333-4444-555555555555"),
			rules:  []lb.Rule{rule("*.example.com", forward(publicGroup)), rule("example.com", forward(publicGroup))},
			groups: []lb.TargetGroup{pods(publicGroup, labPace)},
		}.balancer(),
		nlb{
			stack: "istio-system/istio-ingress-nlb-internal", scheme: "internal", name: "lab-nlb-internal", certificates: arn("11111111-2222-3333-4444-555555555555"),
			ports: web, pace: labPace,
		}.balancer(),
	},

	"mtls-permissive": {alb{
		stack: "istio-system/alb-internal", scheme: "internal", name: "migration", sources: []string{"10.0.0.0/8"}, certificates: arn("55555555-6666-7777-8888-999999999999"),
		rules:  []lb.Rule{rule("*.internal.example.com", forward(internalGroup))},
		groups: []lb.TargetGroup{pods(internalGroup, albPace)},
	}.balancer()},

	"nlb-proxy-protocol": {
		nlb{
			stack: "istio-system/istio-ingress-nlb-internal", scheme: "internal", name: "edge-internal", sources: []string{"10.0.0.0/8"}, attributes: crossZone,
			certificates: arn("44444444-5555-6666-7777-888888888888"), ports: []port{{"TCP", 80, 8080, true}, {"TLS", 443, 8443, true}}, pace: nlbPace,
		}.balancer(),
		nlb{
			stack: "istio-system/istio-ingress-nlb-public", scheme: "internet-facing", name: "edge", attributes: crossZone,
			certificates: arn("44444444-5555-6666-7777-888888888888"), ports: []port{{"TLS", 443, 8443, true}}, pace: nlbPace,
		}.balancer(),
	},

	"nlb-tls": {nlb{
		stack: "istio-system/istio-ingress-nlb-public", scheme: "internet-facing", name: "partner-api", zones: zones[:2], attributes: crossZone,
		certificates: arn("33333333-4444-5555-6666-777777777777"), alpn: "HTTP2Preferred", tags: map[string]string{"Team": "partners"},
		ports: []port{{"TCP", 80, 8080, false}, {"TLS", 443, 8443, false}, {"TCP", 9092, 9092, false}}, pace: nlbPace,
		elasticIPs: []string{"eipalloc-0a1b2c3d4e5f60001", "eipalloc-0a1b2c3d4e5f60002"},
	}.balancer()},

	"production": {
		alb{
			stack: "istio-system/alb-internal", scheme: "internal", name: "shop-internal", sources: []string{"10.0.0.0/8"}, certificates: arn("66666666-7777-8888-9999-000000000002"),
			tags: productionTags, attributes: logged("internal", dropped),
			rules:  []lb.Rule{rule("*.shop.internal.example.com", forward(internalGroup))},
			groups: []lb.TargetGroup{pods(internalGroup, albPace)},
		}.balancer(),
		alb{
			stack: "istio-system/alb-public", scheme: "internet-facing", name: "shop-public", certificates: arn("66666666-7777-8888-9999-000000000001"),
			policy: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", tags: productionTags, attributes: logged("public", dropped),
			webACL: "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/77777777-8888-9999-0000-111111111111",
			rules: []lb.Rule{
				rule("shop.example.com", notFound("not found"), "/admin", "/admin/*"), rule("www.shop.example.com", notFound("not found"), "/admin", "/admin/*"),
				rule("shop.example.com", forward(publicGroup)), rule("www.shop.example.com", forward(publicGroup)),
			},
			groups: []lb.TargetGroup{pods(publicGroup, pace{10, 5, 3, "30"})},
		}.balancer(),
		nlb{
			stack: "istio-system/istio-ingress-nlb-internal", scheme: "internal", name: "shop-internal-nlb", sources: []string{"10.0.0.0/8"}, certificates: arn("66666666-7777-8888-9999-000000000002"),
			tags: productionTags, attributes: logged("internal-nlb", crossZone),
			ports: []port{{"TLS", 443, 8443, false}, {"TCP", 5432, 5432, false}}, pace: nlbPace,
		}.balancer(),
	},

	"three-gateways": {
		nodePortALB("istio-system/alb-internal", "internal", "istio-system/istio-ingressgateway-alb:http2", "30621"),
		nodePortALB("istio-system/alb-public", "internet-facing", "istio-system/istio-ingressgateway-ext-alb:http2", "30622"),
		nlb{
			stack: "istio-system/istio-ingressgateway", scheme: "internal", name: "istio-ingress-nlb", sources: []string{"10.0.0.0/8", "172.16.0.0/12"}, attributes: crossZone,
			certificates: arn("66666666-7777-8888-9999-000000000000"), policy: "ELBSecurityPolicy-2016-08", ports: web, pace: nlbPace,
		}.balancer(),
	},

	"tls-at-gateway": {
		nlb{
			stack: "istio-system/istio-ingress-nlb-internal", scheme: "internal", name: "tls-at-workload", sources: []string{"10.0.0.0/8"},
			ports: []port{{"TCP", 443, 8443, false}}, pace: nlbPace,
		}.balancer(),
		nlb{
			stack: "istio-system/istio-ingress-nlb-public", scheme: "internet-facing", name: "tls-at-gateway", attributes: crossZone,
			ports: []port{{"TCP", 80, 8080, false}, {"TCP", 443, 8443, false}}, pace: nlbPace,
		}.balancer(),
	},
}

// isAutoModes is what the plan says of a load balancer whose maker it cannot ask.
const isAutoModes = "EKS Auto Mode makes its load balancer, with a controller that is AWS's own and closed: this is what the AWS Load Balancer Controller would make of it"

// warnings are what the plan has to say of presets; of others it says nothing.
var warnings = map[string][]plan.Warning{
	"eks-auto-mode": {{Object: "Ingress istio-system/alb-public", Message: isAutoModes}, {Object: "Service istio-system/istio-ingress-nlb-internal", Message: isAutoModes}},
	"external-load-balancer": {{
		Object:  "TargetGroupBinding istio-system/nlb-internal-https-3c20d3f3",
		Message: "targets of Service istio-system/istio-ingress-nlb-internal, port https, are registered in target group arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-internal-https/0123456789abcdef, which was made elsewhere and is not planned",
	}},
}

// overGRPC is a target group that speaks gRPC, and whose health check does too, at the port of the requests.
func overGRPC(group lb.TargetGroup) lb.TargetGroup {
	group.ProtocolVersion = "GRPC"
	group.HealthCheck.Port, group.HealthCheck.Path, group.HealthCheck.Matcher = "traffic-port", "/AWS.ALB/healthcheck", "0-99"
	return group
}
