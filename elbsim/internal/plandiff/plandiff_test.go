// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plandiff_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/plandiff"
)

// web is an ALB of one Ingress.
func web() elb.LoadBalancer {
	return elb.LoadBalancer{
		Stack: "shop/web", Type: elb.Application, Scheme: "internal", IPAddressType: "ipv4", Zones: []string{"a", "b"},
		Objects: []string{"Ingress shop/web"}, ARN: "arn:1", Attributes: map[string]string{"idle_timeout.timeout_seconds": "120"},
		SecurityGroups: []elb.SecurityGroup{{Managed: true, Inbound: []elb.InboundRule{{Protocol: "tcp", FromPort: 80, ToPort: 80, Source: "10.0.0.0/8"}}}},
		Listeners: []elb.Listener{{Port: 80, Protocol: "HTTP",
			Rules:          []elb.Rule{rule(1, "/a", "shop/a:80"), rule(2, "/b", "shop/b:80")},
			DefaultActions: []elb.Action{{Type: "fixed-response", FixedResponse: &elb.FixedResponse{StatusCode: 404}}}}},
		TargetGroups: []elb.TargetGroup{group("shop/a:80"), group("shop/b:80")},
	}
}

func rule(priority int32, path, to string) elb.Rule {
	return elb.Rule{Priority: priority, Conditions: []elb.Condition{{Field: "path-pattern", Values: []string{path}}},
		Actions: []elb.Action{{Type: "forward", Forward: []elb.Weighted{{TargetGroup: to, Weight: 1}}}}}
}

func group(name string) elb.TargetGroup {
	return elb.TargetGroup{Name: name, ARN: "arn:" + name, TargetType: "ip", Protocol: "HTTP", Port: 8080,
		HealthCheck: elb.HealthCheck{Protocol: "HTTP", Port: "traffic-port", Path: "/", Matcher: "200", IntervalSeconds: 15, TimeoutSeconds: 5, HealthyThreshold: 2, UnhealthyThreshold: 2}}
}

func plan(lbs ...elb.LoadBalancer) elb.Plan { return elb.Plan{LoadBalancers: lbs} }

// edited is web with an edit.
func edited(edit func(*elb.LoadBalancer)) elb.LoadBalancer {
	lb := web()
	edit(&lb)
	return lb
}

func TestWhatDoesNotChangeIsLeftOut(t *testing.T) {
	d := plandiff.Compare(plan(web()), plan(web()))
	assert.Empty(t, d.Changes)
	assert.False(t, d.Any())
}

