// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package echo

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParseXFCC(t *testing.T) {
	const app, gateway = "spiffe://cluster.local/ns/shop/sa/echo", "spiffe://cluster.local/ns/istio-system/sa/alb-public"
	for _, test := range []struct {
		name, header string
		want         []ClientCertificate
	}{
		{"no header is no certificate", "", nil},
		{"a sidecar's element", "By=" + app + `;Hash=ab12;Subject="";URI=` + gateway,
			[]ClientCertificate{{By: app, Hash: "ab12", URI: gateway}}},
		{"elements keep their order", "URI=spiffe://a,By=b;URI=spiffe://b",
			[]ClientCertificate{{URI: "spiffe://a"}, {By: "b", URI: "spiffe://b"}}},
		{"separators inside quotes do not separate", `Subject="CN=x,O=\"y;z\"";URI="spiffe://\"q\""`,
			[]ClientCertificate{{URI: `spiffe://"q"`}}},
		{"keys are case-insensitive, unknown ones are left out", "uri=spiffe://a;DNS=x", []ClientCertificate{{URI: "spiffe://a"}}},
		{"an element of unknown keys is no certificate", "DNS=x", nil},
	} {
		t.Run(test.name, func(t *testing.T) { assert.Equal(t, test.want, ParseXFCC(test.header)) })
	}
}
