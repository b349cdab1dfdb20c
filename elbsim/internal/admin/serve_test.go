// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package admin_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/admin"
)

// freeAddress is an address that was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

func TestServeAnswersUntilItsContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address, ended := freeAddress(t), make(chan error, 1)
	go func() {
		ended <- admin.Serve(ctx, address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, err := io.WriteString(w, "here")
			assert.NoError(t, err)
		}))
	}()
	var body string
	require.Eventually(t, func() bool {
		res, err := http.Get("http://" + address)
		if err != nil {
			return false
		}
		raw, err := io.ReadAll(res.Body)
		body = string(raw)
		return err == nil && res.Body.Close() == nil
	}, 10*time.Second, 5*time.Millisecond)
	assert.Equal(t, "here", body)

	cancel()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("Serve did not end with its context")
	}
	_, err := net.Dial("tcp", address)
	assert.Error(t, err, "nobody listens any more")
}

func TestTakenAddressIsNamedWithTheCure(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, listener.Close()) })
	err = admin.Serve(t.Context(), listener.Addr().String(), http.NotFoundHandler())
	require.ErrorContains(t, err, "address already in use; give another address by --listen")
}
