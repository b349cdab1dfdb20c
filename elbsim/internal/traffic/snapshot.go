// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package traffic

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Snapshot is everything counted so far, as GET /v1/traffic shows it.
type Snapshot struct {
	Time          time.Time      `json:"time"`
	LoadBalancers []LoadBalancer `json:"loadBalancers"` // by ARN
	TargetGroups  []TargetGroup  `json:"targetGroups"`  // by ARN
	Failures      []Failure      `json:"failures"`      // the last ones, newest first
}

// Counts are the numbers of one part.
type Counts struct {
	Requests uint64 `json:"requests"` // of a network load balancer: connections and flows
	Failures uint64 `json:"failures"` // those of Failure
	// Active is, of load balancers and listeners, how many connections clients have open; of target groups and
	// targets how many requests or connections are under way.
	Active        int64 `json:"active"`
	ReceivedBytes int64 `json:"receivedBytes"` // from clients
	SentBytes     int64 `json:"sentBytes"`     // to clients
	// Seconds is the sum of the durations of all requests, or of all connections that have ended.
	Seconds float64 `json:"seconds"`
	// Statuses are the numbers of answers to clients by HTTP status.
	Statuses map[string]uint64 `json:"statuses,omitempty"`
	// Rate is the mean number of requests per second in the last ten seconds.
	Rate float64 `json:"rate"`
}

// LoadBalancer is the traffic of a load balancer.
type LoadBalancer struct {
	ARN string `json:"arn"`
	Counts
	// PerSecond is the number of requests in each of the last Window whole seconds, the oldest first.
	PerSecond         []uint32   `json:"perSecond"`
	FailuresPerSecond []uint32   `json:"failuresPerSecond"`
	Listeners         []Listener `json:"listeners"` // by port
}

// Listener is the traffic of a listener.
type Listener struct {
	Port int32 `json:"port"`
	Counts
	Rules []Rule `json:"rules"` // by priority, the default at the end
}

// Rule is the traffic that met a rule.
type Rule struct {
	Rule string `json:"rule"` // priority or "default"
	Counts
}

// TargetGroup is the traffic to a target group.
type TargetGroup struct {
	ARN string `json:"arn"`
	Counts
	Targets []Target `json:"targets"` // by address
}

// Target is the traffic to a target.
type Target struct {
	Target string `json:"target"` // address and port
	Counts
}

// averaged is how many seconds Rate looks back.
const averaged = 10

// Snapshot reads all counters. It does not hold up those that count.
func (r *Recorder) Snapshot() Snapshot {
	now := time.Now()
	out := Snapshot{Time: now, LoadBalancers: []LoadBalancer{}, TargetGroups: []TargetGroup{}, Failures: r.failures.newest()}
	r.mu.Lock()
	counters := maps.Clone(r.counters)
	r.mu.Unlock()
	last := r.second(now) - 1 // the last whole second
	lbs, listeners, groups := map[string]*LoadBalancer{}, map[Key]*Listener{}, map[string]*TargetGroup{}
	for k, c := range counters {
		if _, ok := k.above(); ok {
			continue
		}
		if k.TargetGroup != "" {
			groups[k.TargetGroup] = &TargetGroup{ARN: k.TargetGroup, Counts: c.counts(last), Targets: []Target{}}
			continue
		}
		lb := &LoadBalancer{ARN: k.LoadBalancer, Counts: c.counts(last), Listeners: []Listener{}}
		for s := last - Window + 1; s != last+1; s++ {
			n, failed := c.in(s)
			lb.PerSecond, lb.FailuresPerSecond = append(lb.PerSecond, n), append(lb.FailuresPerSecond, failed)
		}
		lbs[k.LoadBalancer] = lb
	}
	for k, c := range counters {
		switch {
		case k.Target != "" && groups[k.TargetGroup] != nil:
			g := groups[k.TargetGroup]
			g.Targets = append(g.Targets, Target{Target: k.Target, Counts: c.counts(last)})
		case k.Port != 0 && k.Rule == "":
			listeners[k] = &Listener{Port: k.Port, Counts: c.counts(last), Rules: []Rule{}}
		}
	}
	for k, c := range counters {
		if above, _ := k.above(); k.Rule != "" && listeners[above] != nil {
			listeners[above].Rules = append(listeners[above].Rules, Rule{Rule: k.Rule, Counts: c.counts(last)})
		}
	}
	for k, l := range listeners {
		slices.SortFunc(l.Rules, func(a, b Rule) int { return cmp.Compare(priority(a.Rule), priority(b.Rule)) })
		if lb := lbs[k.LoadBalancer]; lb != nil {
			lb.Listeners = append(lb.Listeners, *l)
		}
	}
	for _, lb := range lbs {
		slices.SortFunc(lb.Listeners, func(a, b Listener) int { return cmp.Compare(a.Port, b.Port) })
		out.LoadBalancers = append(out.LoadBalancers, *lb)
	}
	for _, g := range groups {
		slices.SortFunc(g.Targets, func(a, b Target) int { return cmp.Compare(a.Target, b.Target) })
		out.TargetGroups = append(out.TargetGroups, *g)
	}
	slices.SortFunc(out.LoadBalancers, func(a, b LoadBalancer) int { return cmp.Compare(a.ARN, b.ARN) })
	slices.SortFunc(out.TargetGroups, func(a, b TargetGroup) int { return cmp.Compare(a.ARN, b.ARN) })
	return out
}

// priority orders rules; the default is the last.
func priority(rule string) int {
	if n, err := strconv.Atoi(rule); err == nil {
		return n
	}
	return 1 << 20
}

// counts sums the shards up. last is the last whole second.
func (c *Counter) counts(last uint32) Counts {
	var out Counts
	var nanoseconds, recent uint64
	for i := range c.shards {
		x := &c.shards[i]
		out.Requests += x.requests.Load()
		out.Failures += x.failures.Load()
		out.Active += x.active.Load()
		out.ReceivedBytes += int64(x.received.Load())
		out.SentBytes += int64(x.sent.Load())
		nanoseconds += x.nanoseconds.Load()
		codes := x.codes.Load()
		if codes == nil {
			continue
		}
		for n := range codes {
			if count := codes[n].Load(); count > 0 {
				if out.Statuses == nil {
					out.Statuses = map[string]uint64{}
				}
				out.Statuses[strconv.Itoa(firstStatus+n)] += count
			}
		}
	}
	for s := last - averaged + 1; s != last+1; s++ {
		n, _ := c.in(s)
		recent += uint64(n)
	}
	out.Rate = float64(recent) / averaged
	out.Seconds = time.Duration(nanoseconds).Seconds()
	return out
}

// in returns how many requests and failures there were in one second.
func (c *Counter) in(second uint32) (requests, failures uint32) {
	for i := range c.shards {
		requests += c.shards[i].rate[second%ring].in(second)
		failures += c.shards[i].failureRate[second%ring].in(second)
	}
	return requests, failures
}
