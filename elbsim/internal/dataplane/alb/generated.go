// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// serverName is what an ALB calls itself in answers of its own.
const serverName = "awselb/2.0"

// Status codes of an ALB that HTTP does not know (troubleshooting guide).
const (
	statusTooManyForwarded = 463
	statusVersionMismatch  = 464
)

// reason returns AWS's reason phrases, which are nginx's.
func reason(status int) string {
	switch status {
	case http.StatusServiceUnavailable:
		return "Service Temporarily Unavailable"
	case http.StatusGatewayTimeout:
		return "Gateway Time-out"
	case http.StatusRequestTimeout:
		return "Request Time-out"
	case http.StatusFound:
		return "Moved Temporarily"
	case http.StatusMethodNotAllowed:
		return "Not Allowed"
	}
	return http.StatusText(status)
}

// page is an answer of the load balancer itself.
func page(status int) *message.Response {
	title := strings.TrimSpace(fmt.Sprintf("%d %s", status, reason(status)))
	body := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n</body>\r\n</html>\r\n"
	return generated(status, "text/html", body)
}

func generated(status int, contentType, body string) *message.Response {
	resp := &message.Response{Status: status, Reason: reason(status), Own: true, Generated: true, Fields: message.Fields{
		{Name: "Server", Value: serverName},
		{Name: "Date", Value: time.Now().UTC().Format(http.TimeFormat)},
	}}
	if contentType != "" {
		resp.Fields.Add("Content-Type", contentType)
	}
	if body != "" {
		resp.Body, resp.Length = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
	return resp
}

func redirect(status int, location string) *message.Response {
	resp := page(status)
	resp.Fields.Add("Location", location)
	return resp
}

func fixed(f *elb.FixedResponse) *message.Response {
	contentType := f.ContentType
	if contentType == "text/plain" {
		contentType = "text/plain; charset=utf-8"
	}
	return generated(f.StatusCode, contentType, f.Body)
}
