// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFailedRequestsAreNoFigures(t *testing.T) {
	const good = "  9 requests in 2.00s, 1.00MB read\nRequests/sec:  37960.12\nTransfer/sec:      6.91MB\n"
	rate, err := parseRequests(good)
	require.NoError(t, err)
	assert.Equal(t, 37960.12, rate)
	for _, bad := range []string{
		"  Socket errors: connect 0, read 1, write 0, timeout 0\n" + good,
		"  Non-2xx or 3xx responses: 12\n" + good,
		"unable to connect",
	} {
		_, err := parseRequests(bad)
		assert.ErrorContains(t, err, strings.TrimSpace(bad))
	}
}

func TestLatencies(t *testing.T) {
	var log strings.Builder
	for i := range 200 {
		log.WriteString("1700000000000000\t200\t" + strings.Repeat("1", i/100+1) + "\n")
	}
	l, err := parseLatencies([]byte(log.String()))
	require.NoError(t, err)
	assert.Equal(t, latencies{11 * time.Microsecond, 11 * time.Microsecond}, l)
	_, err = parseLatencies([]byte("1700000000000000\t502\t1\n"))
	assert.ErrorContains(t, err, "502")
	_, err = parseLatencies(nil)
	assert.ErrorContains(t, err, "no request")
}

func TestTableHoldsMediansSpreadAndShares(t *testing.T) {
	r := newResults(settings{rounds: 3, duration: time.Second, connections: 1, rate: 1, threads: 1})
	for _, row := range rows {
		for i := range 3 {
			r.add(row, elbsimName, float64(30*(i+1)))
			r.add(row, haproxyName, float64(40*(i+1)))
			r.add(row, nginxName, 5)
		}
	}
	var out strings.Builder
	require.NoError(t, r.write(&out))
	for _, row := range rows {
		assert.Contains(t, out.String(), "| "+row+" | 60.0 (30.0–90.0) | 80.0 (40.0–120) | 5.00 (5.00–5.00) | 0.75 |\n")
	}
}
