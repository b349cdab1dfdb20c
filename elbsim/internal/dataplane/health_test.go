// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane_test

import (
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestRow50HealthOfTargets(t *testing.T) {
	notFound := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	tests := []struct {
		name    string
		network bool
		health  http.HandlerFunc
		edit    func(*elb.LoadBalancer)
		want    elb.Health
	}{
		{name: "row 48: the first success makes a new target healthy", edit: func(lb *elb.LoadBalancer) {
			lb.TargetGroups[0].HealthCheck.HealthyThreshold, lb.TargetGroups[0].HealthCheck.IntervalSeconds = 10, 300
		}, want: elb.Health{State: elb.Healthy}},
		{name: "row 50: an ALB names the codes of a failed check", health: notFound,
			want: elb.Health{State: elb.Unhealthy, Reason: "Target.ResponseCodeMismatch", Description: "Health checks failed with these codes: [404]"}},
		{name: "row 50: an ALB names a check that timed out", health: hang, edit: func(lb *elb.LoadBalancer) { lb.TargetGroups[0].HealthCheck.TimeoutSeconds = 1 },
			want: elb.Health{State: elb.Unhealthy, Reason: "Target.Timeout", Description: "Request timed out"}},
		{name: "row 50: an ALB cannot connect", edit: func(lb *elb.LoadBalancer) { lb.TargetGroups[0].HealthCheck.Port = "1" },
			want: elb.Health{State: elb.Unhealthy, Reason: "Target.FailedHealthChecks", Description: "Health checks failed"}},
		{name: "row 48: the matcher may be a list of codes and ranges", health: notFound, edit: func(lb *elb.LoadBalancer) { lb.TargetGroups[0].HealthCheck.Matcher = "200,402-499" },
			want: elb.Health{State: elb.Healthy}},
		{name: "row 67: an NLB's HTTP check", network: true, want: elb.Health{State: elb.Healthy}},
		{name: "row 67: an NLB's TCP check", network: true, health: notFound, edit: func(lb *elb.LoadBalancer) { lb.TargetGroups[0].HealthCheck.Protocol = "TCP" },
			want: elb.Health{State: elb.Healthy}},
		{name: "row 67: an NLB has one reason for all failures", network: true, health: notFound,
			want: elb.Health{State: elb.Unhealthy, Reason: "Target.FailedHealthChecks", Description: "Health checks failed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target := server(t, "one", tt.health)
			lb := alb(t, target)
			if tt.network {
				lb = nlb(t, target)
			}
			if tt.edit != nil {
				tt.edit(&lb)
			}
			p := plane(t, noLag)
			apply(t, p, lb)
			eventuallyHealth(t, p, lb, target, tt.want)
			requireBody(t, addressOf(lb), "one") // rows 46, 68: also from one that is not healthy
		})
	}
}

func TestRow46UnhealthyTargetsGetNothingWhileOthersAreHealthy(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	sick := server(t, "sick", func(w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	well := server(t, "well", nil)
	lb := alb(t, sick, well)
	p := plane(t, noLag)
	apply(t, p, lb)
	eventuallyHealth(t, p, lb, sick, elb.Health{State: elb.Healthy})
	eventuallyHealth(t, p, lb, well, elb.Health{State: elb.Healthy})
	require.Eventually(t, func() bool { _, body, err := get(addressOf(lb)); return err == nil && body == "sick" }, patience, tick)

	broken.Store(true)
	eventuallyHealth(t, p, lb, sick, elb.Health{State: elb.Unhealthy, Reason: "Target.ResponseCodeMismatch", Description: "Health checks failed with these codes: [503]"})
	for range 20 {
		requireBody(t, addressOf(lb), "well")
	}
	broken.Store(false)
	eventuallyHealth(t, p, lb, sick, elb.Health{State: elb.Healthy})
}

func TestRow47CheckRequests(t *testing.T) {
	tests := []struct {
		name    string
		network bool
		host    func(lb elb.LoadBalancer, target elb.Target) string
	}{
		{"row 47: an ALB's Host is the target's address with the port of the check", false,
			func(_ elb.LoadBalancer, target elb.Target) string { return addressOf(loadBalancerAt(target)) }},
		{"row 67: an NLB's Host is its own address with the listener's port", true,
			func(lb elb.LoadBalancer, _ elb.Target) string { return addressOf(lb) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			type seen struct{ method, host, agent, peer string }
			requests := make(chan seen, 100)
			target := server(t, "one", func(_ http.ResponseWriter, r *http.Request) {
				requests <- seen{r.Method, r.Host, r.UserAgent(), r.RemoteAddr}
			})
			lb := alb(t, target)
			if tt.network {
				lb = nlb(t, target)
			}
			apply(t, plane(t, noLag), lb)
			first, second := <-requests, <-requests
			assert.Equal(t, seen{http.MethodGet, tt.host(lb, target), "ELB-HealthChecker/2.0", first.peer}, first)
			assert.NotEqual(t, first.peer, second.peer, "each check has a new connection")
			assert.Contains(t, first.peer, lb.Addresses[0].IP+":", "checks come from the load balancer")
		})
	}
}

// loadBalancerAt lets addressOf format a target's address.
func loadBalancerAt(target elb.Target) elb.LoadBalancer {
	return elb.LoadBalancer{Addresses: []elb.Address{{IP: target.Address}}, Listeners: []elb.Listener{{Port: target.Port}}}
}

func TestRow47EveryNodeChecksEveryTarget(t *testing.T) {
	for name, kind := range map[string]func(*testing.T, ...elb.Target) elb.LoadBalancer{"row 47: ALB": alb, "row 67: NLB": nlb} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			type seen struct{ peer, host string }
			requests := make(chan seen, 100)
			target := server(t, "one", func(_ http.ResponseWriter, r *http.Request) {
				peer, _, err := net.SplitHostPort(r.RemoteAddr)
				if err != nil {
					peer = err.Error() // compared below
				}
				select {
				case requests <- seen{peer, r.Host}:
				default: // the test has seen enough
				}
			})
			lb := kind(t, target)
			second, _ := freeAddress(t)
			lb.Addresses = append(lb.Addresses, elb.Address{Zone: "eu-west-1b", IP: second})
			apply(t, plane(t, noLag), lb)
			host, deadline := map[string]string{}, time.After(patience)
			for len(host) < 2 {
				select {
				case r := <-requests:
					host[r.peer] = r.host
				case <-deadline:
					require.Fail(t, "only some nodes check", "%v", host)
				}
			}
			require.Contains(t, host, lb.Addresses[0].IP)
			require.Contains(t, host, second)
			if lb.Type == elb.Network {
				assert.Contains(t, host[second], second+":", "row 67: each node names itself")
			}
		})
	}
}

