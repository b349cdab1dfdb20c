// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// crash is a panic while an object was worked on. In a cluster the controller survives it, tries the
// object again and again, and never builds anything of it.
type crash struct {
	what  any
	where string // name of the function that panicked
	cause string // what of the object it is and the cure, if that is known
}

func (e *crash) Error() string {
	if e.cause != "" {
		return "the load balancer controller crashes on it and builds nothing: " + e.cause
	}
	who := "the load balancer controller crashes on it and builds nothing"
	if strings.Contains(e.where, "/elbsim/internal/") {
		who = "elbsim itself crashes on it, which is a bug of elbsim"
	}
	return fmt.Sprintf("%s (%v, in %s)", who, e.what, e.where)
}

// guarded turns a panic of f, which works on an object, into a *crash: v3.3.0 of the controller has at
// least two.
func guarded(o client.Object, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &crash{what: p, where: panicked(), cause: crashCause(o)}
		}
	}()
	return f()
}

// panicked names the function that panicked, for the deferred function that recovers.
func panicked() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	found := false
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			found = true
		case found && !strings.HasPrefix(f.Function, "runtime."):
			return f.Function
		}
		if !more {
			return "an unknown function"
		}
	}
}

// crashCause says what of an object crashes v3.3.0 of the controller and what to write instead; "" if
// nothing is known to.
func crashCause(o client.Object) string {
	switch x := o.(type) {
	case *networkingv1.Ingress:
		for i, r := range x.Spec.Rules {
			if r.HTTP == nil {
				continue
			}
			for j, path := range r.HTTP.Paths {
				if path.Backend.Service == nil { // webhooks/networking/ingress_validator.go
					return fmt.Sprintf("spec.rules[%d].http.paths[%d].backend names a resource; name a Service (backend.service), the only backend that the controller knows", i, j)
				}
			}
		}
	case *corev1.Service:
		prefix := serviceAnnotations + "/actions."
		for _, key := range slices.Sorted(maps.Keys(x.Annotations)) {
			var action struct {
				Type          string
				ForwardConfig json.RawMessage
			}
			if !strings.HasPrefix(key, prefix) || json.Unmarshal([]byte(x.Annotations[key]), &action) != nil {
				continue
			}
			if action.Type == "forward" && (len(action.ForwardConfig) == 0 || string(action.ForwardConfig) == "null") { // pkg/service/enhanced_backend_builder.go
				return fmt.Sprintf(`annotation %s forwards without forwardConfig; write {"type":"forward","forwardConfig":{"baseServiceWeight":1,"targetGroups":[{"serviceName":"other","servicePort":80,"weight":1}]}}, or leave the annotation out`, key)
			}
		}
	}
	return ""
}
