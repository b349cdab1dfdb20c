// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package faults

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Set is the faults that hold. All its methods may be called at any time from any goroutine.
type Set struct {
	known Known

	mu      sync.Mutex
	serial  int
	faults  []Fault
	changed func()
}

// NewSet makes a set without faults for an account that has this.
func NewSet(known Known) *Set {
	known.Operations, known.Zones = slices.Sorted(slices.Values(known.Operations)), slices.Clone(known.Zones)
	return &Set{known: known, changed: func() {}}
}

// OnChange names the one to tell of a fault that was set, cleared or is over. It is called without a lock held.
func (s *Set) OnChange(changed func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = changed
}

// List returns the faults that hold, in the order in which they were set.
func (s *Set) List() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Fault{}, s.faults...)
}

// Add sets one more fault and returns it with its ID. The error says what is wrong with it and what is allowed.
func (s *Set) Add(f Fault) (Fault, error) {
	added, err := s.put([]Fault{f}, false)
	if err != nil {
		return Fault{}, err
	}
	return added[0], nil
}

// Replace sets these faults in place of all that hold, or none of them when one is wrong.
func (s *Set) Replace(faults []Fault) ([]Fault, error) { return s.put(faults, true) }

func (s *Set) put(faults []Fault, replace bool) ([]Fault, error) {
	faults = slices.Clone(faults)
	for i, f := range faults {
		if err := f.check(s.known); err != nil {
			return nil, fmt.Errorf("fault %d of %d: %w", i+1, len(faults), err)
		}
	}
	s.mu.Lock()
	for i := range faults {
		s.serial++
		faults[i].ID = strconv.Itoa(s.serial)
		if faults[i].Type == Target && faults[i].Mode == "" {
			faults[i].Mode = Drop
		}
	}
	if replace {
		s.faults = nil
	}
	s.faults = append(s.faults, faults...)
	changed := s.changed
	s.mu.Unlock()
	changed()
	return faults, nil
}

// Remove clears one fault and tells whether there was one of this ID.
func (s *Set) Remove(id string) bool {
	s.mu.Lock()
	before := len(s.faults)
	s.faults = slices.DeleteFunc(s.faults, func(f Fault) bool { return f.ID == id })
	found, changed := len(s.faults) < before, s.changed
	s.mu.Unlock()
	changed()
	return found
}

// Clear clears all faults.
func (s *Set) Clear() {
	s.mu.Lock()
	s.faults = nil
	changed := s.changed
	s.mu.Unlock()
	changed()
}

// Call tells what happens to one call of an operation: how much longer it takes, and the error it gets, if any. It
// counts.
func (s *Set) Call(operation string) (delay time.Duration, fault *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.faults {
		f := &s.faults[i]
		if !f.of(operation) || f.Probability > 0 && rand.Float64() >= f.Probability {
			continue
		}
		switch {
		case f.Type == Latency:
			delay += time.Duration(f.Milliseconds) * time.Millisecond
		case f.Type == Error && fault == nil:
			copied := *f
			fault = &copied
		default:
			continue
		}
		if f.Count == 1 {
			f.Count = -1 // over
		} else if f.Count > 0 {
			f.Count--
		}
	}
	s.faults = slices.DeleteFunc(s.faults, func(f Fault) bool { return f.Count < 0 })
	return delay, fault
}

func (f *Fault) of(operation string) bool {
	return (f.Type == Error || f.Type == Latency) && (f.Operation == "*" || f.Operation == operation)
}

// Hidden is how long a resource that an operation creates is not described.
func (s *Set) Hidden(operation string) time.Duration {
	return s.longest(func(f Fault) bool { return f.Type == Visibility && (f.Operation == "*" || f.Operation == operation) })
}

// Provisioning is how long a new load balancer is not active.
func (s *Set) Provisioning() time.Duration {
	return s.longest(func(f Fault) bool { return f.Type == Provisioning })
}

func (s *Set) longest(of func(Fault) bool) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out time.Duration
	for _, f := range s.faults {
		if of(f) {
			out = max(out, time.Duration(f.Milliseconds)*time.Millisecond)
		}
	}
	return out
}

// ZoneGone tells whether an availability zone is taken away.
func (s *Set) ZoneGone(zone string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.faults, func(f Fault) bool { return f.Type == Zone && f.Zone == zone })
}

// TargetGone tells how a target does not answer: a target of a group (by name) that has this ID, address and zone.
// It is empty when the target answers.
func (s *Set) TargetGone(group, id, address, zone string) Mode {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		switch {
		case f.Type == Zone && f.Zone == zone:
			return Drop
		case f.Type == Target && (f.TargetGroup == "" || f.TargetGroup == group) && (f.Target == "" || f.Target == id || f.Target == address):
			return f.Mode
		}
	}
	return ""
}
