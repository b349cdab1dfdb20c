// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package faults is what goes wrong in the simulated AWS on purpose: calls that fail or take long, resources that
// are not seen yet, zones and targets that are gone. It checks and keeps faults and tells which one holds;
// those who answer calls and serve traffic act on it.
package faults

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault is one thing that goes wrong, from its setting until it is cleared. Type says which of the other fields
// have a meaning.
type Fault struct {
	ID   string `json:"id,omitempty"` // given when it is set
	Type Type   `json:"type"`

	// Operation of errors, latency and visibility, such as CreateLoadBalancer, or * for all. Visibility is of
	// an operation that creates.
	Operation string `json:"operation,omitempty"`
	// Code and Message of an error are AWS's, such as Throttling; Status is the HTTP status, by default the one
	// that AWS sends with the code.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	Status  int    `json:"status,omitempty"`
	// Probability above 0 and up to 1 is how often an error or latency happens; 0 is always. Count above 0 is how many
	// times are left before it is over.
	Probability float64 `json:"probability,omitempty"`
	Count       int     `json:"count,omitempty"`
	// Milliseconds of latency, visibility and provisioning.
	Milliseconds int `json:"milliseconds,omitempty"`
	// Zone of a zone fault is the name of an availability zone.
	Zone string `json:"zone,omitempty"`
	// Target of a target fault is an IP address or instance ID, TargetGroup the name of a group; one of them
	// may be left out.
	Target      string `json:"target,omitempty"`
	TargetGroup string `json:"targetGroup,omitempty"`
	Mode        Mode   `json:"mode,omitempty"` // drop when left out
}

// Type is what goes wrong.
type Type string

// The types of faults.
const (
	Error        Type = "error"        // a call fails
	Latency      Type = "latency"      // a call takes longer
	Visibility   Type = "visibility"   // what a call creates is not described for a while
	Provisioning Type = "provisioning" // a new load balancer becomes active later
	Zone         Type = "zone"         // load balancer addresses and targets of a zone do not answer
	Target       Type = "target"       // a target, or all of a group, does not answer
)

// Mode is how a target does not answer.
type Mode string

// The modes of a target fault.
const (
	Drop   Mode = "drop"   // silence
	Refuse Mode = "refuse" // connections are refused
	Reset  Mode = "reset"  // connections are accepted and then reset
)

// fields are the JSON names of the fields that a type needs and those that it may have.
var fields = map[Type]struct{ needs, may []string }{
	Error:        {needs: []string{"operation", "code"}, may: []string{"message", "status", "probability", "count"}},
	Latency:      {needs: []string{"operation", "milliseconds"}, may: []string{"probability", "count"}},
	Visibility:   {needs: []string{"operation", "milliseconds"}},
	Provisioning: {needs: []string{"milliseconds"}},
	Zone:         {needs: []string{"zone"}},
	Target:       {may: []string{"target", "targetGroup", "mode"}},
}

// set returns the JSON names of the fields that have a value, apart from id and type.
func (f Fault) set() []string {
	var out []string
	for _, x := range []struct {
		name string
		set  bool
	}{
		{"operation", f.Operation != ""}, {"code", f.Code != ""}, {"message", f.Message != ""}, {"status", f.Status != 0},
		{"probability", f.Probability != 0}, {"count", f.Count != 0}, {"milliseconds", f.Milliseconds != 0}, {"zone", f.Zone != ""},
		{"target", f.Target != ""}, {"targetGroup", f.TargetGroup != ""}, {"mode", f.Mode != ""},
	} {
		if x.set {
			out = append(out, x.name)
		}
	}
	return out
}

// Known is what faults can be about.
type Known struct {
	Operations []string
	Zones      []string
}

// check says all that is wrong with a fault.
func (f Fault) check(known Known) error {
	allowed, ok := fields[f.Type]
	if !ok {
		return fmt.Errorf("type %q: it must be one of %s", f.Type, list(slices.Sorted(maps.Keys(fields))))
	}
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	set := f.set()
	for _, name := range allowed.needs {
		if !slices.Contains(set, name) {
			fail("%s: a fault of type %s needs it", name, f.Type)
		}
	}
	for _, name := range set {
		if !slices.Contains(allowed.needs, name) && !slices.Contains(allowed.may, name) {
			fail("%s: a fault of type %s has none; it has %s", name, f.Type, list(slices.Concat(allowed.needs, allowed.may)))
		}
	}
	creating := slices.DeleteFunc(slices.Clone(known.Operations), func(o string) bool { return !strings.HasPrefix(o, "Create") })
	switch {
	case f.Operation == "" || f.Operation == "*":
	case !slices.Contains(known.Operations, f.Operation):
		fail("operation %q: it must be * or one of %s", f.Operation, list(known.Operations))
	case f.Type == Visibility && !slices.Contains(creating, f.Operation):
		fail("operation %q: for type visibility it must be * or one of %s", f.Operation, list(creating))
	}
	if f.Probability < 0 || f.Probability > 1 {
		fail("probability %v: it must be above 0 and at most 1", f.Probability)
	}
	if f.Count < 0 {
		fail("count %d: it must be above 0", f.Count)
	}
	if limit := int(time.Hour / time.Millisecond); f.Milliseconds < 0 || f.Milliseconds > limit {
		fail("milliseconds %d: it must be 1 to %d", f.Milliseconds, limit)
	}
	if f.Status != 0 && (f.Status < 400 || f.Status > 599) {
		fail("status %d: it must be 400 to 599", f.Status)
	}
	if f.Zone != "" && !slices.Contains(known.Zones, f.Zone) {
		fail("zone %q: it must be one of %s", f.Zone, list(known.Zones))
	}
	if f.Type == Target && f.Target == "" && f.TargetGroup == "" {
		fail("target: a fault of type target needs target or targetGroup")
	}
	if modes := []Mode{"", Drop, Refuse, Reset}; !slices.Contains(modes, f.Mode) {
		fail("mode %q: it must be one of %s", f.Mode, list(modes[1:]))
	}
	return errors.Join(errs...)
}

func list[S ~string](values []S) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return strings.Join(out, ", ")
}

// throttles are the codes by which AWS's services say that there were too many calls.
var throttles = []string{"Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "RequestThrottled", "TooManyRequestsException"}

// HTTPStatus is the status of an error: the one that was asked for, or what AWS sends with the code.
func (f Fault) HTTPStatus() int {
	switch {
	case f.Status != 0:
		return f.Status
	case f.Code == "ServiceUnavailable" || f.Code == "Unavailable":
		return http.StatusServiceUnavailable
	case strings.HasPrefix(f.Code, "Internal"):
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// Text is the message of an error.
func (f Fault) Text() string {
	switch {
	case f.Message != "":
		return f.Message
	case slices.Contains(throttles, f.Code):
		return "Rate exceeded"
	}
	return "elbsim was asked for this error (fault " + f.ID + ")"
}
