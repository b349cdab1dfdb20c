// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package http1

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

var errMalformed = errors.New("malformed response")

// ReadResponse reads the head of the final response to a request with that method, or of a 101, and sets up
// its body, which is read from br afterwards. Close of the response tells that the target's connection ends
// with it. Interim responses are left out. The response is put into the memory of one that is no longer used,
// or into new memory if that is nil.
func ReadResponse(br *bufio.Reader, method string, scratch *Scratch, resp *message.Response) (*message.Response, error) {
	if resp == nil {
		resp = &message.Response{}
	}
	for {
		head, err := readHead(br, maxResponseHead, &scratch.head)
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		line, rest := nextLine(head)
		*resp = message.Response{Fields: reuse(resp.Fields)}
		minor, err := parseStatusLine(resp, line)
		if err != nil {
			return nil, err
		}
		if resp.Fields, err = parseFields(resp.Fields, rest); err != nil {
			return nil, err
		}
		if resp.Status < 200 && resp.Status != http.StatusSwitchingProtocols {
			continue
		}
		resp.Close = resp.Fields.HasToken("Connection", "close") || minor == 0 && !resp.Fields.HasToken("Connection", "keep-alive")
		return resp, responseBody(resp, method, br, &scratch.head)
	}
}

func parseStatusLine(resp *message.Response, line string) (minor int, err error) {
	version, rest, ok := strings.Cut(line, " ")
	code, reason, _ := strings.Cut(rest, " ")
	if !ok || len(code) != 3 || version != "HTTP/1.1" && version != "HTTP/1.0" {
		return 0, errMalformed
	}
	if resp.Status, err = strconv.Atoi(code); err != nil || resp.Status < 100 {
		return 0, errMalformed
	}
	resp.Reason = reason
	return int(version[7] - '0'), nil
}

// WriteResponse writes the head of a response to a client of HTTP/1.minor. keepAlive tells the client whether
// its connection stays; the answer is whether it can: a body without a length ends with the connection for
// HTTP/1.0.
func WriteResponse(bw *bufio.Writer, resp *message.Response, minor int, keepAlive bool) bool {
	if minor == 0 && resp.Body != nil && resp.Length == message.UnknownLength {
		keepAlive = false
	}
	reason := resp.Reason
	if reason == "" {
		reason = http.StatusText(resp.Status)
	}
	write(bw, "HTTP/1.1 ", strconv.Itoa(resp.Status), " ", reason, "\r\n")
	writeFields(bw, resp.Fields)
	switch {
	case resp.Upgraded != nil:
	case resp.Body != nil && (minor > 0 || resp.Length != message.UnknownLength):
		writeFraming(bw, resp.Length)
	case resp.Body == nil && resp.Length > 0: // HEAD and 304 tell what the length would be
		write(bw, "Content-Length: ", strconv.FormatInt(resp.Length, 10), "\r\n")
	case resp.Body == nil && resp.Length == 0 && resp.Status != http.StatusNoContent && resp.Status != http.StatusNotModified:
		write(bw, "Content-Length: 0\r\n")
	}
	switch {
	case resp.Upgraded != nil:
	case keepAlive:
		write(bw, "Connection: keep-alive\r\n")
	default:
		write(bw, "Connection: close\r\n")
	}
	write(bw, "\r\n")
	return keepAlive
}
