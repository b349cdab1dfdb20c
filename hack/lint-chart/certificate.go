// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// newSecret is a Secret of a certificate that is valid for an hour: istioctl looks into it.
func newSecret(namespace, name string) (unstructured.Unstructured, error) {
	var none unstructured.Unstructured
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return none, err
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Minute), NotAfter: now.Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return none, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return none, err
	}
	encode := func(kind string, bytes []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}))
	}
	return newObject("v1", "Secret", namespace, name, map[string]any{"type": "kubernetes.io/tls", "data": map[string]any{
		"tls.crt": encode("CERTIFICATE", certificate), "ca.crt": encode("CERTIFICATE", certificate), "tls.key": encode("PRIVATE KEY", private),
	}}), nil
}
