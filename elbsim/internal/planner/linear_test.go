// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

// bytesPerObject is how much memory a plan asks for: what it lists and copies, whatever the time.
func bytesPerObject(t *testing.T, text string, n int) float64 {
	t.Helper()
	objects, err := manifest.Read("fleet.yaml", strings.NewReader(text))
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p, err := planner.Make(t.Context(), objects, planner.Options{Account: large})
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Empty(t, p.Rejections)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
}

func TestTheWorkForAnObjectDoesNotGrowWithTheirNumber(t *testing.T) {
	for name, fleet := range fleets {
		t.Run(name, func(t *testing.T) {
			const few, many = 100, 800
			text, _ := fleet(few)
			first := bytesPerObject(t, text, few)
			text, _ = fleet(many)
			later := bytesPerObject(t, text, many)
			assert.LessOrEqual(t, later, 1.15*first, "bytes for each of %d objects, beside those for each of %d", many, few)
		})
	}
}
