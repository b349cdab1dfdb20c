// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/http1"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

// errClient is an exchange that failed because of the client: nobody is left to answer.
var errClient = errors.New("client is gone")

// errClientSilent is a client that stopped in the middle of its request (row 31: 408).
var errClientSilent = errors.New("client is silent")

// errUnasked is a target that switches to a protocol that nobody wants.
var errUnasked = errors.New("target switches protocols unasked")

// sentGrace is how long an answered upload may take to end before its connection is given up.
const sentGrace = time.Second

// roundTrip1 sends a request over HTTP/1 and returns the head of the response with its body to read. The
// body's Close gives the connection back.
func (b *backend) roundTrip1(ctx context.Context, req *message.Request, clock *idle.Clock) (*message.Response, error) {
	u, err := b.upstream(ctx, clock)
	if err != nil {
		return nil, err
	}
	x := &exchange{upstream: u, ctx: ctx}
	if ctx.Done() != nil {
		x.stop = context.AfterFunc(ctx, u.close) // the client has reset its stream
	}
	u.left = req.Left
	http1.WriteRequest(u.bw, req)
	// An early answer may be there although writing failed; if not, reading fails as well.
	switch {
	case req.Body == nil:
		_ = u.bw.Flush()
	case req.Arrived:
		_ = http1.WriteBody(u.bw, req.Body, false, nil)
	default:
		x.startUpload(req)
	}
	resp, err := http1.ReadResponse(u.br, req.Method, &u.scratch, req.Reply)
	if err == nil {
		err = awaitSmall(u.br, resp)
	}
	if err == nil && resp.Status == http.StatusSwitchingProtocols && req.Upgrade() == "" {
		err = errUnasked
	}
	if err != nil {
		u.close()
		x.stopWatching()
		return nil, x.blame(err)
	}
	x.reusable = !resp.Close && !req.Alone
	resp.Close = false // concerned the target's connection
	if resp.Status == http.StatusSwitchingProtocols {
		u.bw = nil // what is relayed needs none, and there may be thousands
		u.leg.Ask(0, nil)
		resp.Upgraded = &upgraded{upstream: u}
		return resp, nil
	}
	if resp.Body == nil {
		x.ended = true
		resp.Close = x.finish()
		return resp, nil
	}
	x.body, x.resp = resp.Body, resp
	resp.Body = x
	return resp, nil
}

// awaitSmall waits for a whole body that fits the buffer, so that one that never comes whole is a 502 or 504
// and not a cut answer (row 35).
func awaitSmall(br *bufio.Reader, resp *message.Response) error {
	if resp.Body == nil || resp.Length <= 0 || resp.Length > int64(br.Size()) {
		return nil
	}
	_, err := br.Peek(int(resp.Length))
	return err
}

// exchange is one request and its response on an upstream. As a body it ends when the response ends.
type exchange struct {
	upstream *upstream
	ctx      context.Context
	stop     func() bool // nil if ctx never ends
	upload   *upload     // nil if the request was sent before the response was awaited
	body     io.Reader
	resp     *message.Response
	reusable bool
	ended    bool // the response was read to its end
}

// upload is a request's body on its way while the response may already come.
type upload struct {
	body io.Reader
	read atomic.Bool // to the end, so the client's connection is free again
	done chan error  // one value: how it ended
}

func (u *upload) Read(p []byte) (int, error) {
	n, err := u.body.Read(p)
	if err == io.EOF {
		u.read.Store(true)
	}
	return n, err
}

func (x *exchange) startUpload(req *message.Request) {
	x.upload = &upload{body: req.Body, done: make(chan error, 1)}
	l := x.upstream.backend.listener
	if !l.begin() {
		x.upload.done <- &http1.ReadError{Err: errClient}
		x.upstream.close()
		return
	}
	go func() {
		defer l.wg.Done()
		err := http1.WriteBody(x.upstream.bw, x.upload, req.Length == message.UnknownLength, req.Trailer)
		x.upload.done <- err
		var client *http1.ReadError
		if errors.As(err, &client) {
			x.upstream.close() // a broken request has no response
		}
	}()
}

func (x *exchange) stopWatching() {
	if x.stop != nil && !x.stop() {
		x.reusable = false // the connection is being closed
	}
}

// blame finds out whose fault a failed exchange is.
func (x *exchange) blame(err error) error {
	if x.ctx.Err() != nil {
		return errors.Join(errClient, err)
	}
	if x.upload == nil {
		return err
	}
	select {
	case sent := <-x.upload.done:
		var client *http1.ReadError
		switch {
		case errors.As(sent, &client) && errors.Is(client.Err, idle.ErrTimeout):
			return errClientSilent
		case errors.As(sent, &client):
			return errors.Join(errClient, client.Err)
		}
	default:
		if errors.Is(err, idle.ErrTimeout) && !x.upload.read.Load() {
			return errClientSilent
		}
	}
	return err
}

func (x *exchange) Read(p []byte) (int, error) {
	n, err := x.body.Read(p)
	if err == io.EOF {
		x.ended = true
	}
	return n, err
}

// Close gives the connection to the target back, or ends it, and tells in the response whether the client's
// connection must end because its request was not read to the end.
func (x *exchange) Close() error {
	x.resp.Close = x.finish()
	return nil
}

// finish tells whether part of the client's request is still unread.
func (x *exchange) finish() (clientUnread bool) {
	x.stopWatching()
	sent := x.upload == nil || x.upload.read.Load() && x.upload.sent()
	if sent && x.ended && x.reusable {
		x.upstream.keep()
	} else {
		x.upstream.close()
	}
	return x.upload != nil && !x.upload.read.Load()
}

// sent tells whether the target took the whole body. The response is there, so it has or it never will; the
// goroutine that sends may need a moment to say so.
func (u *upload) sent() bool {
	timer := time.NewTimer(sentGrace)
	defer timer.Stop()
	select {
	case err := <-u.done:
		return err == nil
	case <-timer.C:
		return false
	}
}

// upgraded is a target's connection after 101, for whatever the two sides speak now (row 25).
type upgraded struct{ *upstream }

func (u *upgraded) Read(p []byte) (int, error)  { return u.br.Read(p) }
func (u *upgraded) Write(p []byte) (int, error) { return u.conn.Write(p) }
func (u *upgraded) Close() error                { return u.leg.Close() }

// CloseWrite tells the target that the client sends nothing more.
func (u *upgraded) CloseWrite() error {
	return u.conn.(interface{ CloseWrite() error }).CloseWrite()
}
