// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"io"
	"sync"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/relay"
)

// whenOver calls over once when a target has nothing more to send of a response (row 51).
func whenOver(resp *message.Response, over func()) {
	once := sync.OnceFunc(over)
	switch {
	case resp.Upgraded != nil:
		resp.Upgraded = &watchedUpgrade{Side: resp.Upgraded.(relay.Side), closer: resp.Upgraded, over: once}
	case resp.Body != nil:
		resp.Body = &watchedBody{resp.Body, once}
	default:
		once()
	}
}

// watchedBody is over with its last byte, before the client has seen that one, or when it is given up.
type watchedBody struct {
	io.ReadCloser
	over func()
}

func (w *watchedBody) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if err != nil {
		w.over()
	}
	return n, err
}

func (w *watchedBody) Close() error {
	defer w.over()
	return w.ReadCloser.Close()
}

type watchedUpgrade struct {
	relay.Side
	closer io.Closer
	over   func()
}

func (w *watchedUpgrade) Close() error {
	defer w.over()
	return w.closer.Close()
}
