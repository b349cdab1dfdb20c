// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package preflight_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/preflight"
)

var (
	podOfOne = netip.MustParseAddr("10.244.1.2")
	podOfTwo = netip.MustParseAddr("10.244.2.2")
)

// network is what is reached, and how often each pod was tried.
type network struct {
	mu    sync.Mutex
	gone  map[netip.Addr]error
	tried map[netip.Addr]int
}

func (n *network) reach(_ context.Context, a netip.Addr) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tried[a]++
	return n.gone[a]
}

// watch looks looks times, calling between after each.
func watch(t *testing.T, n *network, looks int, between func(look int)) (log string) {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := preflight.Ways{
			Ready: func() (map[string]netip.Addr, error) {
				return map[string]netip.Addr{"one": podOfOne, "two": podOfTwo}, nil
			},
			Reach: n.reach, Log: slog.New(slog.NewTextHandler(&out, nil)), Cure: "go there", Every: time.Second,
		}
		done := make(chan struct{})
		go func() {
			w.Watch(ctx)
			close(done)
		}()
		for look := range looks {
			synctest.Wait()
			between(look)
			if look < looks-1 {
				time.Sleep(time.Second) // of the bubble
			}
		}
		cancel()
		<-done
	})
	return out.String()
}

func TestANodeWhosePodsAreNotReachedIsToldOnceWithTheCure(t *testing.T) {
	n := &network{gone: map[netip.Addr]error{podOfTwo: errors.New("network is unreachable")}, tried: map[netip.Addr]int{}}
	log := watch(t, n, 5, func(int) {})
	assert.Equal(t, 1, strings.Count(log, "no way from here to the pods of a node"))
	assert.Contains(t, log, `node=two pod=10.244.2.2 err="network is unreachable" cure="go there"`)
	assert.NotContains(t, log, "node=one")
	assert.Equal(t, 1, n.tried[podOfOne], "a node that was reached is left alone")
	assert.Equal(t, 5, n.tried[podOfTwo])
}

func TestOnceIsNoReasonToWarn(t *testing.T) {
	n := &network{gone: map[netip.Addr]error{podOfTwo: errors.New("timeout")}, tried: map[netip.Addr]int{}}
	log := watch(t, n, 3, func(look int) {
		if look == 0 {
			delete(n.gone, podOfTwo)
		}
	})
	assert.Empty(t, log)
	assert.Equal(t, 2, n.tried[podOfTwo])
}

func TestThatANodeIsReachedAfterAllIsTold(t *testing.T) {
	n := &network{gone: map[netip.Addr]error{podOfTwo: errors.New("timeout")}, tried: map[netip.Addr]int{}}
	log := watch(t, n, 5, func(look int) {
		if look == 2 {
			delete(n.gone, podOfTwo)
		}
	})
	assert.Equal(t, 1, strings.Count(log, "are reached now"), log)
}

func TestConnect(t *testing.T) {
	require.NoError(t, preflight.Connect(t.Context(), netip.MustParseAddr("127.0.0.1")), "a machine that refuses is reached")
	err := preflight.Connect(t.Context(), netip.MustParseAddr("255.255.255.255"))
	require.Error(t, err)
	assert.True(t, errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EACCES), err)
}
