// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// url is where a contender serves a port.
func url(address string, port int) string { return fmt.Sprintf("http://%s:%d/", address, port) }

// output runs a client and returns its standard output.
func output(ctx context.Context, program string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s%s", program, strings.Join(args, " "), err, out, stderr.Bytes())
	}
	return out, nil
}

var requestsPerSecond = regexp.MustCompile(`(?m)^Requests/sec:\s+([0-9.]+)$`)

// requests asks as fast as it can with wrk, over kept connections or with one for each request, and returns requests
// per second. One that fails fails the run.
func requests(ctx context.Context, address string, port int, kept bool, s settings) (float64, error) {
	args := []string{"--threads", "1", "--connections", strconv.Itoa(s.connections), "--duration", s.duration.String()}
	if !kept {
		args = append(args, "--header", "Connection: close")
	}
	out, err := output(ctx, "wrk", append(args, url(address, port))...)
	if err != nil {
		return 0, err
	}
	return parseRequests(string(out))
}

func parseRequests(out string) (float64, error) {
	if strings.Contains(out, "Socket errors") || strings.Contains(out, "Non-2xx") {
		return 0, fmt.Errorf("requests failed:\n%s", out)
	}
	match := requestsPerSecond.FindStringSubmatch(out)
	if match == nil {
		return 0, fmt.Errorf("wrk printed no rate:\n%s", out)
	}
	return strconv.ParseFloat(match[1], 64)
}

// latencies are of requests at a rate that leaves everybody time.
type latencies struct{ half, most time.Duration } // percentiles 50 and 99

// paced asks at the rate of the settings with h2load and returns how long requests took.
func paced(ctx context.Context, address string, s settings) (latencies, error) {
	folder, err := os.MkdirTemp("", "elbsim-bench-")
	if err != nil {
		return latencies{}, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // the figures are read
	log := filepath.Join(folder, "log")
	perClient := s.rate / s.connections
	seconds := int(s.duration.Seconds())
	_, err = output(ctx, "h2load", "--h1", "--clients", strconv.Itoa(s.connections), "--rps", strconv.Itoa(perClient),
		"--requests", strconv.Itoa(perClient*s.connections*seconds), "--log-file", log, url(address, httpPort))
	if err != nil {
		return latencies{}, err
	}
	text, err := os.ReadFile(log)
	if err != nil {
		return latencies{}, err
	}
	return parseLatencies(text)
}

// parseLatencies reads h2load's log: start, status, microseconds.
func parseLatencies(log []byte) (latencies, error) {
	var all []time.Duration
	for lines := bufio.NewScanner(bytes.NewReader(log)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 3 || fields[1] != "200" {
			return latencies{}, fmt.Errorf("request failed: %q", lines.Text())
		}
		n, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil {
			return latencies{}, fmt.Errorf("line %q of h2load: %w", lines.Text(), err)
		}
		all = append(all, time.Duration(n)*time.Microsecond)
	}
	if len(all) == 0 {
		return latencies{}, errors.New("h2load made no request")
	}
	slices.Sort(all)
	return latencies{all[len(all)/2], all[len(all)*99/100]}, nil
}

// busy is what iperf3's server says while it still hears of its last client's end.
const busy = "the server is busy running a test"

// bulk sends one stream from the client to the backend with iperf3 and returns bytes per second as received.
func bulk(ctx context.Context, address string, port int, s settings) (float64, error) {
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		rate, err := stream(ctx, address, port, s)
		if err == nil || !strings.Contains(err.Error(), busy) || time.Now().After(deadline) {
			return rate, err
		}
	}
}

func stream(ctx context.Context, address string, port int, s settings) (float64, error) {
	out, err := output(ctx, "iperf3", "--client", address, "--port", strconv.Itoa(port),
		"--time", strconv.Itoa(int(s.duration.Seconds())), "--json")
	if err != nil {
		return 0, err
	}
	var report struct {
		End struct {
			Received struct {
				BitsPerSecond float64 `json:"bits_per_second"`
			} `json:"sum_received"`
		} `json:"end"`
		Error string `json:"error"`
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return 0, fmt.Errorf("report of iperf3: %w", err)
	}
	if report.Error != "" || report.End.Received.BitsPerSecond <= 0 {
		return 0, fmt.Errorf("iperf3 received nothing: %s", report.Error)
	}
	return report.End.Received.BitsPerSecond / 8, nil
}
