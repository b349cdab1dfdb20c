// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package direct_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/direct"
)

// pair is a direct connection and its other end.
func pair(t *testing.T) (*direct.Conn, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	ours, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	theirs, err := l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() }) // some tests have closed one
	require.IsType(t, &direct.Conn{}, direct.Of(ours))
	return direct.Of(ours).(*direct.Conn), theirs.(*net.TCPConn)
}

func TestOtherConnectionsStayAsTheyAre(t *testing.T) {
	a, b := net.Pipe()
	assert.Same(t, a, direct.Of(a))
	require.NoError(t, errors.Join(a.Close(), b.Close()))
}

func TestDataGoesBothWays(t *testing.T) {
	ours, theirs := pair(t)
	// More than both sockets hold and than one call moves: the writer has to wait for the reader.
	sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	go func() {
		_, _ = io.Copy(theirs, theirs) // an echo; what is missing the test sees
		_ = theirs.CloseWrite()
	}()
	wrote := make(chan error, 1)
	go func() {
		n, err := ours.Write(sent)
		if n != len(sent) && err == nil {
			err = io.ErrShortWrite
		}
		wrote <- errors.Join(err, ours.CloseWrite())
	}()
	got, err := io.ReadAll(ours)
	require.NoError(t, err)
	require.NoError(t, <-wrote)
	assert.True(t, bytes.Equal(sent, got), "sent %d bytes, got %d", len(sent), len(got))
}

func TestNothingIsReadIntoNothing(t *testing.T) {
	ours, _ := pair(t)
	n, err := ours.Read(nil)
	require.NoError(t, err)
	assert.Zero(t, n)
}

func TestErrorsAreThoseOfTheNetPackage(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(ours *direct.Conn, theirs *net.TCPConn) error
		want error
		text string
	}{
		{"a read after its deadline", func(ours *direct.Conn, _ *net.TCPConn) error {
			return errors.Join(ours.SetReadDeadline(time.Unix(1, 0)), read(ours))
		}, os.ErrDeadlineExceeded, "read tcp 127.0.0.1:"},
		{"a deadline during a read", func(ours *direct.Conn, _ *net.TCPConn) error {
			return errors.Join(ours.SetReadDeadline(time.Now().Add(time.Millisecond)), read(ours))
		}, os.ErrDeadlineExceeded, "i/o timeout"},
		{"a write after its deadline", func(ours *direct.Conn, _ *net.TCPConn) error {
			return errors.Join(ours.SetWriteDeadline(time.Unix(1, 0)), write(ours))
		}, os.ErrDeadlineExceeded, "write tcp 127.0.0.1:"},
		{"a read of what we have closed", func(ours *direct.Conn, _ *net.TCPConn) error {
			return errors.Join(ours.Close(), read(ours))
		}, net.ErrClosed, "use of closed network connection"},
		{"a read of what was reset", func(ours *direct.Conn, theirs *net.TCPConn) error {
			return errors.Join(theirs.SetLinger(0), theirs.Close(), read(ours))
		}, syscall.ECONNRESET, "connection reset by peer"},
		{"a write to what was reset", func(ours *direct.Conn, theirs *net.TCPConn) error {
			if err := errors.Join(theirs.SetLinger(0), theirs.Close()); err != nil {
				return err
			}
			_ = read(ours) // waits for the reset
			return write(ours)
		}, syscall.EPIPE, "write tcp 127.0.0.1:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ours, theirs := pair(t)
			err := tt.do(ours, theirs)
			require.ErrorIs(t, err, tt.want)
			assert.ErrorContains(t, err, tt.text)
			var op *net.OpError
			assert.ErrorAs(t, err, &op)
		})
	}
}

func read(c net.Conn) error {
	_, err := c.Read(make([]byte, 1))
	return err
}

func write(c net.Conn) error {
	_, err := c.Write([]byte("x"))
	return err
}

func TestAnIdleConnectionIsQuietUntilSomethingComes(t *testing.T) {
	for name, act := range map[string]func(theirs *net.TCPConn) error{
		"data":    func(theirs *net.TCPConn) error { return write(theirs) },
		"an end":  func(theirs *net.TCPConn) error { return theirs.CloseWrite() },
		"a reset": func(theirs *net.TCPConn) error { return errors.Join(theirs.SetLinger(0), theirs.Close()) },
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := pair(t)
			require.True(t, ours.Quiet())
			require.NoError(t, act(theirs))
			require.Eventually(t, func() bool { return readable(ours) }, 10*time.Second, time.Millisecond)
			assert.False(t, ours.Quiet())
			if name == "data" {
				require.NoError(t, read(ours), "a look takes nothing away")
				assert.True(t, ours.Quiet())
			}
		})
	}
}

// readable asks the kernel, in another way than Quiet does.
func readable(c *direct.Conn) (yes bool) {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	err = raw.Control(func(fd uintptr) {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		yes = err == nil && n > 0
	})
	return yes && err == nil
}

func TestAClosedConnectionIsNotQuiet(t *testing.T) {
	ours, _ := pair(t)
	require.NoError(t, ours.Close())
	assert.False(t, ours.Quiet())
}

func TestTransfersTakeNoMemory(t *testing.T) {
	ours, theirs := pair(t)
	b, far := make([]byte, 1), make([]byte, 1)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := ours.Write(b); err != nil {
			panic(err)
		}
		if _, err := theirs.Read(far); err != nil {
			panic(err)
		}
		if _, err := theirs.Write(far); err != nil {
			panic(err)
		}
		if _, err := ours.Read(b); err != nil {
			panic(err)
		}
		ours.Quiet()
	}))
}

func TestWhoLeavesIsNoticedWithDataUnread(t *testing.T) {
	for name, leave := range map[string]func(*net.TCPConn) error{
		"end of the sending side": (*net.TCPConn).CloseWrite,
		"end":                     (*net.TCPConn).Close,
		"reset":                   func(c *net.TCPConn) error { return errors.Join(c.SetLinger(0), c.Close()) },
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := pair(t)
			_, err := theirs.Write([]byte("unread"))
			require.NoError(t, err)
			require.Eventually(t, func() bool { return !ours.Quiet() }, 20*time.Second, time.Millisecond)
			require.False(t, ours.Left())
			require.NoError(t, leave(theirs))
			require.Eventually(t, ours.Left, 20*time.Second, time.Millisecond)
		})
	}
}
