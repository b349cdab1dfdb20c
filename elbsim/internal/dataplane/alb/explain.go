// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
)

// clientClosed is the status in logs and metrics of a request whose client did not wait for the answer (row 36).
const clientClosed = 460

// explain says in words why an exchange with a target failed.
func explain(err error, addr netip.AddrPort) string {
	var connect *connectError
	var handshake *handshakeError
	switch {
	case errors.Is(err, errClient) || errors.Is(err, context.Canceled):
		return "the client closed the connection before the answer"
	case errors.Is(err, errClientSilent):
		return "the client stopped sending its request until the idle timeout"
	case errors.Is(err, target.ErrGone):
		return fmt.Sprintf("target %s was deregistered, and the deregistration delay has passed", addr)
	case errors.As(err, &handshake):
		return fmt.Sprintf("TLS handshake with target %s: %v", addr, handshake.err)
	case errors.As(err, &connect) && timedOut(err):
		return fmt.Sprintf("target %s did not accept the connection in time", addr)
	case errors.As(err, &connect) && errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("target %s refused the connection", addr)
	case errors.As(err, &connect):
		return fmt.Sprintf("no connection to target %s: %v", addr, connect.err)
	case errors.Is(err, idle.ErrTimeout):
		return fmt.Sprintf("target %s did not answer within the idle timeout", addr)
	case errors.Is(err, syscall.ECONNRESET):
		return fmt.Sprintf("target %s reset the connection before its response was complete", addr)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("target %s closed the connection before its response was complete", addr)
	}
	return fmt.Sprintf("target %s: %v", addr, err)
}

func timedOut(err error) bool {
	var network net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout()
}

// noTarget says why a group has no target for the node of a zone.
func noTarget(g Group, zone string) string {
	if g.View().CrossZone() {
		return "the target group has no registered target"
	}
	return fmt.Sprintf("the target group has no registered target in zone %s, and cross-zone load balancing is off", zone)
}

// spoken names how a client asks, as far as a protocol version cares.
func spoken(req *message.Request) string {
	if req.GRPC() {
		return "gRPC"
	}
	return fmt.Sprintf("%s over HTTP/%d.%d", req.Method, req.Major, req.Minor)
}
