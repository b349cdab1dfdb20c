// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package health_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/health"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestRow48States(t *testing.T) {
	thresholds := health.Thresholds{Healthy: 3, Unhealthy: 2}
	tests := []struct{ name, results, want string }{
		{"no result", "", "initial"},
		{"the first success makes a new target healthy", "+", "healthy"},
		{"also after a failure", "-+", "healthy"},
		{"a new target needs failures in a row to be unhealthy", "-", "initial"},
		{"it has them", "--", "unhealthy"},
		{"a healthy target survives a failure", "+-", "healthy"},
		{"failures must be in a row", "+-+-", "healthy"},
		{"they are", "+-+--", "unhealthy"},
		{"an unhealthy target needs successes in a row", "--++", "unhealthy"},
		{"broken by a failure they do not count", "--++-++", "unhealthy"},
		{"it has them again", "--++-+++", "healthy"},
	}
	for _, tt := range tests {
		t.Run("row 48: "+tt.name, func(t *testing.T) {
			s := health.Initial()
			for _, r := range tt.results {
				s = s.Next(health.Result{OK: r == '+', Reason: "Target.Timeout"}, thresholds)
			}
			assert.Equal(t, elb.HealthState(tt.want), s.Health.State)
			assert.Equal(t, tt.want == "unhealthy", s.Health.Reason == "Target.Timeout")
		})
	}
}

func TestMatcher(t *testing.T) {
	m, err := health.ParseMatcher("200, 202-204,301")
	require.NoError(t, err)
	for code, want := range map[int]bool{200: true, 201: false, 202: true, 203: true, 204: true, 205: false, 301: true, 404: false} {
		assert.Equal(t, want, m.Match(code), "code %d", code)
	}
	for _, text := range []string{"", "OK", "200-", "-200", "300-200", "200,,201"} {
		_, err := health.ParseMatcher(text)
		assert.ErrorContains(t, err, "want codes and ranges, such as 200,202-299", "matcher %q", text)
	}
}
