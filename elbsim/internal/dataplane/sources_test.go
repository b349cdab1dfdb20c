// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane_test

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestRow73ClientsOutsideTheSourceRangesGetNoAnswer(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(*testing.T, ...elb.Target) elb.LoadBalancer{"ALB": alb, "NLB": nlb} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plane(t, noLag)
			lb := make(t, server(t, "one", nil))
			lb.SecurityGroups = from("127.0.0.1/32", "10.0.0.0/8")
			apply(t, p, lb)
			require.NoError(t, connect(lb, "127.0.0.1", patience))
			require.ErrorContains(t, connect(lb, "127.0.0.9", silence), "i/o timeout")

			lb.SecurityGroups = from("127.0.0.8/30")
			apply(t, p, lb)
			require.NoError(t, connect(lb, "127.0.0.9", patience), "after the ranges have changed")
			require.ErrorContains(t, connect(lb, "127.0.0.1", silence), "i/o timeout")

			lb.SecurityGroups = []elb.SecurityGroup{{Inbound: []elb.InboundRule{{Protocol: "tcp", FromPort: 1, ToPort: 2, Source: "0.0.0.0/0"}}}}
			apply(t, p, lb)
			require.ErrorContains(t, connect(lb, "127.0.0.1", silence), "i/o timeout", "rules for other ports")
		})
	}
}

// silence is how long a connection attempt that is to get no answer waits for one.
const silence = 500 * time.Millisecond

// connect connects from an address within a limit.
func connect(lb elb.LoadBalancer, source string, limit time.Duration) error {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: limit}
	c, err := d.Dial("tcp", addressOf(lb))
	if err != nil {
		return err
	}
	return c.Close()
}

func TestRow73SourcesThatAreNoAddresses(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer // only Apply logs, and it does not run by itself
	inside := netip.MustParsePrefix("127.0.0.9/32")
	p := plane(t, dataplane.Options{Log: slog.New(slog.NewTextHandler(&text, nil)), Members: func(source string) ([]netip.Prefix, bool) {
		return []netip.Prefix{inside}, source == "sg-inside"
	}})
	lb := nlb(t, witness(t, "127.0.0.1"))
	lb.SecurityGroups = from("sg-inside", "pl-unknown")
	apply(t, p, lb)
	apply(t, p, lb)
	require.NoError(t, connect(lb, "127.0.0.9", patience), "a member")
	require.ErrorContains(t, connect(lb, "127.0.0.1", silence), "i/o timeout", "no member")
	assert.Equal(t, 1, strings.Count(text.String(), "source=pl-unknown"), text.String())
	assert.Contains(t, text.String(), "listener="+strconv.Itoa(int(lb.Listeners[0].Port)))
	assert.NotContains(t, text.String(), "sg-inside")

	inside = netip.MustParsePrefix("127.0.0.1/32")
	apply(t, p, lb)
	require.NoError(t, connect(lb, "127.0.0.1", patience), "a new member")
}
