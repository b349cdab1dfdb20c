// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import "github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"

// Protocol versions of target groups.
const (
	http1Version = "HTTP1"
	http2Version = "HTTP2"
	grpcVersion  = "GRPC"
)

// served tells whether a request may go to a target group of that protocol version; if not, the answer is
// status 464 (row 23). Nothing is translated that AWS does not translate.
func served(req *message.Request, version string) bool {
	switch version {
	case http2Version:
		return req.Major == 2
	case grpcVersion:
		return req.Major == 2 && req.Method == "POST"
	}
	return !req.GRPC()
}
