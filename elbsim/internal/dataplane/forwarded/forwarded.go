// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package forwarded computes the header fields that an Application Load Balancer adds to a request or
// changes in it. Its functions are pure; the numbers in their comments are rows of the semantics table.
package forwarded

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

// Names of the fields, in the spelling of AWS.
const (
	For   = "X-Forwarded-For"
	Proto = "X-Forwarded-Proto"
	Port  = "X-Forwarded-Port"
	Trace = "X-Amzn-Trace-Id"
)

// MaxAddresses is the most that X-Forwarded-For may hold; more is answered with status 463 (row 5).
const MaxAddresses = 30

// Mode is what happens to X-Forwarded-For (attribute routing.http.xff_header_processing.mode).
type Mode string

// The modes of X-Forwarded-For.
const (
	Append   Mode = "append"
	Preserve Mode = "preserve"
	Remove   Mode = "remove"
)

// SetFor deals with X-Forwarded-For (rows 1-4). withPort adds the client's port in mode append.
func SetFor(f *message.Fields, mode Mode, peer netip.AddrPort, withPort bool) {
	switch mode {
	case Preserve:
	case Remove:
		f.Del(For)
	default:
		client := peer.Addr().Unmap().String()
		if withPort {
			client = netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port()).String()
		}
		if f.Has(For) {
			client = strings.Join(append(f.Values(For), client), ", ")
		}
		f.Set(For, client)
	}
}

// TooMany tells whether X-Forwarded-For holds more addresses than an ALB takes (row 5).
func TooMany(f message.Fields) bool {
	n := 0
	for _, v := range f.Values(For) {
		n += strings.Count(v, ",") + 1
	}
	return n > MaxAddresses
}

// SetLeg overwrites what a client may have said of its own leg (row 6).
func SetLeg(f *message.Fields, tls bool, listenerPort int32) {
	proto := "http"
	if tls {
		proto = "https"
	}
	f.Set(Proto, proto)
	f.Set(Port, strconv.Itoa(int(listenerPort)))
}

// Host is what a target gets as Host (rows 8, 9): lower case, without the port on a default port, with the
// listener's port on any other.
func Host(host string, listenerPort int32) string {
	host = strings.ToLower(host)
	name, hasPort := host, false
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		name, hasPort = host[:i], true
	}
	switch {
	case host == "":
		return ""
	case listenerPort == 80 || listenerPort == 443:
		return name
	case hasPort:
		return host
	}
	return host + ":" + strconv.Itoa(int(listenerPort))
}

// Name is a Host field without its port, in lower case: what rules look at.
func Name(host string) string { return Host(host, 80) }

// DropInvalid removes fields whose name has other characters than letters, digits and hyphens (row 16).
func DropInvalid(f *message.Fields) {
	f.DelFunc(func(x message.Field) bool {
		for i := 0; i < len(x.Name); i++ {
			c := x.Name[i]
			if !(c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
				return true
			}
		}
		return false
	})
}
