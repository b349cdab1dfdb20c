// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane

import (
	"crypto/tls"
	"log/slog"
	"time"
)

// DefaultPropagationLag is how long a change of a group's targets takes to reach the routing. AWS documents no
// figure; users of the controller measure seconds for an Application Load Balancer and minutes for a Network
// Load Balancer (aws-load-balancer-controller#2366). It is above zero so that a rollout which does not drain
// fails, and short so that tests stay short.
const DefaultPropagationLag = time.Second

// Options are what a Plane needs from outside.
type Options struct {
	// Log takes what happens; nil discards it.
	Log *slog.Logger
	// Certificates returns the certificate of an ARN for a server name, which is empty if the client
	// names none. It is asked at each handshake, so a renewed certificate is served at once.
	Certificates func(arn, serverName string) (*tls.Certificate, error)
	// PropagationLag delays every addition and removal of a target, but not what a new target group starts
	// with. 0 is DefaultPropagationLag; below 0 is none.
	PropagationLag time.Duration
	// ConnectTimeout limits connection attempts to targets; 0 is AWS's 10 seconds.
	ConnectTimeout time.Duration
}
