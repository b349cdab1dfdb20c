// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package http1

import (
	"bufio"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/desync"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

// ReadRequest reads the head of a request and sets up its body, which is read from br afterwards. io.EOF
// means that the client closed between requests; a *message.Error holds the status to answer. The request is
// in scratch, and ends with the next call.
func ReadRequest(br *bufio.Reader, scratch *Scratch) (*message.Request, error) {
	head, err := readHead(br, maxRequestHead, &scratch.head)
	if err != nil {
		return nil, err
	}
	line, rest := nextLine(head)
	req := &scratch.request
	*req = message.Request{Major: 1, Fields: reuse(req.Fields)}
	if err := parseRequestLine(req, line); err != nil {
		return nil, err
	}
	if err := originForm(req); err != nil {
		return nil, err
	}
	if err := parseRequestFields(req, rest); err != nil {
		return nil, err
	}
	switch {
	case req.Host() == "" && !req.Fields.Has("Host") && req.Minor > 0:
		return nil, bad("request without Host")
	case !validHost(req.Host()):
		return nil, bad("malformed Host")
	}
	if req.Minor == 0 {
		req.Close = !req.Fields.HasToken("Connection", "keep-alive")
	} else {
		req.Close = req.Fields.HasToken("Connection", "close")
	}
	return req, requestBody(req, br, &scratch.head)
}

func parseRequestLine(req *message.Request, line string) error {
	if len(line) > maxLine {
		return bad("request line is too long")
	}
	method, rest, ok := strings.Cut(line, " ")
	if trimmed := strings.TrimRight(rest, " "); trimmed != rest {
		rest = trimmed
		req.Suspect(desync.Acceptable, "space after the version")
	}
	last := strings.LastIndexByte(rest, ' ')
	if !ok || last <= 0 || oddest(method) != plain || method == "" {
		return bad("malformed request line")
	}
	target, version := rest[:last], rest[last+1:]
	switch worst := oddest(target); {
	case worst >= broken:
		return bad("malformed request target")
	case worst == control:
		req.Suspect(desync.Ambiguous, "control character in the target")
	case worst == blank:
		req.Suspect(desync.Acceptable, "space in the target")
	}
	switch {
	case version == "HTTP/1.1":
		req.Minor = 1
	case version == "HTTP/1.0":
	case version == "HTTP/2.0": // the preface of HTTP/2 without TLS
		return &message.Error{Status: 505, Reason: "HTTP/2 on an HTTP/1 connection"}
	case len(version) == 8 && version[:7] == "HTTP/1." && '2' <= version[7] && version[7] <= '9':
		req.Minor = 1
		req.Suspect(desync.Acceptable, "version "+version)
	default:
		return bad("malformed HTTP version")
	}
	req.Method, req.Target = method, target
	return nil
}

// originForm turns an absolute-form target into path and query, and keeps its authority.
func originForm(req *message.Request) error {
	if strings.HasPrefix(req.Target, "/") || req.Target == "*" && req.Method == "OPTIONS" {
		return nil
	}
	scheme, rest, ok := strings.Cut(req.Target, "://")
	if !ok || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return bad("malformed request target")
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	req.Authority, req.Target = rest[:end], rest[end:]
	if req.Authority == "" {
		return bad("request target without authority")
	}
	if !strings.HasPrefix(req.Target, "/") {
		req.Target = "/" + req.Target
	}
	return nil
}

// validHost refuses what cannot be a host and would be dangerous in a Location.
func validHost(host string) bool { return !strings.ContainsAny(host, " \t/\\@?#<>\"") }

// WriteRequest writes the head of a request to a target. The body follows by WriteBody.
func WriteRequest(bw *bufio.Writer, req *message.Request) {
	write(bw, req.Method, " ", req.Target, " HTTP/1.1\r\n")
	writeFields(bw, req.Fields)
	if req.Body != nil {
		writeFraming(bw, req.Length)
	} else if req.Method == "POST" || req.Method == "PUT" || req.Method == "PATCH" {
		write(bw, "Content-Length: 0\r\n")
	}
	write(bw, "\r\n")
}
