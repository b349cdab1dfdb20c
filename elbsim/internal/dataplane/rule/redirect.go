// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package rule

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// locationNamesPort: a real ALB prints the port in Location also when it is the scheme's default, such as
// https://example.com:443/. From memory; AWS's documents do not say.
const locationNamesPort = true

// Location is where a redirect leads (row 43). #{path} stands without its leading slash; a part that is
// not given keeps the request's.
func Location(d elb.Redirect, r *Request, tls bool, listenerPort int32) string {
	protocol := "HTTP"
	if tls {
		protocol = "HTTPS"
	}
	port := strconv.Itoa(int(listenerPort))
	fill := strings.NewReplacer("#{protocol}", protocol, "#{host}", r.Host, "#{port}", port,
		"#{path}", strings.TrimPrefix(r.Path, "/"), "#{query}", r.Query)

	var out strings.Builder
	out.WriteString(strings.ToLower(fill.Replace(cmp.Or(d.Protocol, "#{protocol}"))))
	out.WriteString("://")
	out.WriteString(fill.Replace(cmp.Or(d.Host, "#{host}")))
	if port := fill.Replace(cmp.Or(d.Port, "#{port}")); locationNamesPort {
		out.WriteString(":" + port)
	}
	out.WriteString(fill.Replace(cmp.Or(d.Path, "/#{path}")))
	if query := fill.Replace(cmp.Or(d.Query, "#{query}")); query != "" {
		out.WriteString("?" + query)
	}
	return out.String()
}
