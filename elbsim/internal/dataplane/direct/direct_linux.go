// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package direct reads and writes TCP sockets by system calls of which Go's scheduler is not told. A socket never
// blocks, so there is nothing to tell; the net package does so all the same, and while many connections are busy the
// runtime then keeps a thread awake to look for calls that take long and to hand their processors on. Where such calls
// are not at hand a connection stays as it is. The package knows nothing of what the data means.
package direct

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// most is how many bytes one call moves, so that the garbage collector never waits long for one.
const most = 64 << 10

// Conn is a TCP connection. One goroutine may read and one write at a time.
type Conn struct {
	*net.TCPConn
	raw     syscall.RawConn
	in, out transfer
	look    func(fd uintptr)
	quiet   bool
}

// Of returns a connection that moves its data by direct calls if c is a TCP connection of the net package, and
// otherwise c.
func Of(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c // closed, as whoever reads will see
	}
	out := &Conn{TCPConn: tcp, raw: raw}
	// Made once for each connection, so that a call allocates nothing.
	out.in.try, out.out.try, out.look = out.in.receive, out.out.send, out.peek
	return out
}

// transfer is the call under way in one direction.
type transfer struct {
	buf   []byte
	moved int // bytes
	errno syscall.Errno
	try   func(fd uintptr) (over bool)
}

func (t *transfer) receive(fd uintptr) bool {
	for {
		n, again := t.call(unix.SYS_RECVFROM, fd)
		if again {
			continue
		}
		t.moved = n
		return t.errno != unix.EAGAIN
	}
}

func (t *transfer) send(fd uintptr) bool {
	for t.moved < len(t.buf) {
		n, again := t.call(unix.SYS_SENDTO, fd)
		if again {
			continue
		}
		if t.errno != 0 {
			return t.errno != unix.EAGAIN
		}
		t.moved += n
	}
	return true
}

// call moves bytes at once; again: a signal has come in between.
func (t *transfer) call(number, fd uintptr) (n int, again bool) {
	rest := t.buf[t.moved:min(len(t.buf), t.moved+most)]
	r, _, errno := unix.RawSyscall6(number, fd, uintptr(unsafe.Pointer(unsafe.SliceData(rest))), uintptr(len(rest)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	if t.errno = errno; errno != 0 {
		return 0, errno == unix.EINTR
	}
	return int(r), false
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	t := &c.in
	t.buf, t.moved = p, 0
	err := c.raw.Read(t.try)
	t.buf = nil
	switch {
	case err != nil:
		return 0, c.failed("read", errors.Unwrap(err))
	case t.errno != 0:
		return 0, c.failed("read", os.NewSyscallError("recvfrom", t.errno))
	case t.moved == 0:
		return 0, io.EOF
	}
	return t.moved, nil
}

// Write implements net.Conn.
func (c *Conn) Write(p []byte) (int, error) {
	t := &c.out
	t.buf, t.moved, t.errno = p, 0, 0
	err := c.raw.Write(t.try)
	t.buf = nil
	switch {
	case err != nil:
		return t.moved, c.failed("write", errors.Unwrap(err))
	case t.errno != 0:
		return t.moved, c.failed("write", os.NewSyscallError("sendto", t.errno))
	}
	return t.moved, nil
}

// Quiet tells whether there is neither data nor an end to read. It must not be called during Read.
func (c *Conn) Quiet() bool { return c.raw.Control(c.look) == nil && c.quiet }

func (c *Conn) peek(fd uintptr) {
	var one [1]byte
	_, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&one)), 1, unix.MSG_DONTWAIT|unix.MSG_PEEK, 0, 0)
	c.quiet = errno == unix.EAGAIN
}

// Left tells whether the peer has closed the connection or its sending side, whatever of its data is still to read. It
// may be called during Read.
func (c *Conn) Left() bool {
	left := false
	err := c.raw.Control(func(fd uintptr) {
		look := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
		n, err := unix.Poll(look, 0)
		left = err == nil && n > 0
	})
	return err != nil || left // nobody is there any more on a connection that is closed here
}

// failed is an error as the net package has it.
func (c *Conn) failed(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}
