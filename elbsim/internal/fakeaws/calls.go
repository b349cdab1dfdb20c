// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/smithy-go"
)

// Call is one API call, as GET /v1/calls shows it.
type Call struct {
	Time      time.Time `json:"time"`
	Service   string    `json:"service"`   // the SDK's service ID, e.g. "Elastic Load Balancing v2"
	Operation string    `json:"operation"` // e.g. "CreateLoadBalancer"
	Input     any       `json:"input"`     // the SDK's input, with its field names
	// Error is AWS's error code and message; empty when the call succeeded.
	Error string `json:"error,omitempty"`
	// Unimplemented calls failed because the simulator lacks the operation.
	Unimplemented bool          `json:"unimplemented,omitempty"`
	Duration      time.Duration `json:"durationNanoseconds"`
}

// notImplemented is the error code of an operation that the account lacks.
const notImplemented = "NotImplemented"

// Calls returns the calls that are remembered, oldest first. Their inputs must not be changed.
func (a *AWS) Calls() []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls[max(0, len(a.calls)-a.opts.CallLimit):])
}

// Counts returns how often each operation was called, also those no longer remembered.
func (a *AWS) Counts() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.counts)
}

// call answers one API call: input and output are copies, so nobody shares memory with the account.
func (a *AWS) call(service, name string, input any) (any, error) {
	start := now()
	in := clone(input)
	a.mu.Lock()
	out, err := a.answer(service, name, in)
	a.record(Call{Time: start, Service: service, Operation: name, Input: in, Duration: time.Since(start)}, err)
	commit := a.commit
	a.mu.Unlock()
	if err == nil && a.operations[typeName(in)].lasting {
		commit()
	}
	return out, err
}

func (a *AWS) answer(service, name string, in any) (any, error) {
	op, ok := a.operations[typeName(in)]
	if !ok {
		return nil, apiError(notImplemented, "elbsim does not implement %s of %s", name, service)
	}
	out, err := op.run(in)
	if err != nil {
		return nil, err
	}
	if op.changes {
		a.notify()
	}
	return clone(out), nil
}

func (a *AWS) record(c Call, err error) {
	var coded smithy.APIError
	if errors.As(err, &coded) {
		c.Error = fmt.Sprintf("%s: %s", coded.ErrorCode(), coded.ErrorMessage())
		c.Unimplemented = coded.ErrorCode() == notImplemented
	} else if err != nil {
		c.Error = err.Error()
	}
	if len(a.calls) >= 2*a.opts.CallLimit { // seldom, because what stays is moved
		a.calls = slices.Delete(a.calls, 0, len(a.calls)-a.opts.CallLimit+1)
	}
	a.calls = append(a.calls, c)
	a.counts[c.Operation]++
}

func apiError(code, format string, args ...any) error {
	return &smithy.GenericAPIError{Code: code, Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}

// invalid is ELBv2's error for a parameter that is out of bounds.
func invalid(format string, args ...any) error { return apiError("ValidationError", format, args...) }
