// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build clients

package clients

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// selfSigned lets openssl make a client's certificate and returns the paths of certificate and key.
func selfSigned(t *testing.T, name string) (certificate, key string) {
	t.Helper()
	folder := t.TempDir()
	certificate, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	r := client(t, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
		"-subj", "/CN="+name, "-addext", "extendedKeyUsage=clientAuth", "-keyout", key, "-out", certificate)
	require.Zero(t, r.status, r.stderr)
	return certificate, key
}

// TestRow19MutualTLS lets curl show certificates that openssl made.
func TestRow19MutualTLS(t *testing.T) {
	const store = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/partners/1"
	l := start(t, map[string]string{shopARN: "shop.example.com"})
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		h := r.Header
		_, _ = fmt.Fprintf(w, "%s|%t", h.Get("X-Amzn-Mtls-Clientcert-Subject"), h.Get("X-Amzn-Mtls-Clientcert") != "") // the client asserts
	})
	lb := loadBalancer(elb.Application, httpGroup(t, "HTTP1", target),
		elb.Listener{Protocol: "HTTPS", Certificates: []string{shopARN}, SSLPolicy: tls12, DefaultActions: forward(),
			MutualTLS: "verify", TrustStore: &elb.TrustStore{ARN: store, AdvertiseNames: true}},
		elb.Listener{Protocol: "HTTPS", Certificates: []string{shopARN}, SSLPolicy: tls12, DefaultActions: forward(), MutualTLS: "passthrough"})
	for i := range lb.Listeners {
		lb.Listeners[i].Port = freePort(t, lb.Addresses[0].IP)
	}
	partner, partnerKey := selfSigned(t, "partner")
	stranger, strangerKey := selfSigned(t, "stranger")
	text, err := os.ReadFile(partner)
	require.NoError(t, err)
	l.trusted[store] = x509.NewCertPool()
	require.True(t, l.trusted[store].AppendCertsFromPEM(text))
	l.apply(t, lb)
	l.healthy(t, lb)

	ask := func(listener int, args ...string) result {
		port := lb.Listeners[listener].Port
		return client(t, "curl", append(args, "--silent", "--show-error", "--write-out", " %{http_code}", "--cacert", l.CA, "--resolve",
			fmt.Sprintf("shop.example.com:%d:%s", port, lb.Addresses[0].IP), fmt.Sprintf("https://shop.example.com:%d/", port))...)
	}
	accepted := func(name string, r result, want string) {
		t.Run(name, func(t *testing.T) {
			require.Zero(t, r.status, r.stderr)
			assert.Equal(t, want, r.stdout)
		})
	}
	refused := func(name string, r result) {
		t.Run(name, func(t *testing.T) {
			assert.NotZero(t, r.status)
			assert.Equal(t, " 000", r.stdout, "what curl prints without an answer")
		})
	}
	accepted("verify: a certificate of the trust store", ask(0, "--cert", partner, "--key", partnerKey), "CN=partner|false 200")
	refused("verify: no certificate", ask(0))
	refused("verify: a certificate of nobody", ask(0, "--cert", stranger, "--key", strangerKey))
	accepted("passthrough: any certificate, for the target to judge", ask(1, "--cert", stranger, "--key", strangerKey), "|true 200")
	accepted("passthrough: no certificate", ask(1), "|false 200")
}
