// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package admin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	// look is how often what is shown is compared with what was sent.
	look = 250 * time.Millisecond
	// trafficEvery is how many looks there are to one event of traffic, whose rates are per second.
	trafficEvery = 4
	// writeTimeout ends a stream whose client does not read.
	writeTimeout = 10 * time.Second
)

// events streams server-sent events: status, loadbalancers, pods and traffic, each at once and then whenever it
// differs; traffic every second, so that a client that hears nothing for longer has lost elbsim.
func (h handler) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	s := &stream{ResponseWriter: w, control: http.NewResponseController(w), sent: map[string][]byte{}}
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for n := 0; ; n++ {
		err := s.send("status", map[string]string{"waiting": h.src.Waiting()})
		if err == nil {
			err = s.send("loadbalancers", h.loadBalancers())
		}
		if err == nil {
			err = s.send("pods", h.src.Pods())
		}
		if err == nil && n%trafficEvery == 0 {
			err = s.send("traffic", h.src.Traffic.Snapshot())
		}
		if err != nil {
			h.log.Debug("stream of events ended", "err", err)
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
		}
	}
}

// stream is a client's stream of events.
type stream struct {
	http.ResponseWriter
	control *http.ResponseController
	sent    map[string][]byte // the last data by event
}

// send sends an event if its data is new.
func (s *stream) send(event string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode event %s: %w", event, err)
	}
	if bytes.Equal(s.sent[event], data) {
		return nil
	}
	s.sent[event] = data
	if err := s.control.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("limit event %s: %w", event, err)
	}
	if _, err := fmt.Fprintf(s, "event: %s\ndata: %s\n\n", event, data); err != nil {
		return fmt.Errorf("send event %s: %w", event, err)
	}
	if err := s.control.Flush(); err != nil {
		return fmt.Errorf("send event %s: %w", event, err)
	}
	return nil
}
