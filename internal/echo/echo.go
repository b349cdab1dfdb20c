// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package echo is the app behind the gateways of lab and tests: it answers every request with what it
// saw of it. The program is test/echo; package probe reads the answers. It never calls anything else,
// so what it reports is what gateway and sidecar gave it.
package echo

// Response is the JSON answer to an HTTP request and the payload of a gRPC answer.
type Response struct {
	Method  string              `json:"method"`
	Path    string              `json:"path"` // with query, as it arrived
	Host    string              `json:"host"`
	Proto   string              `json:"proto"`  // of the last hop: HTTP/1.1, HTTP/2.0
	Remote  string              `json:"remote"` // address:port of the last hop, the sidecar in a mesh
	Headers map[string][]string `json:"headers"`
	// ClientCertificates are the elements of X-Forwarded-Client-Cert, the nearest client last.
	ClientCertificates []ClientCertificate `json:"clientCertificates"`
	Backend
}

// Backend says which instance of the app answered.
type Backend struct {
	Version string `json:"version"`
	Pod     string `json:"pod"`
	Node    string `json:"node"`
	Zone    string `json:"zone"` // empty where Kubernetes does not copy topology labels to pods (before 1.35)
}
