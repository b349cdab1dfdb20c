// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package contract_test

import "github.com/istio-aws/istio-aws/elbsim/internal/elb"

const certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"

// sample sets every field of the vocabulary at least once.
var sample = []elb.LoadBalancer{
	{
		Stack: "shop/tcp", Type: elb.Network, Scheme: "internal", IPAddressType: "ipv4", Zones: []string{"eu-west-1a"},
		Listeners: []elb.Listener{{
			Port: 443, Protocol: "TLS", Certificates: []string{certificate}, SSLPolicy: "ELBSecurityPolicy-2016-08", ALPNPolicy: "HTTP2Preferred",
			DefaultActions: []elb.Action{{Type: "forward", Forward: []elb.Weighted{{TargetGroup: "shop/tcp:443", Weight: 1}}}},
		}},
		TargetGroups: []elb.TargetGroup{{
			Name: "shop/tcp:443", TargetType: "ip", Protocol: "TCP", Port: 8443,
			HealthCheck: elb.HealthCheck{Protocol: "TCP", Port: "traffic-port", IntervalSeconds: 10, TimeoutSeconds: 10, HealthyThreshold: 3, UnhealthyThreshold: 3},
			ARN:         "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/k8s-shop-tcp-0123456789/0123456789abcdef",
		}},
		ARN:     "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/k8s-shop-tcp-0123456789/0123456789abcdef",
		DNSName: "k8s-shop-tcp-0123456789-0123456789abcdef.elb.eu-west-1.amazonaws.com", State: "provisioning",
	},
	{
		Stack: "shop/web", Name: "shop", Type: elb.Application, Scheme: "internet-facing", IPAddressType: "ipv4", Zones: []string{"eu-west-1a", "eu-west-1b"},
		SecurityGroups: []elb.SecurityGroup{
			{Managed: true, Inbound: []elb.InboundRule{{Protocol: "tcp", FromPort: 443, ToPort: 443, Source: "0.0.0.0/0"}}},
			{ID: "sg-0123456789abcdef0"},
		},
		Attributes: map[string]string{"idle_timeout.timeout_seconds": "120"},
		Tags:       map[string]string{"Team": "shop"},
		Objects:    []string{"Ingress shop/web"},
		WebACL:     "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/11111111-2222-3333-4444-555555555555",
		Listeners: []elb.Listener{{
			Port: 443, Protocol: "HTTPS", Certificates: []string{certificate}, SSLPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06", MutualTLS: "verify",
			TrustStore: &elb.TrustStore{ARN: "arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/partners/0123456789abcdef", IgnoreExpiry: true, AdvertiseNames: true},
			Attributes: map[string]string{"routing.http.response.server.enabled": "false"},
			Rules: []elb.Rule{
				{
					Priority: 1,
					Conditions: []elb.Condition{
						{Field: "host-header", Values: []string{"*.example.com"}},
						{Field: "path-pattern", Regex: []string{"^/old/"}},
						{Field: "http-header", Header: "x-canary", Values: []string{"yes"}},
						{Field: "query-string", Query: []elb.QueryPair{{Key: "v", Value: "2"}}},
					},
					Transforms: []elb.Transform{{Type: "url-rewrite", Rewrites: []elb.Rewrite{{Regex: "^/old/", Replace: "/new/"}}}},
					Actions:    []elb.Action{{Type: "forward", Forward: []elb.Weighted{{TargetGroup: "shop/web:80", Weight: 90}, {TargetGroup: "shop/api:80", Weight: 10}}, StickySeconds: 600}},
				},
				{
					Priority:   2,
					Conditions: []elb.Condition{{Field: "path-pattern", Values: []string{"/moved"}}},
					Actions:    []elb.Action{{Type: "redirect", Redirect: &elb.Redirect{Protocol: "HTTPS", Host: "new.example.com", Port: "8443", Path: "/#{path}", Query: "from=old", StatusCode: 302}}},
				},
			},
			DefaultActions: []elb.Action{
				{Type: "jwt-validation", JWT: &elb.JWTValidation{JWKSEndpoint: "https://idp.example.com/keys", Issuer: "https://idp.example.com", Claims: []elb.JWTClaim{{Name: "aud", Format: "single-string", Values: []string{"shop"}}}}},
				{Type: "authenticate-cognito", Authenticate: &elb.Authentication{
					UserPool: "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_shop", Issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_shop",
					AuthorizationEndpoint: "https://login.example.com/oauth2/authorize", TokenEndpoint: "https://login.example.com/oauth2/token", UserInfoEndpoint: "https://login.example.com/oauth2/userInfo",
					ClientID: "shop", ClientSecret: "not in JSON", Scope: "openid", SessionCookie: "AWSELBAuthSessionCookie", SessionSeconds: 604800, OnUnauthenticated: "authenticate",
					ExtraParams: map[string]string{"prompt": "login"},
				}},
				{Type: "fixed-response", FixedResponse: &elb.FixedResponse{StatusCode: 404, ContentType: "text/plain", Body: "nothing here"}},
			},
		}},
		TargetGroups: []elb.TargetGroup{{
			Name: "shop/web:80", TargetType: "instance", Protocol: "HTTP", ProtocolVersion: "HTTP1", Port: 31080,
			HealthCheck: elb.HealthCheck{Protocol: "HTTP", Port: "30621", Path: "/healthz/ready", Matcher: "200", IntervalSeconds: 15, TimeoutSeconds: 5, HealthyThreshold: 2, UnhealthyThreshold: 2},
			Attributes:  map[string]string{"deregistration_delay.timeout_seconds": "30"},
			Tags:        map[string]string{"Team": "shop"},
			ARN:         "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/k8s-shop-web-0123456789/0123456789abcdef",
			Targets: []elb.Target{{
				ID: "i-0123456789abcdef0", Address: "172.19.0.3", Port: 31080, Zone: "eu-west-1a",
				Health: elb.Health{State: elb.Unhealthy, Reason: "Target.ResponseCodeMismatch", Description: "Health checks failed with these codes: [503]"},
			}},
		}},
		ARN:     "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/0123456789abcdef",
		DNSName: "shop-0123456789.eu-west-1.elb.amazonaws.com", State: "active",
		Addresses: []elb.Address{
			{Zone: "eu-west-1a", IP: "172.19.128.1", InDNS: true, AllocationID: "eipalloc-0123456789abcdef0"},
			{Zone: "eu-west-1b", IP: "172.19.128.2", PrivateIPv4: "192.168.5.10", DNSName: "eu-west-1b.shop-0123456789abcdef.elb.eu-west-1.amazonaws.com"},
		},
	},
}
