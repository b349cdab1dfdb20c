// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"bytes"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/lab"
	"github.com/istio-aws/istio-aws/internal/loadbalancer"
)

// behind is a load balancer whose listeners are test servers.
func behind(t *testing.T, protocols map[string]*httptest.Server) loadbalancer.LoadBalancer {
	balancer := loadbalancer.LoadBalancer{
		Stack: "istio-system/alb", Name: "alb", Type: loadbalancer.Application, Scheme: "internet-facing", DNSName: "alb.example",
		State: "active", Addresses: []loadbalancer.Address{{IP: "127.0.0.1"}, {IP: "127.0.0.2"}},
	}
	for protocol, server := range protocols {
		location, err := url.Parse(server.URL)
		require.NoError(t, err)
		port, err := strconv.Atoi(location.Port())
		require.NoError(t, err)
		balancer.Listeners = append(balancer.Listeners, loadbalancer.Listener{Port: int32(port), Protocol: protocol})
	}
	return balancer
}

// elbsim serves the authority of a TLS test server.
func elbsim(t *testing.T, server *httptest.Server) string {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/ca.pem" || server == nil {
			http.NotFound(w, r)
			return
		}
		assert.NoError(t, pem.Encode(w, &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	}))
	t.Cleanup(api.Close)
	return api.URL
}

// shop answers 200 to one host and 404 to any other.
func shop(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil || host != "shop.example.com" {
		http.NotFound(w, r)
	}
}

func TestAsk(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(shop)) // its certificate is for example.com and its subdomains
	defer secure.Close()
	redirect := httptest.NewServer(http.RedirectHandler("https://shop.example.com/", http.StatusMovedPermanently))
	defer redirect.Close()
	caFile := filepath.Join(t.TempDir(), "ca.pem")
	newTest := func(t *testing.T) *prober {
		p, err := newProber(t.Context(), elbsim(t, secure), caFile)
		require.NoError(t, err)
		return p
	}

	t.Run("the first host that is served is the one to print, with a verified certificate", func(t *testing.T) {
		answers, err := newTest(t).ask(t.Context(), []loadbalancer.LoadBalancer{behind(t, map[string]*httptest.Server{"HTTPS": secure})},
			[]string{"other.example.com", "shop.example.com"})
		require.NoError(t, err)
		require.Len(t, answers, 1)
		assert.Equal(t, "shop.example.com", answers[0].host)
		assert.Equal(t, http.StatusOK, answers[0].status)
		assert.False(t, answers[0].insecure)
		assert.FileExists(t, caFile)
	})
	t.Run("a certificate of another authority is said to be one", func(t *testing.T) {
		p := newTest(t)
		answers, err := p.ask(t.Context(), []loadbalancer.LoadBalancer{behind(t, map[string]*httptest.Server{"TLS": secure})}, []string{"shop.invalid"})
		assert.ErrorContains(t, err, "is answered 404")
		require.Len(t, answers, 1)
		assert.True(t, answers[0].insecure)
	})
	t.Run("an address of a zone without targets is passed over", func(t *testing.T) {
		balancer := behind(t, map[string]*httptest.Server{"HTTPS": secure})
		balancer.Addresses = []loadbalancer.Address{{IP: "127.0.0.3"}, {IP: "127.0.0.1"}} // nothing listens at the first
		answers, err := newTest(t).ask(t.Context(), []loadbalancer.LoadBalancer{balancer}, []string{"shop.example.com"})
		require.NoError(t, err)
		assert.Equal(t, "127.0.0.1", answers[0].ip)
	})
	t.Run("a redirect alone is not an open way", func(t *testing.T) {
		answers, err := newTest(t).ask(t.Context(), []loadbalancer.LoadBalancer{behind(t, map[string]*httptest.Server{"HTTP": redirect})}, []string{"shop.example.com"})
		assert.ErrorContains(t, err, "load balancer alb does not answer yet")
		require.Len(t, answers, 1)
		assert.Equal(t, "https://shop.example.com/", answers[0].location)
	})
	t.Run("a load balancer without routes is up once routes have had their time", func(t *testing.T) {
		p := newTest(t)
		balancers := []loadbalancer.LoadBalancer{behind(t, map[string]*httptest.Server{"HTTPS": secure})}
		_, err := p.ask(t.Context(), balancers, []string{"other.example.com"})
		require.ErrorContains(t, err, "is answered 404")
		p.routed = time.Now().Add(-time.Second)
		answers, err := p.ask(t.Context(), balancers, []string{"other.example.com"})
		require.NoError(t, err)
		assert.Equal(t, http.StatusNotFound, answers[0].status)
	})
	t.Run("a load balancer that is not active is named with its state", func(t *testing.T) {
		balancer := behind(t, nil)
		balancer.State = "provisioning"
		_, err := newTest(t).ask(t.Context(), []loadbalancer.LoadBalancer{balancer}, nil)
		assert.ErrorContains(t, err, "load balancer alb is provisioning")
	})
	t.Run("no load balancer at all is an error", func(t *testing.T) {
		_, err := newTest(t).ask(t.Context(), nil, nil)
		assert.ErrorContains(t, err, "no load balancer yet")
	})
	t.Run("an elbsim without an authority is an error", func(t *testing.T) {
		_, err := newProber(t.Context(), elbsim(t, nil), caFile)
		assert.ErrorContains(t, err, "404 Not Found")
	})
}

