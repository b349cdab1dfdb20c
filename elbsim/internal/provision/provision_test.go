// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/network"
)

// world stands for account, network and data plane, and keeps what is done to them in order.
type world struct {
	gone  string // zone
	waits string // load balancer

	mu       sync.Mutex
	lbs      []elb.LoadBalancer
	did      []string
	applyErr error
}

func (w *world) log(format string, args ...any) { w.did = append(w.did, fmt.Sprintf(format, args...)) }

func (w *world) LoadBalancers() []elb.LoadBalancer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]elb.LoadBalancer(nil), w.lbs...)
}

func (w *world) Apply(_ context.Context, lbs []elb.LoadBalancer) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var served []string
	for _, lb := range lbs {
		for _, a := range lb.Addresses {
			served = append(served, a.Zone+"="+a.IP)
		}
	}
	w.log("serve %v", served)
	return w.applyErr
}

func (w *world) setLoadBalancers(lbs ...elb.LoadBalancer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lbs = lbs
}

func (w *world) setApplyError(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.applyErr = err
}

// done is what happened since it was last asked.
func (w *world) done() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	did := w.did
	w.did = nil
	return did
}

type worldAccount struct{ *world }

func (w worldAccount) SetAddresses(arn string, addresses []elb.Address) {
	w.mu.Lock()
	defer w.mu.Unlock()
	told := slices.Clone(addresses)
	var zones []string
	for i, a := range told {
		zones = append(zones, a.Zone+"="+a.IP)
		told[i].InDNS = true // an account knows more of an address
	}
	w.log("tell %s %v", arn, zones)
	for i := range w.lbs {
		if w.lbs[i].ARN == arn {
			w.lbs[i].Addresses = told
		}
	}
}

func (w worldAccount) Provisioning(arn string) bool { return arn == w.waits }

type worldNetwork struct{ *world }

func (w worldNetwork) SetAddresses(want []netip.Addr) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log("answer on %v", want)
	return nil
}

func newProvisioner(t *testing.T, w *world, cidr string) *Provisioner {
	t.Helper()
	pool, err := network.NewPool(netip.MustParsePrefix(cidr))
	require.NoError(t, err)
	return &Provisioner{
		Account: worldAccount{w}, Pool: pool, Network: worldNetwork{w}, Plane: w,
		ZoneGone: func(zone string) bool { return zone == w.gone },
		Log:      slog.New(slog.DiscardHandler), Retry: time.Millisecond,
	}
}

func lb(arn string, zones ...string) elb.LoadBalancer {
	return elb.LoadBalancer{ARN: arn, Stack: "shop/" + arn, Zones: zones}
}

func TestLoadBalancersGetAnAddressPerZoneAndAreServedBeforeTheAccountHearsOfIt(t *testing.T) {
	w := &world{lbs: []elb.LoadBalancer{lb("one", "a", "b"), lb("two", "a")}}
	p := newProvisioner(t, w, "10.0.0.0/24")
	require.NoError(t, p.provision(t.Context()))
	assert.Equal(t, []string{
		"answer on [10.0.0.1 10.0.0.2 10.0.0.3]",
		"serve [a=10.0.0.1 b=10.0.0.2 a=10.0.0.3]",
		"answer on [10.0.0.1 10.0.0.2 10.0.0.3]",
		"tell one [a=10.0.0.1 b=10.0.0.2]",
		"tell two [a=10.0.0.3]",
	}, w.done())
}

func TestAddressesAreStableAndToldOnce(t *testing.T) {
	w := &world{lbs: []elb.LoadBalancer{lb("one", "a")}}
	p := newProvisioner(t, w, "10.0.0.0/24")
	require.NoError(t, p.provision(t.Context()))
	w.done()
	require.NoError(t, p.provision(t.Context()))
	assert.Equal(t, []string{"answer on [10.0.0.1]", "serve [a=10.0.0.1]", "answer on [10.0.0.1]"}, w.done())
}

func TestLoadBalancersOfARunBeforeKeepTheirAddresses(t *testing.T) {
	old := lb("old", "a", "b")
	old.Addresses = []elb.Address{{Zone: "a", IP: "10.0.0.7"}, {Zone: "b", IP: "10.0.0.1"}}
	moved := lb("moved", "a")
	moved.Addresses = []elb.Address{{Zone: "a", IP: "192.0.2.1"}} // the range is another one now
	w := &world{lbs: []elb.LoadBalancer{lb("new", "a"), moved, old}}
	p := newProvisioner(t, w, "10.0.0.0/24")
	require.NoError(t, p.provision(t.Context()))
	assert.Equal(t, []string{
		"answer on [10.0.0.2 10.0.0.3 10.0.0.7 10.0.0.1]",
		"serve [a=10.0.0.2 a=10.0.0.3 a=10.0.0.7 b=10.0.0.1]",
		"answer on [10.0.0.2 10.0.0.3 10.0.0.7 10.0.0.1]",
		"tell new [a=10.0.0.2]",
		"tell moved [a=10.0.0.3]",
	}, w.done())
}

