// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build clients

package clients

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// tcpGroup is a group of an NLB.
func tcpGroup(t *testing.T, target string) elb.TargetGroup {
	t.Helper()
	return elb.TargetGroup{Protocol: "TCP", Targets: []elb.Target{targetAt(t, target)},
		HealthCheck: elb.HealthCheck{Protocol: "HTTP", Port: "traffic-port", Path: "/", Matcher: "200-399",
			IntervalSeconds: 10, TimeoutSeconds: 10, HealthyThreshold: 3, UnhealthyThreshold: 3}}
}

// receiver starts a program that reads PROXY headers on a port and answers requests with the addresses that it
// learned. The path of its configuration becomes its last argument.
func receiver(t *testing.T, port int32, program, configuration string, args ...string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "configuration.yaml")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, configuration, port), 0o600))
	var log bytes.Buffer
	cmd := exec.Command(program, append(args, path)...)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		_ = cmd.Wait() // it was told to end
		if t.Failed() {
			t.Logf("%s:\n%s", program, log.String())
		}
	})
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		return err == nil && c.Close() == nil
	}, patience, tick, "%s does not listen", program)
}

const haproxyReceiver = `
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend in
  bind 127.0.0.1:%d accept-proxy
  http-request return status 200 content-type text/plain lf-string "%%[src] %%[dst]:%%[dst_port]"
`

const envoyReceiver = `
static_resources:
  listeners:
  - name: in
    address: {socket_address: {address: 127.0.0.1, port_value: %d}}
    listener_filters:
    - name: envoy.filters.listener.proxy_protocol
      typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: {prefix: /}
                direct_response: {status: 200, body: {inline_string: ""}}
                response_headers_to_add:
                - header: {key: addresses, value: "%%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%% %%DOWNSTREAM_LOCAL_ADDRESS%%"}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
`

// TestProxyProtocol lets foreign programs read the header of an NLB: of connections and of health checks.
func TestProxyProtocol(t *testing.T) {
	for _, tt := range []struct {
		name  string
		start func(t *testing.T, port int32)
	}{
		{"HAProxy", func(t *testing.T, port int32) {
			receiver(t, port, "haproxy", haproxyReceiver, "-db", "-f")
		}},
		{"Envoy", func(t *testing.T, port int32) {
			receiver(t, port, envoy, envoyReceiver, "--concurrency", "1", "--log-level", "error", "--use-dynamic-base-id", "-c")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := start(t, nil)
			port := freePort(t, "127.0.0.1")
			tt.start(t, port)
			group := tcpGroup(t, fmt.Sprintf("127.0.0.1:%d", port))
			group.Attributes = map[string]string{"proxy_protocol_v2.enabled": "true"}
			lb := loadBalancer(elb.Network, group, elb.Listener{Protocol: "TCP", DefaultActions: forward()})
			lb.Listeners[0].Port = freePort(t, lb.Addresses[0].IP)
			l.apply(t, lb)
			t.Run("row 64: a health check's header is accepted", func(t *testing.T) { l.healthy(t, lb) })
			t.Run("row 65: the client's and the node's address are read, unknown parts are not in the way", func(t *testing.T) {
				for _, source := range []string{"127.0.0.9", "127.0.0.10"} {
					answer, err := ask(t.Context(), source, at(lb, 0))
					require.NoError(t, err)
					assert.Equal(t, source+" "+at(lb, 0), answer)
				}
			})
			t.Run("without a header nobody is served", func(t *testing.T) {
				plain := lb
				plain.TargetGroups = []elb.TargetGroup{lb.TargetGroups[0]}
				plain.TargetGroups[0].Attributes = nil
				l.apply(t, plain)
				_, err := ask(t.Context(), "127.0.0.9", at(plain, 0))
				assert.Error(t, err, "the receiver insists on the header")
			})
		})
	}
}

// ask asks a load balancer from a source address and returns the addresses that the receiver answers with.
func ask(ctx context.Context, source, address string) (string, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	c := http.Client{Timeout: patience, Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/", nil)
	if err != nil {
		return "", err
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }() // read to the end or failed
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d: %w", resp.StatusCode, err)
	}
	return string(body) + resp.Header.Get("addresses"), nil
}
