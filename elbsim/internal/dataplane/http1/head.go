// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package http1 reads and writes HTTP/1 messages byte by byte as they are on the wire: it keeps the order
// and spelling of header fields and refuses what leaves room for two readings. It never decides where a
// message goes, and sets no deadline.
package http1

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

// Limits in bytes (ELB user guide, 'HTTP header limits').
const (
	maxLine         = 16 << 10 // request line or one header field
	maxRequestHead  = 64 << 10
	maxResponseHead = 32 << 10
)

// Scratch is memory that a connection's messages are read into, one after the other.
type Scratch struct {
	head    []byte
	request message.Request
}

// usualFields is room for the fields of most messages, with those that a load balancer adds.
const usualFields = 24

// reuse is an empty list in the memory of one that is no longer used.
func reuse(old message.Fields) message.Fields {
	if old == nil {
		return make(message.Fields, 0, usualFields)
	}
	return old[:0]
}

var errHeadTooLong = &message.Error{Status: 400, Reason: "message head is too long"}

func bad(reason string) error { return &message.Error{Status: 400, Reason: reason} }

// readHead returns everything up to the empty line, without it. scratch is used anew by each call.
// io.EOF means that there was no byte at all.
func readHead(br *bufio.Reader, max int, scratch *[]byte) (string, error) {
	head := (*scratch)[:0]
	lineStart := 0
	for {
		part, err := br.ReadSlice('\n')
		head = append(head, part...)
		*scratch = head
		if len(head) > max {
			return "", errHeadTooLong
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			if len(head) > 0 && errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return "", err
		}
		if line := head[lineStart:]; len(line) == 1 || len(line) == 2 && line[0] == '\r' {
			if lineStart == 0 { // RFC 9112 2.2: an empty line before a message is no message
				head = head[:0]
				continue
			}
			return string(head[:lineStart]), nil
		}
		lineStart = len(head)
	}
}

// nextLine cuts the first line off a head.
func nextLine(head string) (line, rest string) {
	line, rest, _ = strings.Cut(head, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

// parseFields appends the fields of a head without its first line. It is for responses and trailers; requests may
// be odd (parseRequestFields).
func parseFields(fields message.Fields, head string) (message.Fields, error) {
	for head != "" {
		var line string
		line, head = nextLine(head)
		if len(line) > maxLine {
			return fields, bad("header field is too long")
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" || oddest(name) > odd {
			return fields, bad("malformed header field")
		}
		value = strings.Trim(value, " \t")
		if strings.ContainsAny(value, "\x00\r") {
			return fields, bad("malformed header field value")
		}
		fields = append(fields, message.Field{Name: name, Value: value})
	}
	return fields, nil
}
