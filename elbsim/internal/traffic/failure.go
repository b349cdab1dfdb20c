// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package traffic

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Remembered is how many failures are remembered.
const Remembered = 200

// Failure is a request or a connection that went wrong, and why.
type Failure struct {
	Time         time.Time `json:"time"`
	LoadBalancer string    `json:"loadBalancer"` // ARN
	Port         int32     `json:"port"`
	Rule         string    `json:"rule,omitempty"`        // priority or "default"
	TargetGroup  string    `json:"targetGroup,omitempty"` // ARN
	Target       string    `json:"target,omitempty"`      // address and port
	Client       string    `json:"client"`                // address and port
	Method       string    `json:"method,omitempty"`
	Host         string    `json:"host,omitempty"`
	Path         string    `json:"path,omitempty"`
	// Status is what the client got, 0 if nothing or no HTTP; TargetStatus what the target answered.
	Status       int    `json:"status,omitempty"`
	TargetStatus int    `json:"targetStatus,omitempty"`
	Reason       string `json:"reason"`
}

// failures is the ring of the last ones.
type failures struct {
	mu   sync.Mutex
	list []Failure
	next int // where the oldest is once the list is full
}

func (f *failures) add(x Failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.list) < Remembered {
		f.list = append(f.list, x)
		return
	}
	f.list[f.next] = x
	f.next = (f.next + 1) % Remembered
}

// newest returns them, the newest first.
func (f *failures) newest() []Failure {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]Failure, 0, len(f.list))
	out = append(append(out, f.list[f.next:]...), f.list[:f.next]...)
	slices.Reverse(out)
	return out
}

// failureOf adds where it happened.
func failureOf(rule, target *Counter, f Failure) Failure {
	f.LoadBalancer, f.Port, f.Rule = rule.key.LoadBalancer, rule.key.Port, rule.key.Rule
	if target != nil {
		f.TargetGroup, f.Target = target.key.TargetGroup, target.key.Target
	}
	return f
}

func (e *Exchange) failure(now time.Time) Failure {
	reason := e.Reason
	if reason == "" {
		reason = fmt.Sprintf("the target answered %d", e.TargetStatus)
	}
	return failureOf(e.Rule, e.Target, Failure{
		Time: now, Client: e.Client.String(), Method: e.Request.Method, Host: e.Request.Host, Path: e.Request.Path,
		Status: e.Status, TargetStatus: e.TargetStatus, Reason: reason,
	})
}
