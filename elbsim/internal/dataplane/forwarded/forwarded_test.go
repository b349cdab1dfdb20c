// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package forwarded_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/forwarded"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

func TestForwardedFor(t *testing.T) {
	four, six := netip.MustParseAddrPort("[::ffff:12.34.56.78]:8080"), netip.MustParseAddrPort("[2001:db8::1]:8080")
	tests := []struct {
		name string
		sent []string
		mode forwarded.Mode
		peer netip.AddrPort
		port bool
		want []string
	}{
		{"row 1: created", nil, forwarded.Append, four, false, []string{"12.34.56.78"}},
		{"row 1: appended", []string{"a, b"}, forwarded.Append, four, false, []string{"a, b, 12.34.56.78"}},
		{"row 1: several fields become one", []string{"a", "b"}, forwarded.Append, four, false, []string{"a, b, 12.34.56.78"}},
		{"row 2: preserved", []string{"a", "b"}, forwarded.Preserve, four, true, []string{"a", "b"}},
		{"row 2: not created", nil, forwarded.Preserve, four, false, nil},
		{"row 3: removed", []string{"a", "b"}, forwarded.Remove, four, true, nil},
		{"row 4: with port", []string{"a"}, forwarded.Append, four, true, []string{"a, 12.34.56.78:8080"}},
		{"row 4: IPv6 with port", nil, forwarded.Append, six, true, []string{"[2001:db8::1]:8080"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var f message.Fields
			for _, v := range tt.sent {
				f.Add("x-forwarded-for", v)
			}
			forwarded.SetFor(&f, tt.mode, tt.peer, tt.port)
			assert.Equal(t, tt.want, f.Values(forwarded.For))
		})
	}
}

func TestRow5MoreThan30AddressesAreTooMany(t *testing.T) {
	thirty := strings.Repeat("192.0.2.1, ", 29) + "192.0.2.1"
	assert.False(t, forwarded.TooMany(message.Fields{{Name: forwarded.For, Value: thirty}}))
	assert.True(t, forwarded.TooMany(message.Fields{{Name: forwarded.For, Value: thirty}, {Name: "x-forwarded-for", Value: "192.0.2.1"}}))
}

func TestHost(t *testing.T) {
	tests := []struct {
		name, host string
		port       int32
		want       string
	}{
		{"row 8: port 80 is stripped and the host is lower-cased", "EXAMPLE.com:80", 80, "example.com"},
		{"row 8: any port is stripped on 443", "example.com:8443", 443, "example.com"},
		{"row 8: an IPv6 address keeps its brackets", "[2001:DB8::1]:80", 80, "[2001:db8::1]"},
		{"row 8: an IPv6 address without port", "[2001:db8::1]", 80, "[2001:db8::1]"},
		{"row 9: another listener's port is appended", "example.com", 8080, "example.com:8080"},
		{"row 9: but not twice", "Example.com:9", 8080, "example.com:9"},
		{"no host stays none", "", 8080, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, forwarded.Host(tt.host, tt.port)) })
	}
}

func TestRow7TraceHeader(t *testing.T) {
	tests := []struct{ name, old, want string }{
		{"absent: a new Root", "", "Root=ID"},
		{"Root: a new Self in front, the rest stays", "Root=1-2-3;CalledFrom=app", "Self=ID;Root=1-2-3;CalledFrom=app"},
		{"Self: a new value in its place", "Self=1-2-9;Root=1-2-3;CalledFrom=app", "Self=ID;Root=1-2-3;CalledFrom=app"},
		{"neither: a new Root", "CalledFrom=app", "Root=ID;CalledFrom=app"},
		{"above 7 KB: only a new Root", "Root=1-2-3;X=" + strings.Repeat("x", 7<<10), "Root=ID"},
	}
	for _, tt := range tests {
		t.Run("row 7: "+tt.name, func(t *testing.T) { assert.Equal(t, tt.want, forwarded.TraceHeader(tt.old, "ID")) })
	}
	assert.Equal(t, "1-58337262-0123456789abcdef89abcdef", forwarded.TraceID(time.Unix(0x58337262, 0), func() uint64 { return 0x0123456789abcdef }))
}

func TestRow16DropInvalid(t *testing.T) {
	f := message.Fields{{Name: "X-Good-1", Value: "a"}, {Name: "X_Bad", Value: "b"}, {Name: "X.Bad", Value: "c"}}
	forwarded.DropInvalid(&f)
	assert.Equal(t, message.Fields{{Name: "X-Good-1", Value: "a"}}, f)
}

func TestRow6LegOverwritesTheClients(t *testing.T) {
	f := message.Fields{{Name: "x-forwarded-proto", Value: "https"}, {Name: "X-Forwarded-Proto", Value: "wss"}, {Name: "X-Forwarded-Port", Value: "1"}}
	forwarded.SetLeg(&f, false, 80)
	assert.Equal(t, []string{"http"}, f.Values(forwarded.Proto))
	assert.Equal(t, []string{"80"}, f.Values(forwarded.Port))
}
