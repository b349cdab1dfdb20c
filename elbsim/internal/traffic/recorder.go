// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package traffic counts what load balancers do and remembers why the last requests failed. The data plane
// tells it of each request and connection; the console and GET /v1/traffic read it. Counting takes neither a
// lock nor memory, so it is always on. It knows nothing of rules and targets but their names.
package traffic

import (
	"maps"
	"sync"
	"time"
)

// Recorder holds the counters of all load balancers. A nil Recorder hands out nil counters, which count nothing.
type Recorder struct {
	start    time.Time
	failures failures

	mu       sync.Mutex
	counters map[Key]*Counter
	logs     map[string]*AccessLog // by load balancer
}

// Key is what a Counter counts for: a load balancer, its listener, its rule; or a target group, its target.
// What is not set is not narrowed down.
type Key struct {
	LoadBalancer string // ARN
	Port         int32  // of the listener
	Rule         string // priority, or DefaultRule
	TargetGroup  string // ARN
	Target       string // address and port
}

// DefaultRule is the Rule of a listener's default actions, as DescribeRules spells it.
const DefaultRule = "default"

// New makes a recorder that has counted nothing.
func New() *Recorder {
	return &Recorder{start: time.Now(), counters: map[Key]*Counter{}, logs: map[string]*AccessLog{}}
}

// Listener is the counter of a listener. What it counts, its load balancer's counts too.
func (r *Recorder) Listener(loadBalancer string, port int32) *Counter {
	return r.counter(Key{LoadBalancer: loadBalancer, Port: port})
}

// Rule is the counter of a listener's rule. What it counts, the listener's counts too.
func (r *Recorder) Rule(loadBalancer string, port int32, rule string) *Counter {
	return r.counter(Key{LoadBalancer: loadBalancer, Port: port, Rule: rule})
}

// Group is the counter of a target group, by its ARN.
func (r *Recorder) Group(arn string) *Counter { return r.counter(Key{TargetGroup: arn}) }

// Target is the counter of a group's target. What it counts, the group's counts too.
func (r *Recorder) Target(group, target string) *Counter {
	return r.counter(Key{TargetGroup: group, Target: target})
}

func (r *Recorder) counter(key Key) *Counter {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counterOf(key)
}

// counterOf finds or makes a counter and those above it. Under mu.
func (r *Recorder) counterOf(key Key) *Counter {
	if c := r.counters[key]; c != nil {
		return c
	}
	c := newCounter(r, key)
	if above, ok := key.above(); ok {
		c.parent = r.counterOf(above)
	}
	r.counters[key] = c
	return c
}

// above is the key of what also counts what this one's counter does.
func (k Key) above() (Key, bool) {
	switch {
	case k.Rule != "":
		k.Rule = ""
	case k.Port != 0:
		k.Port = 0
	case k.Target != "":
		k.Target = ""
	default:
		return Key{}, false
	}
	return k, true
}

// Keep forgets the counters and access logs of what is gone. What still counts for it does so unseen.
func (r *Recorder) Keep(keep func(Key) bool) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.counters, func(k Key, _ *Counter) bool { return !keep(k) })
	maps.DeleteFunc(r.logs, func(arn string, _ *AccessLog) bool { return !keep(Key{LoadBalancer: arn}) })
}

// second is the number of whole seconds since the recorder's start, from 1.
func (r *Recorder) second(now time.Time) uint32 { return uint32(now.Sub(r.start)/time.Second) + 1 }
