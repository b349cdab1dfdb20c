// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package admin serves what elbsim knows as JSON over HTTP: its readiness, the load balancers, the AWS calls
// and the certificate authority. It reads and never changes anything.
package admin

import (
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Source is what the API shows. All fields are required; the functions are called from any goroutine.
type Source struct {
	// Waiting names what elbsim still waits for before it is ready; empty when it is.
	Waiting       func() string
	LoadBalancers func() []elb.LoadBalancer
	// Calls is a list that encodes to JSON: the AWS calls, oldest first.
	Calls func() any
	// CA is the PEM of the authority that signs the certificates of the simulated ACM.
	CA []byte
}

// Handler serves
//
//	GET /healthz            200 {"status":"ready"}, or 503 with the error it waits for
//	GET /v1/loadbalancers   []elb.LoadBalancer with the fields marked "run only"
//	GET /v1/calls           the AWS calls
//	GET /v1/ca.pem          PEM
//
// Everything else is 404, another method 405, both with {"error": "…"}.
func Handler(src Source, log *slog.Logger) http.Handler {
	h := handler{log: log}
	mux := http.NewServeMux()
	get := func(path string, serve http.HandlerFunc) {
		mux.HandleFunc("GET "+path, serve)
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", "GET, HEAD")
			h.fail(w, http.StatusMethodNotAllowed, "only GET is allowed")
		})
	}
	get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if waiting := src.Waiting(); waiting != "" {
			h.fail(w, http.StatusServiceUnavailable, "not ready: "+waiting)
			return
		}
		h.json(w, http.StatusOK, map[string]string{"status": "ready"})
	})
	get("/v1/loadbalancers", func(w http.ResponseWriter, _ *http.Request) {
		lbs := src.LoadBalancers()
		if lbs == nil {
			lbs = []elb.LoadBalancer{} // an empty list, not null
		}
		h.json(w, http.StatusOK, lbs)
	})
	get("/v1/calls", func(w http.ResponseWriter, _ *http.Request) {
		h.json(w, http.StatusOK, src.Calls())
	})
	get("/v1/ca.pem", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		h.write(w, src.CA)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		h.fail(w, http.StatusNotFound, "no such path "+r.URL.Path+"; there are /healthz, /v1/loadbalancers, /v1/calls and /v1/ca.pem")
	})
	return mux
}

type handler struct {
	log *slog.Logger
}

func (h handler) fail(w http.ResponseWriter, status int, message string) {
	h.json(w, status, map[string]string{"error": message})
}

func (h handler) json(w http.ResponseWriter, status int, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		h.log.Error("encode answer", "err", err)
		status, body = http.StatusInternalServerError, []byte(`{"error": "the answer cannot be encoded; see the log"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	h.write(w, append(body, '\n'))
}

func (h handler) write(w http.ResponseWriter, body []byte) {
	if _, err := w.Write(body); err != nil {
		h.log.Info("client went away", "err", err)
	}
}
