// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package network_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// insideVariable tells a test process that it is alone in a network namespace.
const insideVariable = "ELBSIM_TEST_NAMESPACE"

// TestMain runs the tests in a network namespace of their own, so that they may change addresses, routes and rules.
// Root makes it as root; anyone else needs a user namespace, in which everyone is root.
func TestMain(m *testing.M) {
	if os.Getenv(insideVariable) != "" {
		if err := loopbackUp(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(m.Run())
	}
	err := again(syscall.CLONE_NEWNET)
	if errors.Is(err, syscall.EPERM) {
		err = again(syscall.CLONE_NEWNET | syscall.CLONE_NEWUSER)
	}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		os.Exit(exit.ExitCode())
	case err != nil:
		fmt.Fprintf(os.Stderr, "make a network namespace: %v; run these tests as root, or let users make namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0)\n", err)
		os.Exit(1)
	}
}

// again runs this test program again in new namespaces.
func again(flags uintptr) error {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), insideVariable+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags, Pdeathsig: syscall.SIGKILL}
	if flags&syscall.CLONE_NEWUSER != 0 {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	return cmd.Run()
}

func loopbackUp() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(lo)
}

// machine is a network namespace beside the one of the tests, connected to it.
type machine struct {
	t  *testing.T
	ns netns.NsHandle
	// address is the machine's, gateway the test's on the same wire; gateway is the way to everything.
	address, gateway netip.Addr
}

// newMachine connects a new machine by a wire of the name; the network is a /24 of which .1 is the gateway.
func newMachine(t *testing.T, name string, network netip.Prefix) *machine {
	t.Helper()
	m := &machine{t: t, gateway: network.Addr().Next()}
	m.address = m.gateway.Next()
	done := make(chan error, 1)
	go func() { // ends with its thread
		runtime.LockOSThread()
		var err error
		m.ns, err = netns.New()
		done <- errors.Join(err, loopbackUp())
	}()
	require.NoError(t, <-done)
	wire := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: name}, PeerName: name + "-peer"}
	require.NoError(t, netlink.LinkAdd(wire))
	t.Cleanup(func() {
		require.NoError(t, netlink.LinkDel(wire))
		require.NoError(t, m.ns.Close())
	})
	peer, err := netlink.LinkByName(wire.PeerName)
	require.NoError(t, err)
	require.NoError(t, netlink.LinkSetNsFd(peer, int(m.ns)))
	require.NoError(t, plug(wire.Name, m.gateway, network.Bits()))
	m.do(func() error {
		if err := plug(wire.PeerName, m.address, network.Bits()); err != nil {
			return err
		}
		return netlink.RouteAdd(&netlink.Route{Gw: m.gateway.AsSlice()})
	})
	return m
}

func plug(name string, address netip.Addr, bits int) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	addr, err := netlink.ParseAddr(netip.PrefixFrom(address, bits).String())
	if err != nil {
		return err
	}
	return errors.Join(netlink.AddrAdd(link, addr), netlink.LinkSetUp(link))
}

// do runs f on the machine. Sockets that f makes stay there.
func (m *machine) do(f func() error) {
	m.t.Helper()
	done := make(chan error, 1)
	go func() { // ends with its thread
		runtime.LockOSThread()
		if err := netns.Set(m.ns); err != nil {
			done <- err
			return
		}
		done <- f()
	}()
	require.NoError(m.t, <-done)
}
