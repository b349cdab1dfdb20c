// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package preflight

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Port tells why this machine cannot listen on a TCP address (host:port), which is the value of a flag, or returns
// nil. Whoever is to listen does it later.
func Port(flag, address string) error {
	listener, err := net.Listen("tcp", address)
	if err == nil {
		return listener.Close()
	}
	_, port, _ := net.SplitHostPort(address) // shown only
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s: %w: perhaps another elbsim, or a program that listens on all addresses; `ss -ltnp sport = :%s` names it. End it, or give another --%s", address, err, port, flag)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s: %w: this machine has no such address; `ip address` lists those that it has. Give one of them by --address or --%s", address, err, flag)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s: %w: ports below 1024 need root or the capability NET_BIND_SERVICE. Give a higher one by --%s", address, err, flag)
	}
	return fmt.Errorf("%s: %w; give another --%s", address, err, flag)
}