func TestChangesInPlace(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*elb.LoadBalancer)
		want []plandiff.Detail
	}{
		{"an attribute gets another value", func(lb *elb.LoadBalancer) { lb.Attributes["idle_timeout.timeout_seconds"] = "30" },
			[]plandiff.Detail{{Action: plandiff.Update, What: "attribute idle_timeout.timeout_seconds", Old: "120", New: "30"}}},
		{"an attribute goes back to AWS's default", func(lb *elb.LoadBalancer) { lb.Attributes = nil },
			[]plandiff.Detail{{Action: plandiff.Update, What: "attribute idle_timeout.timeout_seconds", Old: "120", New: "AWS's default"}}},
		{"a tag comes", func(lb *elb.LoadBalancer) { lb.Tags = map[string]string{"Team": "shop"} },
			[]plandiff.Detail{{Action: plandiff.Create, What: "tag Team", New: "shop"}}},
		{"a zone goes, which clients notice", func(lb *elb.LoadBalancer) { lb.Zones = []string{"a"} },
			[]plandiff.Detail{{Action: plandiff.Delete, What: "zone", Old: "b", Traffic: "clients that still use the address in that zone get no answer"}}},
		{"a source range is narrowed, which clients notice", func(lb *elb.LoadBalancer) { lb.SecurityGroups[0].Inbound[0].Source = "10.1.0.0/16" },
			[]plandiff.Detail{
				{Action: plandiff.Delete, What: "inbound", Old: "tcp 80 from 10.0.0.0/8", Traffic: "clients that only this rule let in get no answer"},
				{Action: plandiff.Create, What: "inbound", New: "tcp 80 from 10.1.0.0/16"}}},
		{"a listener goes, which clients notice", func(lb *elb.LoadBalancer) { lb.Listeners = nil },
			[]plandiff.Detail{{Action: plandiff.Delete, What: "listener", Old: "HTTP 80", Traffic: "clients of port 80 get no answer"}}},
		{"a rule in front moves the others and is the only change", func(lb *elb.LoadBalancer) {
			lb.Listeners[0].Rules = []elb.Rule{rule(1, "/new", "shop/a:80"), rule(2, "/a", "shop/a:80"), rule(3, "/b", "shop/b:80")}
		}, []plandiff.Detail{{Action: plandiff.Create, What: "listener HTTP 80: rule", New: "path /new → shop/a:80"}}},
		{"a rule goes", func(lb *elb.LoadBalancer) { lb.Listeners[0].Rules = lb.Listeners[0].Rules[1:] },
			[]plandiff.Detail{{Action: plandiff.Delete, What: "listener HTTP 80: rule", Old: "path /a → shop/a:80"}}},
		{"a rule forwards to another target group", func(lb *elb.LoadBalancer) { lb.Listeners[0].Rules[0] = rule(1, "/a", "shop/b:80") },
			[]plandiff.Detail{{Action: plandiff.Update, What: "listener HTTP 80: rule path /a", Old: "shop/a:80", New: "shop/b:80"}}},
		{"two rules change places", func(lb *elb.LoadBalancer) {
			r := lb.Listeners[0].Rules
			r[0], r[1] = r[1], r[0]
		}, []plandiff.Detail{{Action: plandiff.Update, What: "listener HTTP 80: order of rules", New: "another rule now comes before: path /a",
			Traffic: "requests that match both rules take the other one"}}},
		{"a health check's path", func(lb *elb.LoadBalancer) { lb.TargetGroups[0].HealthCheck.Path = "/healthz" },
			[]plandiff.Detail{{Action: plandiff.Update, What: "target group shop/a:80: health check path", Old: "/", New: "/healthz"}}},
		{"a target group is replaced, which clients notice", func(lb *elb.LoadBalancer) {
			lb.TargetGroups[0].Protocol, lb.TargetGroups[0].ARN = "HTTPS", "arn:other"
		}, []plandiff.Detail{
			{Action: plandiff.Replace, What: "target group", Old: "shop/a:80", New: "shop/a:80", Traffic: "until targets are registered in the new target group its requests are answered 503 (seconds)"},
			{Action: plandiff.Update, What: "target group shop/a:80: protocol", Old: "HTTP", New: "HTTPS"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := plandiff.Compare(plan(web()), plan(edited(c.edit)))
			if !assert.Len(t, d.Changes, 1) {
				return
			}
			assert.Equal(t, plandiff.Update, d.Changes[0].Action)
			assert.Equal(t, c.want, d.Changes[0].Details)
			assert.True(t, d.Any())
		})
	}
}

func TestReplacementsSayWhyAndWhatClientsNotice(t *testing.T) {
	for _, c := range []struct {
		name    string
		edit    func(*elb.LoadBalancer)
		reasons []string
		from    string
	}{
		{"scheme", func(lb *elb.LoadBalancer) { lb.Scheme, lb.ARN = "internet-facing", "arn:2" },
			[]string{"scheme: internal → internet-facing; AWS cannot change it"}, ""},
		{"group", func(lb *elb.LoadBalancer) { lb.Stack, lb.ARN = "edge", "arn:2" },
			[]string{"group: none (shop/web) → edge; a load balancer belongs to one group"}, "shop/web"},
		{"type", func(lb *elb.LoadBalancer) {
			lb.Type, lb.ARN, lb.Objects = elb.Network, "arn:2", []string{"Service shop/web"}
		}, []string{"type: application → network (Ingress shop/web → Service shop/web)"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := plandiff.Compare(plan(web()), plan(edited(c.edit)))
			if !assert.Len(t, d.Changes, 1) {
				return
			}
			got := d.Changes[0]
			assert.Equal(t, plandiff.Replace, got.Action)
			assert.Equal(t, c.reasons, got.Reasons)
			assert.Equal(t, c.from, got.From)
			assert.Contains(t, strings.Join(got.Traffic, "\n"), "addresses stop answering")
		})
	}
}

// secure is web with a listener of these certificates.
func secure(certificates ...string) elb.LoadBalancer {
	return edited(func(lb *elb.LoadBalancer) {
		lb.Listeners[0].Protocol, lb.Listeners[0].Certificates = "HTTPS", certificates
	})
}

