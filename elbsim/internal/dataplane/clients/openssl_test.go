// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build clients

package clients

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestOpenSSL(t *testing.T) {
	l := start(t, map[string]string{shopARN: "shop.example.com", bookARN: "*.book.example.com"})
	target := serve(t, func(http.ResponseWriter, *http.Request) {})
	both := []string{shopARN, bookARN}
	application := loadBalancer(elb.Application, httpGroup(t, "HTTP1", target),
		elb.Listener{Protocol: "HTTPS", Certificates: both, SSLPolicy: tls12, DefaultActions: forward()},
		elb.Listener{Protocol: "HTTPS", Certificates: both, SSLPolicy: tls13, DefaultActions: forward()})
	network := loadBalancer(elb.Network, tcpGroup(t, target),
		elb.Listener{Protocol: "TLS", Certificates: both, SSLPolicy: tls12, DefaultActions: forward()},
		elb.Listener{Protocol: "TLS", Certificates: both, SSLPolicy: tls12, ALPNPolicy: "HTTP2Preferred", DefaultActions: forward()})
	for _, lb := range []elb.LoadBalancer{application, network} {
		for i := range lb.Listeners {
			lb.Listeners[i].Port = freePort(t, lb.Addresses[0].IP)
		}
	}
	l.apply(t, application, network)

	const (
		good    = "Verify return code: 0 (ok)"
		shopped = "subject=CN = shop.example.com"
		booked  = "subject=CN = *.book.example.com"
	)
	h2, alb12, alb13, nlb, preferred := []string{"-alpn", "h2,http/1.1"}, at(application, 0), at(application, 1), at(network, 0), at(network, 1)
	tests := []struct {
		name, address string
		args          []string
		want          []string // all of them
	}{
		{"row 30: a name picks its certificate", alb12, []string{"-servername", "a.book.example.com"}, []string{booked, good}},
		{"row 30: no name gets the default certificate", alb12, []string{"-noservername"}, []string{shopped, good}},
		{"row 30: an unknown name gets the default certificate", alb12, []string{"-servername", "else.example.com"}, []string{shopped, good}},
		{"row 21: an ALB speaks h2 with who offers it", alb12, h2, []string{"ALPN protocol: h2", good}},
		{"an ALB speaks HTTP/1.1 with who offers only that", alb12, []string{"-alpn", "http/1.1"}, []string{"ALPN protocol: http/1.1", good}},
		{"TLS 1.3 by default", alb12, nil, []string{"New, TLSv1.3", good}},
		{"TLS 1.2 where the policy allows it", alb12, []string{"-tls1_2"}, []string{"New, TLSv1.2", good}},
		{"TLS 1.2 is refused where the policy does not", alb13, []string{"-tls1_2"}, []string{"alert protocol version", "New, (NONE)"}},
		{"row 66: an NLB picks the certificate by name", nlb, []string{"-servername", "a.book.example.com"}, []string{booked, good}},
		{"row 66: an NLB speaks no ALPN by default", nlb, h2, []string{"No ALPN negotiated", good}},
		{"row 66: an NLB prefers h2 where the policy says so", preferred, []string{"-alpn", "http/1.1,h2"}, []string{"ALPN protocol: h2", good}},
		{"row 66: no common protocol is no ALPN", preferred, []string{"-alpn", "smtp"}, []string{"No ALPN negotiated", good}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := client(t, "openssl", append([]string{"s_client", "-connect", tt.address, "-CAfile", l.CA}, tt.args...)...)
			for _, want := range tt.want {
				assert.Contains(t, r.stdout+r.stderr, want)
			}
		})
	}
}
