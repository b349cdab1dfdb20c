//go:build unix

// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package handover connects one load balancer of this process to another in the name of a client: an Application Load
// Balancer behind a Network Load Balancer sees the client's address (row 76). Through the network it could not: what it
// answers to the client's address would leave for the client and pass the Network Load Balancer by. It never looks at
// what is sent.
package handover

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// Pair returns the two ends of a connection: the client's, and the server's as it would be accepted from the client.
func Pair(client, server netip.AddrPort) (near, far net.Conn, err error) {
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", err)
	}
	from, to := net.TCPAddrFromAddrPort(client), net.TCPAddrFromAddrPort(server)
	a, errA := open(fds[0], from, to)
	b, errB := open(fds[1], to, from)
	if err := errors.Join(errA, errB); err != nil {
		for _, c := range []*conn{a, b} {
			if c != nil {
				err = errors.Join(err, c.Close())
			}
		}
		return nil, nil, err
	}
	return a, b, nil
}

// conn is one end. Its addresses are those that a TCP connection would have.
type conn struct {
	*net.UnixConn
	local, remote net.Addr
}

func open(fd int, local, remote net.Addr) (*conn, error) {
	f := os.NewFile(uintptr(fd), "handover")
	c, err := net.FileConn(f) // a copy
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("open a pair of sockets: %w", err)
	}
	return &conn{UnixConn: c.(*net.UnixConn), local: local, remote: remote}, nil
}

// LocalAddr implements net.Conn.
func (c *conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *conn) RemoteAddr() net.Addr { return c.remote }
