// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane_test

import (
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// outage is a plane of whose targets one can be taken away.
func outage(t *testing.T, gone elb.Target) (*dataplane.Plane, *atomic.Value) {
	t.Helper()
	var mode atomic.Value
	mode.Store(target.Outage(""))
	opts := noLag
	opts.ConnectTimeout = 200 * time.Millisecond
	opts.Outage = func(group, id, address, _ string) target.Outage {
		if group != "shop/echo:80" || id != gone.ID || address != gone.Address {
			return ""
		}
		return mode.Load().(target.Outage)
	}
	return plane(t, opts), &mode
}

func TestATargetThatIsTakenAwayIsUnhealthyAndComesBack(t *testing.T) {
	failed := elb.Health{State: elb.Unhealthy, Reason: "Target.FailedHealthChecks", Description: "Health checks failed"}
	timedOut := elb.Health{State: elb.Unhealthy, Reason: "Target.Timeout", Description: "Request timed out"}
	for _, c := range []struct {
		name   string
		mode   target.Outage
		nlb    bool
		want   elb.Health
		status int
	}{
		{name: "an ALB's silent target", mode: target.Drop, want: timedOut, status: http.StatusGatewayTimeout},
		{name: "an ALB's target that refuses", mode: target.Refuse, want: failed, status: http.StatusBadGateway},
		{name: "an ALB's target that resets", mode: target.Reset, want: failed, status: http.StatusBadGateway},
		{name: "an NLB's silent target", mode: target.Drop, nlb: true, want: failed},
		{name: "an NLB's target that refuses", mode: target.Refuse, nlb: true, want: failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			one := server(t, "one", nil)
			p, mode := outage(t, one)
			lb := alb(t, one)
			if c.nlb {
				lb = nlb(t, one)
			}
			lb.TargetGroups[0].HealthCheck.TimeoutSeconds = 2
			apply(t, p, lb)
			eventuallyHealth(t, p, lb, one, elb.Health{State: elb.Healthy})
			requireBody(t, addressOf(lb), "one")

			mode.Store(c.mode)
			apply(t, p, lb)
			eventuallyHealth(t, p, lb, one, c.want)
			resp, err := http.Get("http://" + addressOf(lb)) // it is the only one, so it still gets the request
			if c.nlb {
				require.Error(t, err)
			} else {
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				assert.Equal(t, c.status, resp.StatusCode)
			}

			mode.Store(target.Outage(""))
			eventuallyHealth(t, p, lb, one, elb.Health{State: elb.Healthy})
			requireBody(t, addressOf(lb), "one")
		})
	}
}

func TestConnectionsToATargetThatIsTakenAwayEnd(t *testing.T) {
	t.Parallel()
	one := server(t, "one", nil)
	p, mode := outage(t, one)
	lb := nlb(t, one)
	apply(t, p, lb)
	c, err := net.Dial("tcp", addressOf(lb))
	require.NoError(t, err)
	defer func() { _ = c.Close() }() // it is over
	_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	_, err = c.Read(make([]byte, 1))
	require.NoError(t, err)

	mode.Store(target.Drop)
	apply(t, p, lb)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(patience)))
	_, err = io.Copy(io.Discard, c)
	require.Error(t, err)
	var timeout net.Error
	assert.False(t, assert.ErrorAs(t, err, &timeout) && timeout.Timeout(), "reset, not waited for")
}

func TestTargetsOfAZoneWhoseAddressIsTakenAwayAreStillUsed(t *testing.T) {
	t.Parallel()
	one := server(t, "one", nil)
	one.Zone = "eu-west-1b"
	lb := alb(t, one)
	lb.Zones = []string{"eu-west-1a", "eu-west-1b"} // and one address, in a
	p := plane(t, noLag)
	apply(t, p, lb)
	eventuallyHealth(t, p, lb, one, elb.Health{State: elb.Healthy})
}
