// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/attribute"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

// insertable are the response fields that a listener can set, by the middle of the attribute's name (row 20).
var insertable = []struct{ key, field string }{
	{"strict_transport_security", "Strict-Transport-Security"},
	{"access_control_allow_origin", "Access-Control-Allow-Origin"},
	{"access_control_allow_methods", "Access-Control-Allow-Methods"},
	{"access_control_allow_headers", "Access-Control-Allow-Headers"},
	{"access_control_allow_credentials", "Access-Control-Allow-Credentials"},
	{"access_control_expose_headers", "Access-Control-Expose-Headers"},
	{"access_control_max_age", "Access-Control-Max-Age"},
	{"content_security_policy", "Content-Security-Policy"},
	{"x_content_type_options", "X-Content-Type-Options"},
	{"x_frame_options", "X-Frame-Options"},
}

// insertion is what a listener does to the fields of every response.
type insertion struct {
	fields   message.Fields
	noServer bool // in the load balancer's own answers
}

func insertionOf(listener *attribute.Reader) insertion {
	var out insertion
	for _, x := range insertable {
		if v := listener.Text("routing.http.response."+x.key+".header_value", ""); v != "" {
			out.fields.Add(x.field, v)
		}
	}
	out.noServer = !listener.Bool("routing.http.response.server.enabled", true)
	return out
}

// into changes a response. A field that the target sent gets the listener's value.
func (i *insertion) into(resp *message.Response) {
	for _, f := range i.fields {
		resp.Fields.Set(f.Name, f.Value)
	}
	if i.noServer && resp.Own {
		resp.Fields.Del("Server")
	}
}