func TestRow50TargetInAZoneThatIsNotEnabledIsUnused(t *testing.T) {
	t.Parallel()
	elsewhere := server(t, "elsewhere", nil)
	elsewhere.Zone = "eu-west-1c"
	lb := alb(t, elsewhere)
	p := plane(t, noLag)
	apply(t, p, lb)
	assert.Equal(t, elb.Health{State: elb.Unused, Reason: "Target.NotInUse", Description: "Target is in an Availability Zone that is not enabled for the load balancer"},
		p.Health(lb.TargetGroups[0].ARN, elsewhere))
	status, _, err := get(addressOf(lb))
	require.NoError(t, err)
	assert.Equal(t, http.StatusServiceUnavailable, status, "it gets nothing, although cross-zone is on")
}

func TestRow50TargetWithoutAddressIsUnused(t *testing.T) {
	t.Parallel()
	nowhere := elb.Target{ID: "i-0123456789abcdef0", Port: 30080}
	lb := alb(t, nowhere)
	p := plane(t, noLag)
	apply(t, p, lb)
	assert.Equal(t, elb.Unused, p.Health(lb.TargetGroups[0].ARN, nowhere).State)
	status, _, err := get(addressOf(lb))
	require.NoError(t, err)
	assert.Equal(t, http.StatusServiceUnavailable, status, "row 34")
}

func TestRow53DrainingTargetIsDraining(t *testing.T) {
	t.Parallel()
	target := server(t, "one", nil)
	lb := alb(t, target)
	p := plane(t, noLag)
	apply(t, p, lb)
	eventuallyHealth(t, p, lb, target, elb.Health{State: elb.Healthy})
	lb.TargetGroups[0].Targets[0].Health.State = elb.Draining
	apply(t, p, lb)
	assert.Equal(t, elb.Draining, p.Health(lb.TargetGroups[0].ARN, target).State)
	lb.TargetGroups[0].Targets[0].Health.State = ""
	apply(t, p, lb)
	eventuallyHealth(t, p, lb, target, elb.Health{State: elb.Healthy})
}

func TestRow68ZoneWithoutHealthyTargetsLeavesDNS(t *testing.T) {
	t.Parallel()
	p := plane(t, noLag)
	well, sick := server(t, "one", nil), targetAt(t, "127.0.0.1:1")
	sick.Zone = "eu-west-1b"
	lb := nlb(t, well, sick)
	second, _ := freeAddress(t)
	lb.Addresses = append(lb.Addresses, elb.Address{Zone: "eu-west-1b", IP: second})
	apply(t, p, lb)
	arn := lb.TargetGroups[0].ARN
	eventuallyHealth(t, p, lb, well, elb.Health{State: elb.Healthy})
	require.Eventually(t, func() bool { return p.InDNS(arn, "eu-west-1a") && !p.InDNS(arn, "eu-west-1b") }, patience, tick)
	assert.False(t, p.InDNS(arn, "eu-west-1c"), "a zone without targets")
	lb.Attributes = map[string]string{"load_balancing.cross_zone.enabled": "true"}
	apply(t, p, lb)
	require.Eventually(t, func() bool { return p.InDNS(arn, "eu-west-1b") }, patience, tick, "with cross-zone the targets of other zones count")
}

func TestRow67PassiveChecks(t *testing.T) {
	for _, tt := range []struct {
		name       string
		attributes map[string]string
		want       elb.HealthState
	}{
		{"row 67: connections that a target refuses count as failed checks", nil, elb.Unhealthy},
		{"row 67: not in a group with stickiness", map[string]string{"stickiness.enabled": "true"}, elb.Healthy},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := plane(t, noLag)
			check, err := net.Listen("tcp", "127.0.0.2:0") // where the target is checked, and always well
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, check.Close()) })
			deaf := targetAt(t, check.Addr().String())
			deaf.Port = 1
			lb := nlb(t, deaf)
			hc := &lb.TargetGroups[0].HealthCheck
			hc.Protocol, hc.Port, hc.IntervalSeconds = "TCP", strconv.Itoa(check.Addr().(*net.TCPAddr).Port), 3000
			lb.TargetGroups[0].Attributes = tt.attributes
			apply(t, p, lb)
			eventuallyHealth(t, p, lb, deaf, elb.Health{State: elb.Healthy})
			for range 20 {
				_, _, err := get(addressOf(lb))
				require.Error(t, err, "the target refuses")
			}
			if tt.want == elb.Healthy {
				assert.Equal(t, elb.Health{State: elb.Healthy}, p.Health(lb.TargetGroups[0].ARN, deaf))
				return
			}
			eventuallyHealth(t, p, lb, deaf, elb.Health{State: elb.Unhealthy, Reason: "Target.FailedHealthChecks", Description: "Health checks failed"})
		})
	}
}
