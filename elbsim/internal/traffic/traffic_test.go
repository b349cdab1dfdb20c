// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package traffic

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	lb    = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/0123456789abcdef"
	group = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
)

var client = netip.MustParseAddrPort("192.0.2.7:40000")

// exchange is a request that the first rule forwarded to a target which answered.
func exchange(r *Recorder, status int) *Exchange {
	return &Exchange{
		Start: time.Now(), Sent: time.Now(), Client: client, Rule: r.Rule(lb, 443, "1"), Target: r.Target(group, "10.244.1.5:8080"),
		Status: status, TargetStatus: status, ReceivedBytes: 100, SentBytes: 1000,
	}
}

func TestEveryRequestIsCountedOnceOnEachLevel(t *testing.T) {
	r := New()
	const workers, each = 8, 2000
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range each {
				status := 200
				if i%10 == 0 {
					status = 404
				}
				e := exchange(r, status)
				e.Target.Open()
				e.Done()
			}
		})
	}
	wg.Wait()
	s := r.Snapshot()
	require.Len(t, s.LoadBalancers, 1)
	require.Len(t, s.TargetGroups, 1)
	listener, target := s.LoadBalancers[0].Listeners[0], s.TargetGroups[0].Targets[0]
	assert.Equal(t, int32(443), listener.Port)
	assert.Equal(t, "1", listener.Rules[0].Rule)
	assert.Equal(t, "10.244.1.5:8080", target.Target)
	for name, c := range map[string]Counts{
		"load balancer": s.LoadBalancers[0].Counts, "listener": listener.Counts, "rule": listener.Rules[0].Counts,
		"target group": s.TargetGroups[0].Counts, "target": target.Counts,
	} {
		assert.Equal(t, uint64(workers*each), c.Requests, name)
		assert.Equal(t, map[string]uint64{"200": workers * each * 9 / 10, "404": workers * each / 10}, c.Statuses, name)
		assert.Equal(t, int64(workers*each*100), c.ReceivedBytes, name)
		assert.Equal(t, int64(workers*each*1000), c.SentBytes, name)
		assert.Zero(t, c.Failures, name)
		assert.Zero(t, c.Active, name)
		assert.Positive(t, c.Seconds, name)
	}
}

func TestFailuresAreRememberedNewestFirstWithWhereAndWhy(t *testing.T) {
	r := New()
	for i := range Remembered + 5 {
		e := exchange(r, 502)
		e.TargetStatus, e.Reason = 0, fmt.Sprintf("reason %d", i)
		e.Request = Request{Method: "GET", Host: "shop.example.com", Path: "/cart"}
		e.Done()
	}
	s := r.Snapshot()
	require.Len(t, s.Failures, Remembered)
	newest := s.Failures[0]
	newest.Time = time.Time{}
	assert.Equal(t, Failure{
		LoadBalancer: lb, Port: 443, Rule: "1", TargetGroup: group, Target: "10.244.1.5:8080", Client: "192.0.2.7:40000",
		Method: "GET", Host: "shop.example.com", Path: "/cart", Status: 502, Reason: fmt.Sprintf("reason %d", Remembered+4),
	}, newest)
	assert.Equal(t, "reason 5", s.Failures[Remembered-1].Reason)
	assert.Equal(t, uint64(Remembered+5), s.LoadBalancers[0].Failures)
}

func TestATargetsOwnServerErrorIsAFailureAndItsClientErrorIsNot(t *testing.T) {
	r := New()
	exchange(r, 404).Done()
	exchange(r, 503).Done()
	s := r.Snapshot()
	require.Len(t, s.Failures, 1)
	assert.Equal(t, "the target answered 503", s.Failures[0].Reason)
}

func TestFlowsCountWhileTheyLast(t *testing.T) {
	r := New()
	f := Begin(r.Rule(lb, 5432, DefaultRule), client)
	f.Forward(r.Target(group, "10.244.1.5:5432"))
	for _, c := range []Counts{r.Snapshot().LoadBalancers[0].Counts, r.Snapshot().TargetGroups[0].Targets[0].Counts} {
		assert.Equal(t, uint64(1), c.Requests)
		assert.Equal(t, int64(1), c.Active)
		assert.Empty(t, c.Statuses, "a connection has no status")
	}
	f.Add(10, 20)
	f.End(errors.New("target 10.244.1.5:5432: connection reset"))
	s := r.Snapshot()
	for _, c := range []Counts{s.LoadBalancers[0].Counts, s.TargetGroups[0].Counts} {
		assert.Zero(t, c.Active)
		assert.Equal(t, uint64(1), c.Failures)
		assert.Equal(t, []int64{10, 20}, []int64{c.ReceivedBytes, c.SentBytes})
	}
	assert.Equal(t, "target 10.244.1.5:5432: connection reset", s.Failures[0].Reason)
}

func TestSecondsAreCountedApartAndForgottenAfterTheWindow(t *testing.T) {
	r := New()
	c := r.Rule(lb, 80, "7")
	add := func(second uint32, n int) {
		for range n {
			c.add(&sample{requests: 1, second: second})
		}
	}
	in := func(second uint32) uint32 { n, _ := c.in(second); return n }
	add(100, 2)
	add(101, 3)
	assert.Equal(t, []uint32{2, 3, 0}, []uint32{in(100), in(101), in(102)})
	assert.InDelta(t, 0.5, c.counts(101).Rate, 1e-9, "five in the last ten seconds")
	add(100+ring, 4) // uses the place of second 100 again
	assert.Equal(t, uint32(4), in(100+ring), "nothing of second 100, which a shard may still hold")
}

func TestWhatIsGoneIsForgottenAndItsGroupGoesOn(t *testing.T) {
	r := New()
	old := exchange(r, 200)
	old.Done()
	r.Keep(func(k Key) bool { return k.Target == "" && k.LoadBalancer == "" })
	old.Done() // was under way
	s := r.Snapshot()
	assert.Empty(t, s.LoadBalancers)
	require.Len(t, s.TargetGroups, 1)
	assert.Empty(t, s.TargetGroups[0].Targets)
	assert.Equal(t, uint64(2), s.TargetGroups[0].Requests)
}

func TestCountingTakesNoMemory(t *testing.T) {
	r := New()
	e := exchange(r, 200)
	e.Done() // makes the table of statuses in one shard
	for range 100 {
		e.Done() // and in the others
	}
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		e.Target.Open()
		e.Done()
	}))
	rule, target := r.Rule(lb, 5432, DefaultRule), r.Target(group, "10.244.1.5:5432")
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		f := Begin(rule, client)
		f.Forward(target)
		f.Add(1, 1)
		f.End(nil)
	}))
}

func TestWithoutARecorderNothingIsCounted(t *testing.T) {
	var r *Recorder
	e := exchange(r, 502)
	e.Target.Open()
	e.Done()
	r.Listener(lb, 443).Fail(client, "reason")
	f := Begin(r.Rule(lb, 80, DefaultRule), client)
	f.Forward(r.Group(group))
	f.End(nil)
	r.Keep(func(Key) bool { return false })
	assert.Nil(t, r.AccessLog(lb))
}

func BenchmarkDone(b *testing.B) {
	r := New()
	rule, target := r.Rule(lb, 443, "1"), r.Target(group, "10.244.1.5:8080")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			e := Exchange{Start: time.Now(), Sent: time.Now(), Client: client, Rule: rule, Target: target, Status: 200, TargetStatus: 200, ReceivedBytes: 100, SentBytes: 1000}
			target.Open()
			e.Done()
		}
	})
}
