// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package http1

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

// framing takes the framing fields off a message and returns the body's length; chunked is UnknownLength.
// found is false if there are none.
func framing(fields *message.Fields) (_ int64, found bool, _ error) {
	var coding, length string
	var lengths int
	for _, f := range *fields {
		switch {
		case len(f.Name) == len("Transfer-Encoding") && strings.EqualFold(f.Name, "Transfer-Encoding"):
			coding += "," + f.Value
		case len(f.Name) == len("Content-Length") && strings.EqualFold(f.Name, "Content-Length"):
			length = f.Value
			lengths++
		}
	}
	if coding == "" && lengths == 0 {
		return 0, false, nil
	}
	fields.DelFunc(func(f message.Field) bool {
		return strings.EqualFold(f.Name, "Transfer-Encoding") || strings.EqualFold(f.Name, "Content-Length")
	})
	coding = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(coding, ",")))
	switch {
	case coding == "chunked":
		return message.UnknownLength, true, nil
	case coding != "" && coding != "identity":
		return 0, false, &message.Error{Status: http.StatusNotImplemented, Reason: fmt.Sprintf("transfer coding %q", coding)}
	case lengths == 0:
		return 0, false, nil
	case lengths > 1:
		return 0, false, bad("several Content-Length fields")
	}
	n, err := strconv.ParseUint(length, 10, 63)
	if err != nil {
		return 0, false, bad("malformed Content-Length")
	}
	return int64(n), true, nil
}

func requestBody(req *message.Request, br *bufio.Reader, scratch *[]byte) error {
	if err := judgeFraming(req); err != nil {
		return err
	}
	length, found, err := framing(&req.Fields)
	if err != nil || !found || length == 0 {
		return err
	}
	req.Length = length
	req.Arrived = length >= 0 && length <= int64(br.Buffered())
	req.Body, req.Trailer = body(br, length, scratch)
	return nil
}

func responseBody(resp *message.Response, method string, br *bufio.Reader, scratch *[]byte) error {
	if resp.Status == http.StatusSwitchingProtocols {
		return nil
	}
	length, found, err := framing(&resp.Fields)
	if err != nil {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	resp.Length = length
	switch {
	case method == http.MethodHead || resp.Status == http.StatusNotModified:
		if !found {
			resp.Length = message.UnknownLength
		}
	case resp.Status == http.StatusNoContent:
		resp.Length = 0
	case !found:
		resp.Length, resp.Close = message.UnknownLength, true
		resp.Body = io.NopCloser(br)
	case length != 0:
		resp.Body, resp.Trailer = body(br, length, scratch)
	}
	return nil
}

// body reads a body of that length, or a chunked one with its trailer.
func body(br *bufio.Reader, length int64, scratch *[]byte) (io.ReadCloser, func() message.Fields) {
	if length >= 0 {
		return &sized{r: br, left: length}, nil
	}
	c := &chunked{br: br, chunks: httputil.NewChunkedReader(br), scratch: scratch}
	return c, func() message.Fields { return c.trailer }
}

// sized reads exactly left bytes; an earlier end is an error.
type sized struct {
	r    io.Reader
	left int64
}

func (s *sized) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > s.left {
		p = p[:s.left]
	}
	n, err := s.r.Read(p)
	s.left -= int64(n)
	switch {
	case s.left == 0:
		return n, io.EOF
	case err == io.EOF:
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

// Close leaves the connection to others.
func (s *sized) Close() error { return nil }

// chunked reads chunks and then the trailer.
type chunked struct {
	br      *bufio.Reader
	chunks  io.Reader
	scratch *[]byte
	trailer message.Fields
	err     error
}

func (c *chunked) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.chunks.Read(p)
	if err == io.EOF {
		err = c.readTrailer()
	}
	c.err = err
	return n, err
}

// Close leaves the connection to others.
func (c *chunked) Close() error { return nil }

// readTrailer reads the fields after the last chunk up to the empty line.
func (c *chunked) readTrailer() error {
	if next, err := c.br.Peek(2); err != nil {
		return unexpected(err)
	} else if next[0] == '\r' && next[1] == '\n' {
		if _, err := c.br.Discard(2); err != nil {
			return unexpected(err)
		}
		return io.EOF
	}
	head, err := readHead(c.br, maxResponseHead, c.scratch)
	if err != nil {
		return unexpected(err)
	}
	if c.trailer, err = parseFields(nil, head); err != nil {
		return err
	}
	return io.EOF
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