func TestCertificates(t *testing.T) {
	const shown = "clients that ask for a host that only this certificate covers are shown another, and refuse it"
	const at = "listener HTTPS 80: "
	renewed := plandiff.Detail{Action: plandiff.Update, What: at + "default certificate", Old: "a", New: "b"}
	for _, c := range []struct {
		name     string
		old, now []string
		want     []plandiff.Detail
	}{
		{"one in the place of the other", []string{"a"}, []string{"b"}, []plandiff.Detail{renewed}},
		{"another becomes the default", []string{"a", "b"}, []string{"b", "a"}, []plandiff.Detail{renewed}},
		{"the default goes, the other stays", []string{"a", "b"}, []string{"b"}, []plandiff.Detail{renewed, {Action: plandiff.Delete, What: at + "certificate", Old: "a", Traffic: shown}}},
		{"a new default before the old", []string{"a"}, []string{"b", "a"}, []plandiff.Detail{renewed}},
		{"one more", []string{"a"}, []string{"a", "b"}, []plandiff.Detail{{Action: plandiff.Create, What: at + "certificate", New: "b"}}},
		{"one less, which clients notice", []string{"a", "b"}, []string{"a"}, []plandiff.Detail{{Action: plandiff.Delete, What: at + "certificate", Old: "b", Traffic: shown}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := plandiff.Compare(plan(secure(c.old...)), plan(secure(c.now...)))
			if assert.Len(t, d.Changes, 1) {
				assert.Equal(t, c.want, d.Changes[0].Details)
			}
		})
	}
}

func TestDeletions(t *testing.T) {
	protected := edited(func(lb *elb.LoadBalancer) { lb.Attributes["deletion_protection.enabled"] = "true" })
	d := plandiff.Compare(plan(protected), plan())
	if assert.Len(t, d.Changes, 1) {
		assert.Equal(t, plandiff.Delete, d.Changes[0].Action)
		assert.Equal(t, []string{"no longer asked for: Ingress shop/web", "deletion protection does not stop this: the controller switches it off and deletes"}, d.Changes[0].Reasons)
	}

	passedOver := elb.Plan{Warnings: []elb.Warning{{Object: "Ingress shop/web", Message: "an annotation is unknown"}, {Object: "Ingress shop/web", Message: `passed over: its class "nginx" is another controller's`}}}
	d = plandiff.Compare(plan(web()), passedOver)
	if assert.Len(t, d.Changes, 1) {
		assert.Equal(t, []string{`Ingress shop/web: passed over: its class "nginx" is another controller's`}, d.Changes[0].Reasons)
	}
}

func TestAnIngressThatJoinsAGroupThatExists(t *testing.T) {
	edge := edited(func(lb *elb.LoadBalancer) {
		lb.Stack, lb.ARN, lb.Objects = "edge", "arn:edge", []string{"Ingress shop/api"}
	})
	joined := edge
	joined.Objects = []string{"Ingress shop/api", "Ingress shop/web"}
	joined.Listeners = []elb.Listener{{Port: 80, Protocol: "HTTP", Rules: append(web().Listeners[0].Rules, rule(3, "/c", "shop/a:80")), DefaultActions: web().Listeners[0].DefaultActions}}
	d := plandiff.Compare(plan(edge, web()), plan(joined))
	if assert.Len(t, d.Changes, 2) {
		assert.Equal(t, plandiff.Update, d.Changes[0].Action)
		assert.Equal(t, plandiff.Delete, d.Changes[1].Action)
		assert.Equal(t, []string{"group: none (shop/web) → edge, whose load balancer takes over"}, d.Changes[1].Reasons)
	}
}

func TestWhatIsRejectedKeepsItsLoadBalancer(t *testing.T) {
	rejected := elb.Plan{Rejections: []elb.Rejection{{Object: "Ingress shop/web", Stage: "model", Message: "no"}}}
	d := plandiff.Compare(plan(web()), rejected)
	if assert.Len(t, d.Changes, 1) {
		assert.Equal(t, plandiff.Keep, d.Changes[0].Action)
		assert.Equal(t, []string{"Ingress shop/web is rejected (model); until that is mended the load balancer follows no change"}, d.Changes[0].Reasons)
	}
	assert.False(t, d.Any())
	assert.Equal(t, rejected.Rejections, d.Rejections)
}

func TestANewLoadBalancerIsDescribedWhole(t *testing.T) {
	d := plandiff.Compare(plan(), plan(web()))
	if assert.Len(t, d.Changes, 1) {
		assert.Equal(t, plandiff.Create, d.Changes[0].Action)
		assert.Contains(t, d.Changes[0].Details, plandiff.Detail{Action: plandiff.Create, What: "listener", New: "HTTP 80"})
		assert.Contains(t, d.Changes[0].Details, plandiff.Detail{Action: plandiff.Create, What: "scheme", New: "internal"})
		assert.Contains(t, d.Changes[0].Details, plandiff.Detail{Action: plandiff.Create, What: "attribute idle_timeout.timeout_seconds", New: "120"})
	}
}
