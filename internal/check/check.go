// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package check holds what a good answer is: small functions that compose and whose messages name what
// was wanted, what came and the whole answer. Package probe applies them over time. A check never
// sends, waits or ends a test.
package check

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"

	"github.com/istio-aws/istio-aws/internal/probe"
)

// Check is nil for a good answer and otherwise says what is wrong with it.
type Check func(*probe.Response) error

// All is good when every check is; its message has those of all that are not. It composes checks of
// answers and of load balancers alike.
func All[T any](checks ...func(T) error) func(T) error {
	return func(observed T) error {
		var wrong []error
		for _, check := range checks {
			wrong = append(wrong, check(observed))
		}
		return errors.Join(wrong...)
	}
}

// Status wants this HTTP status.
func Status(want int) Check {
	return answered(func(r *probe.Response) error {
		return differs(r, "status", fmt.Sprint(want), fmt.Sprint(r.Status))
	})
}

// Header wants this value in a header of the answer.
func Header(name, want string) Check {
	return answered(func(r *probe.Response) error { return differs(r, "header "+name, want, r.Header.Get(name)) })
}

// Redirect wants this status and Location.
func Redirect(status int, location string) Check {
	return All(Status(status), Header("Location", location))
}

// Body wants exactly this body.
func Body(want string) Check {
	return answered(func(r *probe.Response) error { return differs(r, "body", want, string(r.Body)) })
}

// Reset wants a connection that the other side ends without an answer, as a proxy does that takes
// nothing but mutual TLS. No connection at all, or a time-out, is not that.
func Reset() Check {
	return func(r *probe.Response) error {
		if errors.Is(r.Err, syscall.ECONNRESET) || errors.Is(r.Err, io.EOF) || errors.Is(r.Err, io.ErrUnexpectedEOF) {
			return nil
		}
		return fmt.Errorf("want the connection reset; %s", r)
	}
}

// Echo wants any version of the echo app to have answered with 200.
func Echo() Check {
	return func(r *probe.Response) error {
		if err := Status(200)(r); err != nil {
			return err
		}
		return echoed(func(*probe.Response) error { return nil })(r)
	}
}

// Backend wants the echo app of this version to have answered with 200.
func Backend(version string) Check {
	return func(r *probe.Response) error {
		if err := Echo()(r); err != nil {
			return err
		}
		return differs(r, "backend version", version, r.Echo.Version)
	}
}

// Path wants the echo app to have been asked for this path, after rewrites.
func Path(want string) Check {
	return echoed(func(r *probe.Response) error { return differs(r, "path at the app", want, r.Echo.Path) })
}

// Seen wants a request header to have reached the echo app with this one value.
func Seen(name, want string) Check {
	return echoed(func(r *probe.Response) error {
		return differs(r, "request header "+name+" at the app", want, requestHeader(r, name))
	})
}

// ClientAddress wants the gateway to have taken this client's address, and none that it forged, for
// the client's: the app sees it as X-Envoy-External-Address.
func ClientAddress() Check {
	return echoed(func(r *probe.Response) error {
		return Seen("X-Envoy-External-Address", r.Local.String())(r)
	})
}

// ClientIdentity wants the app's sidecar to have seen this SPIFFE ID in the client certificate of the
// hop before it.
func ClientIdentity(want string) Check {
	return echoed(func(r *probe.Response) error {
		got := "no certificate"
		if certificates := r.Echo.ClientCertificates; len(certificates) > 0 {
			got = certificates[len(certificates)-1].URI
		}
		return differs(r, "client identity at the app", want, got)
	})
}

// answered lets check see only what has an answer.
func answered(check Check) Check {
	return func(r *probe.Response) error {
		if r.Err != nil {
			return fmt.Errorf("no answer: %s", r)
		}
		return check(r)
	}
}

// echoed lets check see only what the echo app answered.
func echoed(check Check) Check {
	return answered(func(r *probe.Response) error {
		if r.Echo == nil {
			return fmt.Errorf("the answer is not the echo app's: %s", r)
		}
		return check(r)
	})
}

func differs(r *probe.Response, what, want, got string) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%s: want %q, got %q; %s", what, want, got, r)
}

// requestHeader finds a header whatever its spelling: gRPC metadata is in lower case.
func requestHeader(r *probe.Response, name string) string {
	var values []string
	for key, v := range r.Echo.Headers {
		if strings.EqualFold(key, name) {
			values = slices.Concat(values, v)
		}
	}
	return strings.Join(values, ", ")
}
