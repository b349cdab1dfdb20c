// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package http1

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

// write writes strings. A bufio.Writer keeps its first error for Flush.
func write(bw *bufio.Writer, parts ...string) {
	for _, p := range parts {
		_, _ = bw.WriteString(p)
	}
}

func writeFields(bw *bufio.Writer, fields message.Fields) {
	for i := range fields {
		write(bw, fields[i].Name, ": ", fields[i].Value, "\r\n")
	}
}

func writeFraming(bw *bufio.Writer, length int64) {
	if length == message.UnknownLength {
		write(bw, "Transfer-Encoding: chunked\r\n")
		return
	}
	write(bw, "Content-Length: ", strconv.FormatInt(length, 10), "\r\n")
}

const copySize = 32 << 10

// buffers are what bodies are copied through.
var buffers = sync.Pool{New: func() any { return new([copySize]byte) }}

// ReadError wraps an error of the side that a body is read from, to tell it from one of the other side.
type ReadError struct{ Err error }

func (e *ReadError) Error() string { return e.Err.Error() }
func (e *ReadError) Unwrap() error { return e.Err }

// WriteBody copies a body with the framing that was written for length, or with none, and flushes whatever
// arrives as it arrives. An error of the body's side is a *ReadError.
func WriteBody(bw *bufio.Writer, body io.Reader, chunked bool, trailer func() message.Fields) error {
	buf := buffers.Get().(*[copySize]byte)
	defer buffers.Put(buf)
	for {
		n, err := body.Read(buf[:])
		if n > 0 {
			if chunked {
				_, _ = fmt.Fprintf(bw, "%x\r\n", n)
			}
			_, _ = bw.Write(buf[:n])
			if chunked {
				write(bw, "\r\n")
			}
		}
		if err != nil && err != io.EOF {
			return errors.Join(&ReadError{err}, bw.Flush())
		}
		if err == io.EOF {
			if chunked {
				writeEnd(bw, trailer)
			}
			return bw.Flush()
		}
		if err := bw.Flush(); err != nil {
			return err
		}
	}
}

func writeEnd(bw *bufio.Writer, trailer func() message.Fields) {
	write(bw, "0\r\n")
	if trailer != nil {
		writeFields(bw, trailer())
	}
	write(bw, "\r\n")
}
