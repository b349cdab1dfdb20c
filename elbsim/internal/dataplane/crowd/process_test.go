// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build linux

package crowd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// Roles of a process of this test, in the environment; none is the test itself.
const (
	roleVariable = "ELBSIM_CROWD"
	targetRole   = "target"
	clientsRole  = "clients"
)

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(roleVariable) {
	case targetRole:
		err = target()
	case clientsRole:
		err = clients(os.Stdin)
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "crowd:", err)
		os.Exit(1)
	}
}

// target echoes every message of a WebSocket. It prints its address, and ends with its input.
func target() error {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			return
		}
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // the client sees it
		}
		for {
			kind, message, err := c.Read(r.Context())
			if err != nil || c.Write(r.Context(), kind, message) != nil {
				return // the client sees it
			}
		}
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(socket) }()
	fmt.Println(socket.Addr())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	if err := server.Close(); err != nil {
		return err
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// dialing is how many connections are opened at once.
const dialing = 50

// clients reads a number and a URL, opens that many WebSockets and prints "open" when all are. After another line of
// input each sends a message and wants it back, then all wait for their end.
func clients(stdin io.Reader) error {
	in := bufio.NewReader(stdin)
	var n int
	var url string
	if _, err := fmt.Fscanln(in, &n, &url); err != nil {
		return err
	}
	ctx := context.Background()
	open := make([]*websocket.Conn, n)
	every := func(limit int, act func(i int) error) error {
		var group errgroup.Group
		group.SetLimit(limit)
		for i := range open {
			group.Go(func() error {
				if err := act(i); err != nil {
					return fmt.Errorf("WebSocket %d: %w", i, err)
				}
				return nil
			})
		}
		return group.Wait()
	}
	if err := every(dialing, func(i int) (err error) {
		open[i], _, err = websocket.Dial(ctx, url, nil)
		return err
	}); err != nil {
		return err
	}
	fmt.Println("open")
	if _, err := in.ReadString('\n'); err != nil {
		return err
	}
	if err := every(dialing, func(i int) error {
		sent := "message " + strconv.Itoa(i)
		if err := open[i].Write(ctx, websocket.MessageText, []byte(sent)); err != nil {
			return err
		}
		_, got, err := open[i].Read(ctx)
		if err == nil && string(got) != sent {
			return fmt.Errorf("sent %q, got %q", sent, got)
		}
		return err
	}); err != nil {
		return err
	}
	fmt.Println(n, "echoes")
	if err := every(-1, func(i int) error {
		if _, got, err := open[i].Read(ctx); err == nil {
			return fmt.Errorf("got %q that nobody sent", got)
		}
		return nil
	}); err != nil {
		return err
	}
	fmt.Println(n, "ended")
	return nil
}

// process is a running role.
type process struct {
	role string
	in   io.WriteCloser
	out  *bufio.Reader
}

// helper starts a role, which ends with the test.
func helper(t *testing.T, role string) *process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		defer cancel()
		_ = in.Close() // ends the role, if it has not ended
		require.NoError(t, cmd.Wait(), role)
	})
	return &process{role, in, bufio.NewReader(out)}
}

// line waits for a line of output.
func (p *process) line(t *testing.T) string {
	t.Helper()
	line, err := p.out.ReadString('\n')
	require.NoError(t, err, "output of the %s", p.role)
	return strings.TrimSuffix(line, "\n")
}

func (p *process) tell(t *testing.T, line string) {
	t.Helper()
	_, err := fmt.Fprintln(p.in, line)
	require.NoError(t, err, "input of the %s", p.role)
}
