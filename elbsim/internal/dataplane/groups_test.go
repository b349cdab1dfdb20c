// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// twoZones gives a load balancer a second node, and returns the addresses of both listeners.
func twoZones(t *testing.T, lb *elb.LoadBalancer) (first, second string) {
	t.Helper()
	ip, _ := freeAddress(t)
	lb.Addresses = append(lb.Addresses, elb.Address{Zone: "eu-west-1b", IP: ip})
	return addressOf(*lb), net.JoinHostPort(ip, strconv.Itoa(int(lb.Listeners[0].Port)))
}

func TestCrossZoneAttributes(t *testing.T) {
	const key = "load_balancing.cross_zone.enabled"
	tests := []struct {
		name      string
		kind      func(*testing.T, ...elb.Target) elb.LoadBalancer
		lb, group map[string]string
		crosses   bool
	}{
		{"row 55: an ALB crosses zones", alb, nil, nil, true},
		{"row 55: unless the group switches it off", alb, nil, map[string]string{key: "false"}, false},
		{"row 71: an NLB does not cross zones", nlb, nil, nil, false},
		{"row 71: unless it is switched on", nlb, map[string]string{key: "true"}, nil, true},
		{"row 71: the group inherits it", nlb, map[string]string{key: "true"}, map[string]string{key: "use_load_balancer_configuration"}, true},
		{"row 71: the group's setting beats the load balancer's, off", nlb, map[string]string{key: "true"}, map[string]string{key: "false"}, false},
		{"row 71: the group's setting beats the load balancer's, on", nlb, nil, map[string]string{key: "true"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lb := tt.kind(t, server(t, "one", nil))
			lb.Attributes, lb.TargetGroups[0].Attributes = tt.lb, tt.group
			own, other := twoZones(t, &lb)
			apply(t, plane(t, noLag), lb)
			requireBody(t, own, "one")
			if tt.crosses {
				requireBody(t, other, "one")
				return
			}
			status, _, err := get(other)
			if lb.Type == elb.Application {
				require.NoError(t, err)
				assert.Equal(t, http.StatusServiceUnavailable, status)
				return
			}
			assert.Error(t, err)
		})
	}
}

func TestRow46MinimumOfHealthyTargets(t *testing.T) {
	const prefix = "target_group_health.unhealthy_state_routing.minimum_healthy_targets."
	sick := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }
	tests := []struct {
		name       string
		attributes map[string]string
		failsOpen  bool
	}{
		{"row 46: by default one healthy target is enough", nil, false},
		{"row 46: not with a minimum count of two", map[string]string{prefix + "count": "2"}, true},
		{"row 46: not with a minimum percentage above its share", map[string]string{prefix + "percentage": "51"}, true},
		{"row 46: with a minimum percentage of its share", map[string]string{prefix + "percentage": "50"}, false},
		{"row 46: off is no minimum", map[string]string{prefix + "percentage": "off"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			well, ill := server(t, "well", nil), server(t, "ill", sick)
			lb := alb(t, well, ill)
			lb.TargetGroups[0].Attributes = tt.attributes
			p := plane(t, noLag)
			apply(t, p, lb)
			eventuallyHealth(t, p, lb, well, elb.Health{State: elb.Healthy})
			require.Eventually(t, func() bool { return p.Health(lb.TargetGroups[0].ARN, ill).State == elb.Unhealthy }, patience, tick)
			got := map[string]bool{}
			for range 10 {
				_, body, err := get(addressOf(lb))
				require.NoError(t, err)
				got[body] = true
			}
			assert.Equal(t, tt.failsOpen, got["ill"])
			assert.True(t, got["well"])
		})
	}
}

func TestRow51AlgorithmAttribute(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, 100), make(chan struct{})
	letGo := sync.OnceFunc(func() { close(release) })
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			arrived <- struct{}{}
			<-release
		}
	}))
	t.Cleanup(s.Close)
	t.Cleanup(letGo)
	slow, quick := targetAt(t, s.Listener.Addr().String()), server(t, "quick", nil)
	lb := alb(t, slow, quick)
	lb.TargetGroups[0].Attributes = map[string]string{"load_balancing.algorithm.type": "least_outstanding_requests"}
	p := plane(t, noLag)
	apply(t, p, lb)
	eventuallyHealth(t, p, lb, slow, elb.Health{State: elb.Healthy})
	eventuallyHealth(t, p, lb, quick, elb.Health{State: elb.Healthy})
	held := make(chan error, 1)
	go func() {
		for {
			_, body, err := get(addressOf(lb))
			if body != "quick" || err != nil {
				held <- err
				return
			}
		}
	}()
	<-arrived
	for range 10 {
		requireBody(t, addressOf(lb), "quick") // by turns, one would wait at the slow target
	}
	letGo()
	require.NoError(t, <-held)
}

func TestRow70TerminationAttribute(t *testing.T) {
	for name, terminate := range map[string]bool{"row 70: connections outlive the delay": false, "row 70: unless termination is on": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, fresh := server(t, "old", nil), server(t, "fresh", nil)
			lb := nlb(t, old)
			lb.TargetGroups[0].Attributes = map[string]string{"deregistration_delay.connection_termination.enabled": strconv.FormatBool(terminate)}
			p := plane(t, noLag)
			apply(t, p, lb)
			keep := &http.Client{Transport: &http.Transport{}, Timeout: patience}
			t.Cleanup(keep.CloseIdleConnections)
			ask := func() string {
				resp, err := keep.Get("http://" + addressOf(lb) + "/")
				require.NoError(t, err)
				body := make([]byte, 16)
				n, _ := resp.Body.Read(body) // compared by the test
				require.NoError(t, resp.Body.Close())
				return string(body[:n])
			}
			require.Equal(t, "old", ask())
			lb.TargetGroups[0].Targets = []elb.Target{fresh}
			apply(t, p, lb)
			if terminate {
				require.Eventually(t, func() bool { return ask() == "fresh" }, patience, tick, "the old connection was cut")
				return
			}
			require.Equal(t, "old", ask(), "on the old connection")
			requireBody(t, addressOf(lb), "fresh")
		})
	}
}
