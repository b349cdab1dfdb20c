// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package echo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// MaxDelay bounds ?delay=, so that a test cannot tie up the app.
const MaxDelay = 2 * time.Minute

// Handler answers every path with a [Response] of backend. /healthz is 200 with an empty body, /ws
// echoes WebSocket messages, ?status= sets the status (200-599), ?delay= waits (Go duration, at most
// [MaxDelay]); other values of the two are 400 with a sentence.
func Handler(backend Backend) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/ws", serveWebSocket)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		status, delay, err := wishes(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		// The client may be gone; there is no one left to tell.
		_ = json.NewEncoder(w).Encode(describe(r, backend))
	})
	return mux
}

func wishes(r *http.Request) (status int, delay time.Duration, err error) {
	status = http.StatusOK
	query := r.URL.Query()
	if s := query.Get("status"); s != "" {
		if status, err = strconv.Atoi(s); err != nil || status < 200 || status > 599 {
			return 0, 0, fmt.Errorf("status=%q: want a number from 200 to 599", s)
		}
	}
	if d := query.Get("delay"); d != "" {
		if delay, err = time.ParseDuration(d); err != nil || delay < 0 || delay > MaxDelay {
			return 0, 0, fmt.Errorf("delay=%q: want a duration from 0s to %s, like 500ms", d, MaxDelay)
		}
	}
	return status, delay, nil
}

func describe(r *http.Request, backend Backend) Response {
	return Response{
		Method:             r.Method,
		Path:               r.URL.RequestURI(),
		Host:               r.Host,
		Proto:              r.Proto,
		Remote:             r.RemoteAddr,
		Headers:            r.Header,
		ClientCertificates: ParseXFCC(strings.Join(r.Header.Values("X-Forwarded-Client-Cert"), ",")),
		Backend:            backend,
	}
}

// serveWebSocket sends every message back until the client closes or the server shuts down.
func serveWebSocket(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered with the reason
	}
	defer conn.CloseNow()
	for {
		kind, message, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		if err := conn.Write(r.Context(), kind, message); err != nil {
			return
		}
	}
}
