// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"net/http"
	"sync"
	"time"
)

// patience resets the stream of an HTTP/2 client that takes nothing of a response for too long (row 31). The library
// would wait for it as long as the connection lives.
type patience struct {
	limit time.Duration
	timer *time.Timer
	mu    sync.Mutex
	ended bool // the library must not be asked any more
}

// newPatience waits for nothing yet.
func newPatience(client *http.ResponseController, limit time.Duration) *patience {
	p := &patience{limit: limit}
	p.timer = time.AfterFunc(limit, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.ended {
			_ = client.SetWriteDeadline(time.Unix(1, 0)) // whoever writes sees what becomes of it
		}
	})
	p.pause()
	return p
}

// begin says that the client has to take something now, and pause that it has.
func (p *patience) begin() { p.timer.Reset(p.limit) }
func (p *patience) pause() { p.timer.Stop() }

func (p *patience) end() {
	p.timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
}
