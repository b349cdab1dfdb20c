// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/direct"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/http1"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/relay"
)

const (
	// maxDrain is how much of a request's body, in bytes, is read for the sake of keeping the connection.
	maxDrain = 256 << 10
	// lingering is how long a client may take to read an answer that came before its request was read.
	lingering = time.Second
)

// client1 is a client's HTTP/1 connection.
type client1 struct {
	listener *Listener
	leg      *idle.Conn
	conn     *meter // of leg, or of TLS over it
	br       *bufio.Reader
	bw       *bufio.Writer
	scratch  http1.Scratch
	reply    message.Response // of the target
	clock    *idle.Clock
	peer     netip.AddrPort
	session  message.Fields
	opened   time.Time
	left     func() bool // tells whether the client is gone; nil if nobody can tell
}

func (l *Listener) serveHTTP1(leg *idle.Conn, conn net.Conn) {
	cfg := l.config.Load()
	clock := idle.NewClock(cfg.idle)
	leg.Use(clock)
	metered := &meter{Conn: conn}
	c := &client1{listener: l, leg: leg, conn: metered, clock: clock, br: bufio.NewReader(metered), bw: bufio.NewWriter(metered), peer: peerOf(leg), session: cfg.session.fields(conn), opened: time.Now()}
	if socket, ok := leg.Conn.(*direct.Conn); ok {
		c.left = socket.Left
	}
	for {
		if _, err := c.br.Peek(1); err != nil {
			return // closed, or silent between requests
		}
		if !c.serveOne() {
			return
		}
	}
}

func peerOf(c net.Conn) netip.AddrPort {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort()
	}
	return netip.AddrPort{}
}

// serveOne serves one request and tells whether another may follow.
func (c *client1) serveOne() bool {
	cfg := c.listener.config.Load()
	c.clock.SetLimit(cfg.idle)
	read, written := c.passed()
	req, err := http1.ReadRequest(c.br, &c.scratch)
	if err != nil {
		c.refuse(err)
		return false
	}
	if cfg.desync.Blocks(req.Class) { // row 17
		c.listener.log.Debug("request refused", "peer", c.peer.String(), "class", req.Class.String(), "reason", req.Reason)
		c.refuse(&message.Error{Status: http.StatusBadRequest, Reason: req.Reason})
		return false
	}
	if time.Since(c.opened) >= cfg.keepAlive { // row 32: the request is answered, and none follows. From memory.
		req.Close = true
	}
	if cfg.desync.Closes(req.Class) {
		req.Close, req.Alone = true, true
	}
	req.Session, req.Reply, req.Left = c.session, &c.reply, c.left
	began(cfg, req, c.peer)
	again := c.exchange(cfg, req)
	nowRead, nowWritten := c.passed()
	req.Traffic.ReceivedBytes, req.Traffic.SentBytes = nowRead-read, nowWritten-written
	ended(cfg, req, c.conn)
	return again
}

// passed is how many bytes the client has sent that were made use of, and how many were sent to it.
func (c *client1) passed() (read, written int64) {
	return c.conn.read.Load() - int64(c.br.Buffered()), c.conn.written.Load()
}

// exchange answers a request and tells whether another may follow.
func (c *client1) exchange(cfg *config, req *message.Request) bool {
	if req.Body != nil && req.Fields.HasToken("Expect", "100-continue") { // row 14
		if _, err := io.WriteString(c.conn, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
			return false
		}
	}
	resp := c.listener.handle(context.Background(), cfg, req, c.peer, c.clock)
	if resp == nil {
		return false
	}
	c.clock.Touch() // also a time-out deserves an answer
	if resp.Upgraded != nil {
		c.upgrade(resp)
		return false
	}
	return c.answer(req, resp)
}

// answer writes a response and tells whether the connection can go on.
func (c *client1) answer(req *message.Request, resp *message.Response) bool {
	keep := http1.WriteResponse(c.bw, resp, req.Minor, !req.Close && !resp.Close)
	err := c.writeBody(req, resp)
	if resp.Body != nil {
		_ = resp.Body.Close() // errors of reading came before
	}
	if err != nil {
		req.Traffic.Reason = "the response was cut: " + err.Error()
		c.listener.log.Debug("response was cut", "peer", c.peer.String(), "err", err)
		return false
	}
	if resp.Close || resp.Generated && !drained(req) {
		c.linger()
		return false
	}
	return keep
}

// drained reads the body of a request that the load balancer answered itself, if it is not too long.
func drained(req *message.Request) bool {
	if req.Body == nil {
		return true
	}
	_, err := io.CopyN(io.Discard, req.Body, maxDrain)
	return err == io.EOF
}

func (c *client1) writeBody(req *message.Request, resp *message.Response) error {
	if resp.Body == nil {
		return c.bw.Flush()
	}
	return http1.WriteBody(c.bw, resp.Body, resp.Length == message.UnknownLength && req.Minor > 0, resp.Trailer)
}

// refuse answers what is not a request.
func (c *client1) refuse(err error) {
	status := 0
	var refused *message.Error
	switch {
	case errors.As(err, &refused):
		status = refused.Status
	case errors.Is(err, idle.ErrTimeout): // row 31
		status = http.StatusRequestTimeout
	default:
		return // closed in the middle of a request
	}
	c.clock.Touch()
	resp := page(status)
	resp.Close = true
	req := &message.Request{Major: 1, Minor: 1}
	cfg := c.listener.config.Load()
	began(cfg, req, c.peer)
	req.Traffic.Status, req.Traffic.Reason = status, err.Error()
	cfg.insertion.into(resp)
	c.answer(req, resp)
	ended(cfg, req, c.conn)
}

// linger lets the client read the answer before the connection is closed with unread data, which is a reset.
func (c *client1) linger() {
	if c.conn.CloseWrite() != nil || c.leg.Expire(time.Now().Add(lingering)) != nil {
		return
	}
	// Reading ends with the client, or with the deadline; both are fine.
	_, _ = io.Copy(io.Discard, c.leg.Conn)
}

// upgrade relays whatever the two sides speak after a 101 (row 25).
func (c *client1) upgrade(resp *message.Response) {
	defer func() { _ = resp.Upgraded.Close() }() // the exchange is over
	http1.WriteResponse(c.bw, resp, 1, true)
	if err := c.bw.Flush(); err != nil {
		return
	}
	c.bw = nil // what is relayed needs none, and there may be thousands
	relay.Pass(&clientSide{c}, resp.Upgraded.(relay.Side), func(err error) {
		c.listener.log.Debug("upgraded connection ended", "peer", c.peer.String(), "err", err)
		_ = c.leg.Close() // ends the other direction
		_ = resp.Upgraded.Close()
	})
}

// clientSide is a client's connection after 101.
type clientSide struct{ *client1 }

func (c *clientSide) Read(p []byte) (int, error)  { return c.br.Read(p) }
func (c *clientSide) Write(p []byte) (int, error) { return c.conn.Write(p) }
func (c *clientSide) CloseWrite() error {
	return c.conn.CloseWrite()
}
