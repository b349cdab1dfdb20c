// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/dial"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/identity"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/inbound"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// How long a change of a group's targets takes to reach the routing (row 56). AWS documents no figure; users of
// the controller measure seconds for an Application Load Balancer and two minutes and more for a Network Load
// Balancer (aws-load-balancer-controller#2366). Both are above zero so that a rollout which does not drain
// fails, the second is the longer one, and they are short so that tests stay short.
const (
	DefaultALBPropagationLag = time.Second
	DefaultNLBPropagationLag = 2 * time.Second
)

// Options are what a Plane needs from outside.
type Options struct {
	// Log takes what happens; nil discards it.
	Log *slog.Logger
	// Certificates returns the certificate of an ARN for a server name, which is empty if the client
	// names none. It is asked at each handshake, so a renewed certificate is served at once.
	Certificates func(arn, serverName string) (*tls.Certificate, error)
	// TrustStores returns the authorities of a trust store's ARN, for mutual TLS that verifies. It is asked at
	// each handshake; nil leaves such listeners unserved.
	TrustStores func(arn string) (*x509.CertPool, error)
	// Identity checks tokens and users for actions that need it; nil leaves such listeners unserved.
	Identity *identity.Checker
	// ALBPropagationLag and NLBPropagationLag delay every addition and removal of a target, but not what a new
	// target group starts with. 0 is the default above; below 0 is none.
	ALBPropagationLag, NLBPropagationLag time.Duration
	// Traffic counts what is served; nil counts nothing.
	Traffic *traffic.Recorder
	// ConnectTimeout limits connection attempts to targets; 0 is AWS's 10 seconds.
	ConnectTimeout time.Duration
	// Members returns the addresses behind security groups and prefix lists that are sources of inbound rules. nil
	// knows none.
	Members inbound.Members
	// Outage tells how a target of a group (by name) that is taken away does not answer; nil: none is.
	Outage func(group, id, address, zone string) target.Outage
	// Paths are the ways by which Network Load Balancers can preserve clients' addresses.
	Paths dial.Paths
}
