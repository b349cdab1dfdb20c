// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package echo

import "strings"

// ClientCertificate is one element of X-Forwarded-Client-Cert: a client that presented a certificate to
// a proxy on the way. The format is Envoy's (http_conn_man/headers, x-forwarded-client-cert).
type ClientCertificate struct {
	By   string `json:"by,omitempty"`   // identity of the proxy that checked the certificate
	Hash string `json:"hash,omitempty"` // SHA-256 of the certificate, hex
	URI  string `json:"uri,omitempty"`  // identity of the client; a SPIFFE ID in a mesh
}

// ParseXFCC reads an X-Forwarded-Client-Cert header. Keys that it does not know and elements without
// any that it does are left out.
func ParseXFCC(header string) []ClientCertificate {
	var found []ClientCertificate
	for _, element := range splitQuoted(header, ',') {
		var c ClientCertificate
		for _, pair := range splitQuoted(element, ';') {
			key, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			value = unquote(value)
			switch strings.ToLower(key) {
			case "by":
				c.By = value
			case "hash":
				c.Hash = value
			case "uri":
				c.URI = value
			}
		}
		if c != (ClientCertificate{}) {
			found = append(found, c)
		}
	}
	return found
}

// splitQuoted splits at sep outside double quotes; a backslash inside quotes escapes the next character.
func splitQuoted(s string, sep byte) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s[1 : len(s)-1])
}