func TestNobodyAnswersInAZoneThatIsTakenAway(t *testing.T) {
	w := &world{lbs: []elb.LoadBalancer{lb("one", "a", "b")}}
	p := newProvisioner(t, w, "10.0.0.0/24")
	require.NoError(t, p.provision(t.Context()))
	w.done()
	w.gone = "a"
	require.NoError(t, p.provision(t.Context()))
	assert.Equal(t, []string{
		"answer on [10.0.0.2 10.0.0.1]", "serve [b=10.0.0.2]", "answer on [10.0.0.2]",
	}, w.done(), "the account is not told: the load balancer keeps its addresses")
	w.gone = ""
	require.NoError(t, p.provision(t.Context()))
	assert.Equal(t, []string{
		"answer on [10.0.0.1 10.0.0.2]", "serve [a=10.0.0.1 b=10.0.0.2]", "answer on [10.0.0.1 10.0.0.2]",
	}, w.done())
}

func TestALoadBalancerIsServedWhenItIsProvisioned(t *testing.T) {
	w := &world{lbs: []elb.LoadBalancer{lb("one", "a"), lb("two", "a")}, waits: "one"}
	p := newProvisioner(t, w, "10.0.0.0/24")
	require.NoError(t, p.provision(t.Context()))
	assert.Equal(t, []string{
		"answer on [10.0.0.2]", "serve [a=10.0.0.2]", "answer on [10.0.0.2]", "tell two [a=10.0.0.2]",
	}, w.done())
	w.waits = ""
	require.NoError(t, p.provision(t.Context()))
	assert.Contains(t, w.done(), "tell one [a=10.0.0.1]")
}

func TestAddressOfADeletedLoadBalancerGoesAfterItsListeners(t *testing.T) {
	w := &world{lbs: []elb.LoadBalancer{lb("one", "a"), lb("two", "a")}}
	p := newProvisioner(t, w, "10.0.0.0/24")
	require.NoError(t, p.provision(t.Context()))
	w.done()
	w.setLoadBalancers(lb("two", "a"), lb("three", "a"))
	require.NoError(t, p.provision(t.Context()))
	assert.Equal(t, []string{
		"answer on [10.0.0.2 10.0.0.3 10.0.0.1]",
		"serve [a=10.0.0.2 a=10.0.0.3]",
		"answer on [10.0.0.2 10.0.0.3]",
		"tell two [a=10.0.0.2]",
		"tell three [a=10.0.0.3]",
	}, w.done())
}

func TestListenerThatIsNotServedHoldsNothingElseUp(t *testing.T) {
	w := &world{lbs: []elb.LoadBalancer{lb("one", "a")}}
	p := newProvisioner(t, w, "10.0.0.0/24")
	require.NoError(t, p.provision(t.Context()))
	w.done()
	w.setLoadBalancers(lb("two", "a"))
	w.setApplyError(errors.New("port 80 is taken"))
	require.ErrorContains(t, p.provision(t.Context()), "serve load balancers: port 80 is taken")
	assert.Equal(t, []string{
		"answer on [10.0.0.2 10.0.0.1]", "serve [a=10.0.0.2]", "answer on [10.0.0.2]", "tell two [a=10.0.0.2]",
	}, w.done())
}

func TestLoadBalancerWithoutAnAddressIsNamedAndHoldsNothingElseUp(t *testing.T) {
	w := &world{lbs: []elb.LoadBalancer{lb("one", "a"), lb("two", "a", "b"), lb("three", "a")}}
	p := newProvisioner(t, w, "10.0.0.0/30")
	err := p.provision(t.Context())
	require.ErrorContains(t, err, "load balancer shop/two: address pool 10.0.0.0/30: all 2 addresses are in use")
	assert.Contains(t, w.done(), "tell one [a=10.0.0.1]")

	// What a deleted load balancer leaves is there for the next at once.
	w.setLoadBalancers(lb("three", "a"), lb("four", "a"))
	require.NoError(t, p.provision(t.Context()))
	assert.Len(t, w.LoadBalancers()[1].Addresses, 1)
}

func TestRunTriesAgainAfterAnErrorAndOnEachSignal(t *testing.T) {
	w := &world{lbs: []elb.LoadBalancer{lb("one", "a")}, applyErr: errors.New("not yet")}
	p := newProvisioner(t, w, "10.0.0.0/24")
	var out bytes.Buffer
	p.Log = slog.New(slog.NewTextHandler(&out, nil))
	ctx, cancel := context.WithCancel(t.Context())
	changed, ended := make(chan struct{}), make(chan struct{})
	go func() { defer close(ended); p.Run(ctx, changed) }()

	attempts := 0
	require.Eventually(t, func() bool { attempts += len(w.done()); return attempts > 20 }, 10*time.Second, time.Millisecond, "tried again without a signal")

	w.setApplyError(nil)
	w.setLoadBalancers(lb("two", "a"))
	changed <- struct{}{}
	require.Eventually(t, func() bool { return len(w.LoadBalancers()[0].Addresses) == 1 }, 10*time.Second, time.Millisecond, "tried again on a signal")

	cancel()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("Run did not end with its context")
	}
	assert.Equal(t, 1, strings.Count(out.String(), "not yet"), "logged once: %s", out.String())
}
