// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package message

import (
	"fmt"
	"io"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/desync"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// UnknownLength is the length of a body that ends when it ends.
const UnknownLength = int64(-1)

// Request is what a client asks for. The authority of HTTP/2 is a field Host.
type Request struct {
	Method string
	// Target is path and query as sent, "/p?q", or "*".
	Target string
	// Authority is that of a target in absolute form, and empty for any other.
	Authority string
	// Major and Minor are the client's HTTP version.
	Major, Minor int
	Fields       Fields
	// Body is nil without a body.
	Body io.Reader
	// Length of Body in bytes, or UnknownLength.
	Length int64
	// Arrived: reading Body to its end does not have to wait for the client.
	Arrived bool
	// Trailer returns what came after Body; valid when Body has ended. May be nil.
	Trailer func() Fields
	// Close: the client, or the way it spoke, wants no further request on this connection.
	Close bool
	// Session are fields that tell a target of the client's TLS connection; an empty value only takes the name away.
	Session Fields
	// Alone: the connection to the target must not carry another request after this one.
	Alone bool
	// Left tells whether the client has closed its connection; nil if nobody can tell.
	Left func() bool
	// Class is how far the request is from having one reading, and Reason what makes it so ("" if compliant).
	Class  desync.Class
	Reason string
	// Reply is memory for the response, which the client's connection uses again for the next one; nil for none.
	Reply *Response
	// Traffic is what becomes of the request.
	Traffic traffic.Exchange
}

// Suspect notes that the request is at least of that class.
func (r *Request) Suspect(c desync.Class, reason string) {
	if c > r.Class {
		r.Class, r.Reason = c, reason
	}
}

// Host is what the request is addressed to: the authority of an absolute target, else the first field Host.
func (r *Request) Host() string {
	if r.Authority != "" {
		return r.Authority
	}
	return r.Fields.Get("Host")
}

// Path is Target without the query.
func (r *Request) Path() string {
	path, _, _ := strings.Cut(r.Target, "?")
	return path
}

// Query is what follows the first ? of Target.
func (r *Request) Query() string {
	_, query, _ := strings.Cut(r.Target, "?")
	return query
}

// GRPC tells whether the request is a gRPC call.
func (r *Request) GRPC() bool {
	return r.Major == 2 && strings.HasPrefix(strings.ToLower(r.Fields.Get("Content-Type")), "application/grpc")
}

// Upgrade returns the protocol that the client wants to switch to, or "".
func (r *Request) Upgrade() string {
	if r.Major != 1 || !r.Fields.HasToken("Connection", "upgrade") {
		return ""
	}
	return r.Fields.Get("Upgrade")
}

// Response is what goes back.
type Response struct {
	Status int
	// Reason is the reason phrase of HTTP/1; may be empty.
	Reason string
	Fields Fields
	// Body is nil without a body. Its end without error is the end of the message.
	Body io.ReadCloser
	// Length of Body in bytes, or UnknownLength.
	Length int64
	// Trailer returns what came after Body; valid when Body has ended. May be nil.
	Trailer func() Fields
	// Upgraded is the target's connection after status 101.
	Upgraded io.ReadWriteCloser
	// Own: the load balancer's own answer.
	Own bool
	// Generated: the request's body was not looked at.
	Generated bool
	// Close: the client's connection must not be used again.
	Close bool
}

// Error is a message that cannot be accepted, with the status that tells the sender.
type Error struct {
	Status int
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("%s (status %d)", e.Reason, e.Status) }

// hopByHop are the fields that concern one connection only (RFC 9110 7.6.1). Upgrade is dealt with where
// upgrades are.
func hopByHop(name string) bool {
	switch len(name) {
	case 2:
		return strings.EqualFold(name, "TE")
	case 7:
		return strings.EqualFold(name, "Upgrade")
	case 10:
		return strings.EqualFold(name, "Connection") || strings.EqualFold(name, "Keep-Alive")
	case 16:
		return strings.EqualFold(name, "Proxy-Connection")
	case 17:
		return strings.EqualFold(name, "Transfer-Encoding")
	}
	return false
}

// StripHopByHop removes what concerns one connection only, also what Connection names.
func StripHopByHop(f *Fields) {
	var named []string
	for _, x := range *f {
		if strings.EqualFold(x.Name, "Connection") {
			for part := range strings.SplitSeq(x.Value, ",") {
				if part = strings.TrimSpace(part); !strings.EqualFold(part, "close") && !strings.EqualFold(part, "keep-alive") {
					named = append(named, part)
				}
			}
		}
	}
	f.DelFunc(func(x Field) bool {
		if hopByHop(x.Name) {
			return true
		}
		for _, n := range named {
			if strings.EqualFold(n, x.Name) {
				return true
			}
		}
		return false
	})
}
