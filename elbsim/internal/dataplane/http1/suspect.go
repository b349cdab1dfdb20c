// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package http1

import (
	"net/http"
	"slices"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/desync"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

// parseRequestFields appends a request's fields as they were sent and notes what is odd about them (row 17). Only
// what no server could read is an error.
func parseRequestFields(req *message.Request, head string) error {
	for head != "" {
		line, rest := nextLine(head)
		if len(head)-len(rest) == len(line)+1 {
			req.Suspect(desync.Acceptable, "a line without carriage return")
		}
		head = rest
		if len(line) > maxLine {
			return bad("header field is too long")
		}
		name, value, ok := strings.Cut(line, ":")
		worst := oddest(name)
		if worst == broken {
			return bad("malformed header field")
		}
		n := len(req.Fields)
		continued := n > 0 && (line[0] == ' ' || line[0] == '\t')
		switch {
		case strings.Trim(name, " \t") == "":
			req.Suspect(desync.Ambiguous, "a line without header name")
		case continued && strings.EqualFold(req.Fields[n-1].Name, "Content-Type"):
			worst = plain // may have several lines, which no one takes for another header
		case continued:
			req.Suspect(desync.Ambiguous, "a header of several lines")
		case !ok:
			req.Suspect(desync.Ambiguous, "a line without colon")
		}
		if !ok { // a colon is all that the target gets more (troubleshooting guide, "Multi-line headers are not supported")
			name = strings.Trim(name, " \t")
		}
		if worst != plain {
			req.Suspect(desync.Acceptable, "a character in a header's name")
		}
		value = strings.Trim(value, " \t")
		switch worst := oddestValue(value); {
		case worst == broken:
			return bad("malformed header field value")
		case worst != plain:
			req.Suspect(desync.Acceptable, "a character in a header's value")
		}
		if kind := desync.NameOf(name); kind == desync.LikeContentLength || kind == desync.LikeTransferEncoding {
			req.Suspect(desync.Ambiguous, "a header like one that tells the length")
		}
		req.Fields = append(req.Fields, message.Field{Name: name, Value: value})
	}
	return nil
}

// codings are the transfer codings that HTTP knows. What is none of them is an attempt to hide one.
var codings = []string{"chunked", "identity", "gzip", "x-gzip", "deflate", "compress", "x-compress"}

// judgeFraming notes what about the length of a request leaves room for two readings, and takes one of them: the
// first Content-Length, and chunked once.
func judgeFraming(req *message.Request) error {
	chunked, coded, lengths := 0, false, 0
	length := ""
	for _, f := range req.Fields {
		switch desync.NameOf(f.Name) {
		case desync.TransferEncoding, desync.LikeTransferEncoding:
			for coding := range strings.SplitSeq(strings.ToLower(f.Value), ",") {
				coded = true
				if coding = strings.TrimSpace(coding); coding == "chunked" {
					chunked++
				} else if !slices.Contains(codings, coding) && desync.NameOf(f.Name) == desync.TransferEncoding {
					return bad("transfer coding that does not exist")
				}
			}
		case desync.ContentLength, desync.LikeContentLength:
			lengths++
			switch {
			case lengths == 1:
				length = f.Value
			case f.Value != length:
				req.Suspect(desync.Severe, "several lengths")
			default:
				req.Suspect(desync.Ambiguous, "the same length twice")
			}
		}
	}
	if !coded && lengths == 0 {
		return nil
	}
	bodiless := req.Method == http.MethodGet || req.Method == http.MethodHead
	switch {
	case chunked > 1:
		req.Suspect(desync.Severe, "chunked twice")
	case coded && lengths > 0:
		req.Suspect(desync.Ambiguous, "both a length and a coding")
	case coded && (bodiless || req.Minor == 0):
		req.Suspect(desync.Ambiguous, "a coding where a body has no meaning")
	case bodiless && length == "0":
		req.Suspect(desync.Acceptable, "an empty body where a body has no meaning")
	case bodiless:
		req.Suspect(desync.Ambiguous, "a body where a body has no meaning")
	}
	onlyOne(&req.Fields, "Content-Length")
	if chunked > 1 {
		onlyOne(&req.Fields, "Transfer-Encoding")
		req.Fields.Set("Transfer-Encoding", "chunked")
	}
	return nil
}

// onlyOne leaves the first field of a name.
func onlyOne(f *message.Fields, name string) {
	found := false
	f.DelFunc(func(x message.Field) bool {
		again := found && strings.EqualFold(x.Name, name)
		found = found || strings.EqualFold(x.Name, name)
		return again
	})
}
