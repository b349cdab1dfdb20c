// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build linux

// Package crowd tests a load balancer with as many connections as it is promised to hold. Clients and target are
// processes of their own (see process_test.go), so that the files and the memory of this one are the load balancer's.
// It holds nothing but tests.
package crowd

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

const (
	// promised is how many WebSockets an ALB holds at once.
	promised = 10_000
	// perWebSocket are the files of one: to the client and to the target.
	perWebSocket = 2
	// spare are the files that the process needs besides.
	spare = 100
	// most is how much memory, in bytes, an open and silent WebSocket may hold.
	most = 40 << 10
	// patience is how long the test waits for what must come. It is never how long something takes.
	patience = 2 * time.Minute
	tick     = 20 * time.Millisecond
)

// count is the promise, or what the limit of open files allows. Go has raised the soft limit to the hard one.
func count(t *testing.T) int {
	t.Helper()
	var files syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files))
	n := min(promised, (int(files.Max)-spare)/perWebSocket)
	if n < promised {
		t.Logf("%d WebSockets instead of %d: this machine allows a process %d open files (ulimit -Hn)", n, promised, files.Max)
	}
	require.GreaterOrEqual(t, n, 1000, "raise the limit of open files: ulimit -Hn %d", promised*perWebSocket+spare)
	return n
}

func TestRow25AnALBHoldsTenThousandWebSockets(t *testing.T) {
	n := count(t)
	target, clients := helper(t, targetRole), helper(t, clientsRole)
	lb := application(t, target.line(t))
	plane := dataplane.New(dataplane.Options{})
	t.Cleanup(func() { require.NoError(t, plane.Close()) })
	apply := func(lbs ...elb.LoadBalancer) { require.NoError(t, plane.Apply(context.Background(), lbs)) }
	idle := usage(t)
	apply(lb)

	clients.tell(t, fmt.Sprintf("%d ws://%s:%d/chat", n, lb.Addresses[0].IP, lb.Listeners[0].Port))
	require.Equal(t, "open", clients.line(t))
	full := usage(t)
	each := (full.memory - idle.memory) / n
	t.Logf("%d open WebSockets: %d bytes of memory and %.1f goroutines each", n, each, float64(full.goroutines-idle.goroutines)/float64(n))
	assert.GreaterOrEqual(t, full.files-idle.files, perWebSocket*n, "all are open at once")
	assert.Less(t, each, most, "bytes of memory for each")

	clients.tell(t, "echo")
	require.Equal(t, fmt.Sprintf("%d echoes", n), clients.line(t))

	apply()
	require.Equal(t, fmt.Sprintf("%d ended", n), clients.line(t), "the load balancer is deleted")
	for deadline := time.Now().Add(patience); ; time.Sleep(tick) {
		left := usage(t)
		if left.files <= idle.files && left.goroutines <= idle.goroutines {
			return
		}
		require.True(t, time.Now().Before(deadline), "left: %+v, before: %+v", left, idle)
	}
}

// resources are what a process holds.
type resources struct {
	files, goroutines int
	memory            int // bytes of heap and stacks
}

func usage(t *testing.T) resources {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return resources{len(files), runtime.NumGoroutine(), int(m.HeapInuse + m.StackInuse)}
}

// application describes an ALB that forwards everything to a target.
func application(t *testing.T, target string) elb.LoadBalancer {
	t.Helper()
	to, err := netip.ParseAddrPort(target)
	require.NoError(t, err)
	ip := fmt.Sprintf("127.%d.%d.1", 32+os.Getpid()>>8&0x1f, os.Getpid()&0xff)
	free, err := net.Listen("tcp", ip+":0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	return elb.LoadBalancer{
		Stack: "shop/crowd", ARN: "crowd", Type: elb.Application, Addresses: []elb.Address{{Zone: "eu-west-1a", IP: ip}},
		SecurityGroups: []elb.SecurityGroup{{Inbound: []elb.InboundRule{{Protocol: "tcp", FromPort: 1, ToPort: 65535, Source: "127.0.0.0/8"}}}},
		Listeners: []elb.Listener{{Port: int32(free.Addr().(*net.TCPAddr).Port), Protocol: "HTTP",
			DefaultActions: []elb.Action{{Type: "forward", Forward: []elb.Weighted{{TargetGroup: "shop/echo:80", Weight: 1}}}}}},
		TargetGroups: []elb.TargetGroup{{
			Name: "shop/echo:80", ARN: "crowd/tg", Protocol: "HTTP", ProtocolVersion: "HTTP1", TargetType: "ip",
			Targets: []elb.Target{{ID: to.Addr().String(), Address: to.Addr().String(), Port: int32(to.Port()), Zone: "eu-west-1a"}},
			HealthCheck: elb.HealthCheck{Protocol: "HTTP", Port: "traffic-port", Path: "/healthz", Matcher: "200",
				IntervalSeconds: 300, TimeoutSeconds: 100, HealthyThreshold: 2, UnhealthyThreshold: 2},
		}},
	}
}
