// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/istio-aws/istio-aws/elbsim/internal/faults"
)

// faultsLimit is how long the body of a request may be, in bytes.
const faultsLimit = 1 << 20

func (h handler) faultRoutes() []route {
	return []route{
		{"/v1/faults", map[string]http.HandlerFunc{
			http.MethodGet: func(w http.ResponseWriter, _ *http.Request) { h.json(w, http.StatusOK, h.src.Faults.List()) },
			http.MethodPost: func(w http.ResponseWriter, r *http.Request) {
				var f faults.Fault
				answer(h, w, r, &f, http.StatusCreated, func() (faults.Fault, error) { return h.src.Faults.Add(f) })
			},
			http.MethodPut: func(w http.ResponseWriter, r *http.Request) {
				var all []faults.Fault
				answer(h, w, r, &all, http.StatusOK, func() ([]faults.Fault, error) { return h.src.Faults.Replace(all) })
			},
			http.MethodDelete: func(w http.ResponseWriter, _ *http.Request) {
				h.src.Faults.Clear()
				w.WriteHeader(http.StatusNoContent)
			},
		}},
		{"/v1/faults/{id}", map[string]http.HandlerFunc{
			http.MethodDelete: func(w http.ResponseWriter, r *http.Request) {
				if id := r.PathValue("id"); !h.src.Faults.Remove(id) {
					h.fail(w, http.StatusNotFound, fmt.Sprintf("no fault %q; GET /v1/faults lists those that hold", id))
					return
				}
				w.WriteHeader(http.StatusNoContent)
			},
		}},
	}
}

// answer reads a body into in, does what is asked and answers with the outcome.
func answer[T any](h handler, w http.ResponseWriter, r *http.Request, in any, status int, do func() (T, error)) {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, faultsLimit))
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		h.fail(w, http.StatusBadRequest, fmt.Sprintf("read body: %v; /v1/openapi.yaml describes it", err))
		return
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		h.fail(w, http.StatusBadRequest, "read body: more than one JSON value")
		return
	}
	out, err := do()
	if err != nil {
		h.fail(w, http.StatusBadRequest, err.Error())
		return
	}
	h.json(w, status, out)
}
