// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/pires/go-proxyproto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/authority"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestRow53WhatStillRunsWhenTheDelayEndsIsCut(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			arrived <- struct{}{}
			<-r.Context().Done()
		}
	}))
	t.Cleanup(s.Close)
	m := targetAt(t, s.Listener.Addr().String())
	lb := alb(t, m)
	p := plane(t, noLag)
	apply(t, p, lb)
	status := make(chan int, 1)
	go func() {
		code, _, err := get(addressOf(lb))
		if err != nil {
			code = 0 // compared below
		}
		status <- code
	}()
	<-arrived
	lb.TargetGroups[0].Targets[0].Health.State = elb.Draining
	apply(t, p, lb)
	require.Equal(t, elb.Draining, p.Health(lb.TargetGroups[0].ARN, m).State)
	require.Empty(t, status, "it runs on while the target drains")
	lb.TargetGroups[0].Targets = nil
	apply(t, p, lb)
	select {
	case code := <-status:
		assert.Equal(t, http.StatusBadGateway, code)
	case <-time.After(patience):
		assert.Fail(t, "the request still runs")
	}
}

func TestRow64ProxyAttribute(t *testing.T) {
	t.Parallel()
	type header struct {
		command proxyproto.ProtocolVersionAndCommand
		source  string
	}
	seen := make(chan header, 100)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "one") })} // the client asserts
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	go func() {
		_ = s.Serve(&proxyproto.Listener{Listener: l, ConnPolicy: func(proxyproto.ConnPolicyOptions) (proxyproto.Policy, error) { // ends with the test
			return proxyproto.REQUIRE, nil
		}, ValidateHeader: func(h *proxyproto.Header) error {
			select {
			case seen <- header{h.Command, h.SourceAddr.String()}:
			default: // the test has seen enough
			}
			return nil
		}})
	}()
	m := targetAt(t, l.Addr().String())
	lb := nlb(t, m)
	lb.TargetGroups[0].Attributes = map[string]string{"proxy_protocol_v2.enabled": "true"}
	p := plane(t, noLag)
	apply(t, p, lb)
	eventuallyHealth(t, p, lb, m, elb.Health{State: elb.Healthy})
	assert.Equal(t, proxyproto.LOCAL, (<-seen).command, "row 64: a health check")

	c := dialFrom(t, "127.0.0.9", lb)
	_, err = io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.NoError(t, resp.Body.Close())
	require.Eventually(t, func() bool { h := <-seen; return h == header{proxyproto.PROXY, c.LocalAddr().String()} }, patience, tick, "row 64: a client")
}

func TestRow66ProtocolsBehindATLSListener(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:acm:eu-west-1:111122223333:certificate/one"
	ca, err := authority.New("row 66")
	require.NoError(t, err)
	certificate, err := ca.Issue("shop.example.com")
	require.NoError(t, err)
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprintf(w, "TLS %t", r.TLS != nil) }) // the client asserts
	plain, secure := httptest.NewServer(answer), httptest.NewTLSServer(answer)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	p := plane(t, dataplane.Options{Certificates: func(string, string) (*tls.Certificate, error) { return certificate, nil }})
	for protocol, s := range map[string]*httptest.Server{"TCP": plain, "TLS": secure} {
		t.Run("row 66: "+protocol, func(t *testing.T) {
			lb := nlb(t, targetAt(t, s.Listener.Addr().String()))
			lb.Listeners[0].Protocol, lb.Listeners[0].Certificates = "TLS", []string{arn}
			lb.TargetGroups[0].Protocol, lb.TargetGroups[0].HealthCheck.Protocol = protocol, "TCP"
			apply(t, p, lb)
			client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: patience}
			resp, err := client.Get("https://" + addressOf(lb))
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, fmt.Sprintf("TLS %t", protocol == "TLS"), string(body))
		})
	}
}

func TestRow72StickinessAttribute(t *testing.T) {
	t.Parallel()
	lb := nlb(t, server(t, "one", nil), server(t, "two", nil), server(t, "three", nil))
	p := plane(t, noLag)
	bodies := func() map[string]bool {
		apply(t, p, lb)
		got := map[string]bool{}
		for range 50 {
			_, body, err := get(addressOf(lb))
			require.NoError(t, err)
			got[body] = true
		}
		return got
	}
	assert.Len(t, bodies(), 3, "row 72: off by default")
	lb.TargetGroups[0].Attributes = map[string]string{"stickiness.enabled": "true"}
	assert.Len(t, bodies(), 1, "one client, one target")
}
