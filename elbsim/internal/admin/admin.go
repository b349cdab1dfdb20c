// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package admin serves what elbsim knows over HTTP: the console for people, and for programs its readiness, the load
// balancers, their traffic and access logs, the AWS calls, the certificates that clients need, and the faults, which
// are the one thing that can be set. openapi.yaml describes it.
package admin

import (
	_ "embed" // for openapi.yaml
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/console"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/faults"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// Source is what the API shows. All fields are required; the functions are called from any goroutine.
type Source struct {
	// Waiting names what elbsim still waits for before it is ready; empty when it is.
	Waiting       func() string
	LoadBalancers func() []elb.LoadBalancer
	// Calls is a list that encodes to JSON: the AWS calls that are asked for, oldest first.
	Calls func(CallQuery) any
	// Faults are what goes wrong on purpose.
	Faults *faults.Set
	// Pods are the names of pods, "namespace/name", by IP address.
	Pods    func() map[string]string
	Traffic *traffic.Recorder
	// CA is the PEM of the authority that signs the certificates of the simulated ACM.
	CA []byte
	// Client makes a certificate of that authority with its private key, as PEM, for clients of mutual TLS.
	Client func() ([]byte, error)
}

//go:embed openapi.yaml
var description []byte

// route is a path and what serves it, by method.
type route struct {
	path    string
	methods map[string]http.HandlerFunc
}

// routes are all paths of the API.
func (h handler) routes() []route {
	get := func(path string, serve http.HandlerFunc) route {
		return route{path, map[string]http.HandlerFunc{http.MethodGet: serve}}
	}
	return append(h.faultRoutes(),
		get("/healthz", h.healthz),
		get("/v1/access-logs", h.accessLogs),
		get("/v1/ca.pem", func(w http.ResponseWriter, _ *http.Request) { h.raw(w, "application/x-pem-file", h.src.CA) }),
		get("/v1/calls", h.calls),
		get("/v1/client.pem", h.client),
		get("/v1/events", h.events),
		get("/v1/loadbalancers", func(w http.ResponseWriter, _ *http.Request) { h.json(w, http.StatusOK, h.loadBalancers()) }),
		get("/v1/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) { h.raw(w, "application/yaml", description) }),
		get("/v1/pods", func(w http.ResponseWriter, _ *http.Request) { h.json(w, http.StatusOK, h.src.Pods()) }),
		get("/v1/traffic", func(w http.ResponseWriter, _ *http.Request) { h.json(w, http.StatusOK, h.src.Traffic.Snapshot()) }),
	)
}

// Handler serves the console at / and the API that openapi.yaml describes. An unknown path is 404 and another
// method 405, both with {"error": "…"}.
func Handler(src Source, log *slog.Logger) http.Handler {
	h := handler{src: src, log: log}
	mux := http.NewServeMux()
	var paths []string
	for _, r := range h.routes() {
		paths = append(paths, r.path)
		h.serve(mux, r)
	}
	slices.Sort(paths)
	page := console.Handler()
	h.serve(mux, route{"/{$}", map[string]http.HandlerFunc{http.MethodGet: page.ServeHTTP}})
	h.serve(mux, route{"/console/", map[string]http.HandlerFunc{http.MethodGet: page.ServeHTTP}})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		h.fail(w, http.StatusNotFound, fmt.Sprintf("no such path %s; there are / and %s", r.URL.Path, strings.Join(paths, ", ")))
	})
	return mux
}

// serve registers a route; a method that it does not have is 405.
func (h handler) serve(mux *http.ServeMux, r route) {
	allowed := make([]string, 0, len(r.methods)+1)
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete} {
		serve, ok := r.methods[method]
		if !ok {
			continue
		}
		mux.HandleFunc(method+" "+r.path, serve)
		allowed = append(allowed, method)
		if method == http.MethodGet {
			allowed = append(allowed, http.MethodHead)
		}
	}
	list := strings.Join(allowed, ", ")
	mux.HandleFunc(r.path, func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Allow", list)
		h.fail(w, http.StatusMethodNotAllowed, fmt.Sprintf("method %s is not allowed for %s; allowed are %s", req.Method, req.URL.Path, list))
	})
}

type handler struct {
	src Source
	log *slog.Logger
}

func (h handler) healthz(w http.ResponseWriter, _ *http.Request) {
	if waiting := h.src.Waiting(); waiting != "" {
		h.fail(w, http.StatusServiceUnavailable, "not ready: "+waiting)
		return
	}
	h.json(w, http.StatusOK, map[string]string{"status": "ready"})
}

func (h handler) loadBalancers() []elb.LoadBalancer {
	if lbs := h.src.LoadBalancers(); lbs != nil {
		return lbs
	}
	return []elb.LoadBalancer{} // an empty list, not null
}

func (h handler) accessLogs(w http.ResponseWriter, r *http.Request) {
	arn := r.URL.Query().Get("loadBalancer")
	lines, ok := h.src.Traffic.AccessLogLines(arn)
	if !ok {
		h.fail(w, http.StatusNotFound, fmt.Sprintf("no access log of load balancer %q; give its ARN as ?loadBalancer=, and switch its log on by the attribute access_logs.s3.enabled=true", arn))
		return
	}
	var text strings.Builder
	for _, line := range lines {
		text.WriteString(line + "\n")
	}
	h.raw(w, "text/plain; charset=utf-8", []byte(text.String()))
}

func (h handler) client(w http.ResponseWriter, _ *http.Request) {
	pem, err := h.src.Client()
	if err != nil {
		h.log.Error("make client certificate", "err", err)
		h.fail(w, http.StatusInternalServerError, "no client certificate can be made; see the log")
		return
	}
	h.raw(w, "application/x-pem-file", pem)
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

func (h handler) raw(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	h.write(w, body)
}

func (h handler) write(w http.ResponseWriter, body []byte) {
	if _, err := w.Write(body); err != nil {
		h.log.Info("client went away", "err", err)
	}
}