func TestCurl(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   answer
		want string
	}{
		{"a page is fetched", answer{scheme: "http", listener: loadbalancer.Listener{Port: 80}, status: 200},
			"curl -s --resolve shop.example.com:80:10.0.0.1 http://shop.example.com/"},
		{"a redirect shows its head", answer{scheme: "http", listener: loadbalancer.Listener{Port: 80}, status: 301},
			"curl -sI --resolve shop.example.com:80:10.0.0.1 http://shop.example.com/"},
		{"a certificate of the simulated ACM is verified", answer{scheme: "https", listener: loadbalancer.Listener{Port: 443}, status: 200},
			"curl -s --cacert ca.pem --resolve shop.example.com:443:10.0.0.1 https://shop.example.com/"},
		{"any other certificate is not", answer{scheme: "https", listener: loadbalancer.Listener{Port: 8443}, status: 200, insecure: true},
			"curl -s -k --resolve shop.example.com:8443:10.0.0.1 https://shop.example.com:8443/"},
		{"the status port has a page of its own", answer{scheme: "http", listener: loadbalancer.Listener{Port: 15021}, status: 200},
			"curl -s --resolve shop.example.com:15021:10.0.0.1 http://shop.example.com:15021/healthz/ready"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.host, tt.in.ip = "shop.example.com", "10.0.0.1"
			assert.Equal(t, tt.want, curl(tt.in, "ca.pem"))
		})
	}
}

func TestTable(t *testing.T) {
	balancer := behind(t, nil)
	var out bytes.Buffer
	require.NoError(t, printTable(&out, &lab.Lab{Dir: "/d", Kubeconfig: "/d/kubeconfig", Kubectl: "/t/kubectl", ElbsimURL: "http://e"}, []answer{
		{balancer: balancer, scheme: "http", host: "h", ip: "i", listener: loadbalancer.Listener{Port: 80}, status: 301, location: "https://h/"},
		{balancer: balancer, scheme: "https", host: "h", ip: "i", listener: loadbalancer.Listener{Port: 443}, status: 200},
	}))
	assert.Equal(t, `
LOAD BALANCER  TYPE                         DNS NAME     ADDRESSES
alb            internet-facing application  alb.example  127.0.0.1 127.0.0.2

Try:
  curl -sI --resolve h:80:i http://h/
      # alb port 80: 301 to https://h/
  curl -s --cacert /d/ca.pem --resolve h:443:i https://h/
      # alb port 443: 200

Cluster: export KUBECONFIG=/d/kubeconfig PATH=/t:$PATH
Console of the load balancers: http://e/ (as JSON: /v1/loadbalancers)
`, out.String())
}

func TestUp(t *testing.T) {
	t.Run("a values file that is not there is found out before anything is made", func(t *testing.T) {
		missing := filepath.Join(t.TempDir(), "missing.yaml")
		cache := t.TempDir()
		t.Setenv("ISTIO_AWS_CACHE", cache)
		command := root()
		command.SetArgs([]string{"up", "--values", missing})
		assert.ErrorContains(t, command.ExecuteContext(t.Context()), missing)
		entries, err := os.ReadDir(cache)
		require.NoError(t, err)
		assert.Empty(t, entries)
	})
	t.Run("a command that does not exist is an error", func(t *testing.T) {
		command := root()
		command.SetArgs([]string{"upp"})
		assert.ErrorContains(t, command.ExecuteContext(t.Context()), `unknown command "upp"`)
	})
}
