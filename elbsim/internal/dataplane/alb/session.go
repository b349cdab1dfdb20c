// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/attribute"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/tlscert"
)

// session says which fields tell targets of a client's TLS connection, and by what names (row 19).
type session struct {
	version, cipher                         string // empty: not told
	chain                                   string // of mutual TLS passthrough
	serial, issuer, subject, validity, leaf string // of mutual TLS verify
}

// sessionOf reads the names, which listener attributes may change.
func sessionOf(mutualTLS string, tlsInfo bool, listener *attribute.Reader) session {
	name := func(key, standard string) string {
		return listener.Text("routing.http.request."+key+".header_name", standard)
	}
	var s session
	if tlsInfo {
		s.version = name("x_amzn_tls_version", "X-Amzn-Tls-Version")
		s.cipher = name("x_amzn_tls_cipher_suite", "X-Amzn-Tls-Cipher-Suite")
	}
	const mtls, header = "x_amzn_mtls_clientcert", "X-Amzn-Mtls-Clientcert"
	switch mutualTLS {
	case "passthrough":
		s.chain = name(mtls, header)
	case "verify":
		s.serial, s.issuer, s.subject = name(mtls+"_serial_number", header+"-Serial-Number"), name(mtls+"_issuer", header+"-Issuer"), name(mtls+"_subject", header+"-Subject")
		s.validity, s.leaf = name(mtls+"_validity", header+"-Validity"), name(mtls+"_leaf", header+"-Leaf")
	}
	return s
}

// fields are those of a connection; one with an empty value only takes away what the client sent by that name.
func (s session) fields(conn net.Conn) message.Fields {
	secure, ok := conn.(*tls.Conn)
	if !ok {
		return nil
	}
	state := secure.ConnectionState()
	var out message.Fields
	add := func(name, value string) {
		if name != "" {
			out.Add(name, value)
		}
	}
	add(s.version, tlscert.VersionName(state.Version))
	add(s.cipher, tlscert.CipherName(state.CipherSuite))
	add(s.chain, pemOf(state.PeerCertificates...))
	if s.serial != "" && len(state.PeerCertificates) > 0 {
		c := state.PeerCertificates[0]
		add(s.serial, fmt.Sprintf("%X", c.SerialNumber.Bytes()))
		add(s.issuer, distinguished(c.RawIssuer, c.Issuer))
		add(s.subject, distinguished(c.RawSubject, c.Subject))
		add(s.validity, "NotBefore="+c.NotBefore.UTC().Format(time.RFC3339)+";NotAfter="+c.NotAfter.UTC().Format(time.RFC3339))
		add(s.leaf, pemOf(c))
	}
	return out
}

// distinguished is a name in the form of RFC 2253, in the certificate's own order where it can be read.
func distinguished(raw []byte, parsed pkix.Name) string {
	var sequence pkix.RDNSequence
	if rest, err := asn1.Unmarshal(raw, &sequence); err != nil || len(rest) > 0 {
		return parsed.String()
	}
	return sequence.String()
}

// pemOf is the PEM of certificates, escaped as in a URL but for the three characters that AWS leaves alone.
func pemOf(chain ...*x509.Certificate) string {
	var text strings.Builder
	for _, c := range chain {
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return strings.NewReplacer("%2B", "+", "%3D", "=", "%2F", "/", "+", "%20").Replace(url.QueryEscape(text.String()))
}
