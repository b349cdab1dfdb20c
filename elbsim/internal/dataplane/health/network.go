// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package health

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/dial"
)

// Network is the check of a Network Load Balancer. It shares no way with Application: its Host is the load
// balancer's own address and listener port, and it knows no reason but that checks failed (row 67).
type Network struct {
	Source   netip.Addr     // of the load balancer
	Target   netip.AddrPort // with the health check's port
	Protocol string         // TCP HTTP HTTPS
	Path     string
	Matcher  Matcher
	// Host is the address of the load balancer with the listener's port.
	Host string
	// Preamble makes what is sent first, a PROXY header, from the connection's own address; nil sends nothing.
	Preamble func(own netip.AddrPort) ([]byte, error)
}

// Check opens a new connection and, unless the protocol is TCP, asks over it.
func (n Network) Check(ctx context.Context) Result {
	if err := n.ask(ctx); err != nil {
		return networkFailure()
	}
	return Result{OK: true}
}

// networkFailure is the one result for all that fails: Target.ResponseCodeMismatch and Target.Timeout apply to
// Application Load Balancers only (API TargetHealth).
func networkFailure() Result {
	return Result{Reason: reasonFailed, Description: "Health checks failed"}
}

// newestTLS is the newest version of TLS in which targets are checked: those that support only TLS 1.3 fail (user guide,
// "Health checks for Network Load Balancer target groups").
const newestTLS = tls.VersionTLS12

func (n Network) ask(ctx context.Context) (err error) {
	c, err := dial.From(n.Source, n.Target.Addr(), 0).DialContext(ctx, "tcp", n.Target.String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	stop := context.AfterFunc(ctx, func() {
		// A connection that cannot take a deadline is already broken, and reading it says so.
		_ = c.SetDeadline(time.Unix(1, 0))
	})
	defer stop()
	if n.Preamble != nil {
		header, err := n.Preamble(c.LocalAddr().(*net.TCPAddr).AddrPort())
		if err != nil {
			return err
		}
		if _, err := c.Write(header); err != nil {
			return err
		}
	}
	switch n.Protocol {
	case "TCP":
		return nil
	case "HTTPS":
		return n.get(tls.Client(c, &tls.Config{InsecureSkipVerify: true, MaxVersion: newestTLS})) // row 66: never checked
	}
	return n.get(c)
}

func (n Network) get(c net.Conn) error {
	req, err := http.NewRequest(http.MethodGet, "http://"+n.Host+n.Path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", userAgent)
	req.Close = true
	if err := req.Write(c); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), req)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if !n.Matcher.Match(resp.StatusCode) {
		return errors.New("status " + resp.Status)
	}
	return nil
}
