// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-aws/istio-aws/internal/docker"
	"github.com/istio-aws/istio-aws/internal/kube"
)

// silence is after how long a connection that is not accepted counts as dropped: many times what one takes.
const silence = 2 * time.Second

// addressOutsideLabs is an address of this machine that is in no lab's network. One that has Docker has one.
func addressOutsideLabs(t *testing.T) netip.Addr {
	t.Helper()
	labs := netip.MustParsePrefix("172.28.0.0/14")
	addresses, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, address := range addresses {
		prefix, err := netip.ParsePrefix(address.String())
		require.NoError(t, err)
		if a := prefix.Addr(); a.Is4() && !a.IsLoopback() && !labs.Contains(a) {
			return a
		}
	}
	require.FailNow(t, "this machine has no address outside "+labs.String())
	return netip.Addr{}
}

// connectFrom opens a connection from an address of this machine and closes it. What comes of it is the observation.
func connectFrom(source netip.Addr, address, port string) func(context.Context) (error, error) {
	return func(ctx context.Context) (error, error) {
		d := net.Dialer{Timeout: silence, LocalAddr: &net.TCPAddr{IP: source.AsSlice()}}
		c, err := d.DialContext(ctx, "tcp", net.JoinHostPort(address, port))
		if err != nil {
			return err, nil
		}
		return nil, c.Close()
	}
}

// nodeOf is the address of the node that a pod is on.
func nodeOf(t *testing.T, pod string) string {
	t.Helper()
	pods, err := kube.List[corev1.Pod](t.Context(), suite.kube, "pods", "-A")
	require.NoError(t, err)
	for _, p := range pods {
		if p.Status.PodIP == pod {
			return p.Status.HostIP
		}
	}
	require.FailNow(t, "no pod has the address "+pod)
	return ""
}

// statusFrom asks an address over HTTP from a node. The observation is the start of the answer's first line,
// empty if nothing comes.
func statusFrom(node, address, port string) func(context.Context) (string, error) {
	script := fmt.Sprintf("exec bash -c 'exec 3<>/dev/tcp/%s/%s; printf \"GET / HTTP/1.1\\r\\nHost: shop.example.com\\r\\n\\r\\n\" >&3; timeout %.0f head -c 12 <&3 || true'",
		address, port, silence.Seconds())
	return func(ctx context.Context) (string, error) { return docker.Exec(ctx, node, script) }
}

// is wants exactly this answer.
func is(want string) func(string) error {
	return func(got string) error {
		if got != want {
			return fmt.Errorf("want %q, got %q", want, got)
		}
		return nil
	}
}

// connected wants a connection.
func connected(err error) error { return err }

// timedOut wants no answer at all, neither a connection nor a refusal.
func timedOut(err error) error {
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return nil
	}
	return fmt.Errorf("want a time-out, got %v", err)
}
