// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/istio-aws/istio-aws/elbsim/internal/faults"
)

// Call is one API call, as GET /v1/calls shows it.
type Call struct {
	Time      time.Time `json:"time"`
	Service   string    `json:"service"`   // the SDK's service ID, e.g. "Elastic Load Balancing v2"
	Operation string    `json:"operation"` // e.g. "CreateLoadBalancer"
	Input     any       `json:"input"`     // the SDK's input, with its field names
	// Result is the SDK's output as JSON, with Options.Results; a string says how long one above resultLimit was.
	Result json.RawMessage `json:"result,omitempty"`
	// Error is AWS's error code and message; empty when the call succeeded.
	Error string `json:"error,omitempty"`
	// Unimplemented calls failed because the simulator lacks the operation.
	Unimplemented bool          `json:"unimplemented,omitempty"`
	Duration      time.Duration `json:"durationNanoseconds"`
}

// What is remembered of results: of one call, and of all, in bytes.
const (
	resultLimit  = 64 << 10
	resultsLimit = 32 << 20
)

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
func (a *AWS) call(ctx context.Context, service, name string, input any) (any, error) {
	start := now()
	in := clone(input)
	delay, fault := a.faults.Call(name)
	err := pause(ctx, delay)
	if err == nil && fault != nil {
		err = injected(*fault)
	}
	var out any
	commit := func() {}
	if err == nil {
		a.mu.Lock()
		out, err = a.answer(service, name, in)
		if err == nil && a.operations[typeName(in)].lasting {
			commit = a.commit
		}
		a.mu.Unlock()
	}
	call := Call{Time: start, Service: service, Operation: name, Input: in, Duration: time.Since(start)}
	if err == nil && a.opts.Results {
		call.Result = result(out)
	}
	a.record(call, err)
	commit()
	return out, err
}

// pause waits, but not longer than the caller does.
func pause(ctx context.Context, delay time.Duration) error {
	if delay == 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(delay):
		return nil
	}
}

// injected is the error of a fault as the SDK reads it from an HTTP response.
func injected(f faults.Fault) error {
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: f.HTTPStatus(), Header: http.Header{}}},
		Err:      &smithy.GenericAPIError{Code: f.Code, Message: f.Text()},
	}
}

func (a *AWS) answer(service, name string, in any) (any, error) {
	op, ok := a.operations[typeName(in)]
	if !ok {
		return nil, apiError(notImplemented, "elbsim does not implement %s of %s", name, service)
	}
	hiding := len(a.hidden) > 0 && strings.HasPrefix(name, "Describe")
	if hiding {
		if err := a.unseen(in); err != nil {
			return nil, err
		}
	}
	out, err := op.run(in)
	if err != nil {
		return nil, err
	}
	if hiding {
		a.dropHidden(out)
	}
	if while := a.faults.Hidden(name); while > 0 && op.changes {
		a.hide(out, while)
	}
	if op.changes {
		a.notify()
	}
	return clone(out), nil
}

func result(out any) json.RawMessage {
	raw, err := json.Marshal(out)
	if err != nil || len(raw) > resultLimit {
		raw, err = json.Marshal(fmt.Sprintf("not kept: %d bytes (%v)", len(raw), err))
		if err != nil {
			panic(err) // a string can be encoded
		}
	}
	return raw
}

// record remembers a call. Of the oldest, first the results go and then the calls.
func (a *AWS) record(c Call, err error) {
	var coded smithy.APIError
	if errors.As(err, &coded) {
		c.Error = fmt.Sprintf("%s: %s", coded.ErrorCode(), coded.ErrorMessage())
		c.Unimplemented = coded.ErrorCode() == notImplemented
	} else if err != nil {
		c.Error = err.Error()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.Unimplemented && !a.warned[c.Operation] {
		a.warned[c.Operation] = true
		a.opts.Log.Warn("the controller asked AWS for something that elbsim does not implement", "operation", c.Operation, "service", c.Service)
	}
	if len(a.calls) >= 2*a.opts.CallLimit { // seldom, because what stays is moved
		gone := len(a.calls) - a.opts.CallLimit + 1
		for _, old := range a.calls[:gone] {
			a.results -= len(old.Result)
		}
		a.calls, a.stripped = slices.Delete(a.calls, 0, gone), max(0, a.stripped-gone)
	}
	a.calls = append(a.calls, c)
	a.counts[c.Operation]++
	for a.results += len(c.Result); a.results > resultsLimit; a.stripped++ {
		a.results -= len(a.calls[a.stripped].Result)
		a.calls[a.stripped].Result = nil
	}
}

func apiError(code, format string, args ...any) error {
	return &smithy.GenericAPIError{Code: code, Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}

// invalid is ELBv2's error for a parameter that is out of bounds.
func invalid(format string, args ...any) error { return apiError("ValidationError", format, args...) }
