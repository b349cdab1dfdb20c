// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package target

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestChoice(t *testing.T) {
	tests := []struct {
		name      string
		healthy   string // one character a target: + healthy, - not
		threshold Threshold
		failOpen  bool
		chosen    int
	}{
		{"healthy targets alone", "++-", Threshold{Count: 1}, false, 2},
		{"rows 46, 68: all targets if none is healthy", "---", Threshold{Count: 1}, true, 3},
		{"row 46: all targets below the minimum count", "+--", Threshold{Count: 2}, true, 3},
		{"row 46: healthy ones at the minimum count", "++-", Threshold{Count: 2}, false, 2},
		{"row 46: all targets below the minimum percentage", "+---", Threshold{Count: 1, Percent: 50}, true, 4},
		{"row 46: healthy ones at the minimum percentage", "++--", Threshold{Count: 1, Percent: 50}, false, 2},
		{"row 34: no targets", "", Threshold{Count: 1}, true, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var candidates []candidate
			for _, c := range tt.healthy {
				candidates = append(candidates, candidate{&Target{}, "a", c == '+'})
			}
			v := choose(candidates, tt.threshold)
			assert.Equal(t, tt.failOpen, v.FailOpen)
			assert.Len(t, v.In(""), tt.chosen)
			assert.Len(t, v.In("a"), tt.chosen)
			assert.Empty(t, v.In("b"))
		})
	}
}

func TestTargetsOfEveryZoneAreUsedFromAll(t *testing.T) {
	outside, own := &Target{}, &Target{}
	v := choose([]candidate{{outside, everyZone, true}, {own, "a", true}}, Threshold{Count: 1})
	assert.ElementsMatch(t, []*Target{outside, own}, v.In("a"))
	assert.Equal(t, []*Target{outside}, v.In("b"))
}

func TestRow45Weighted(t *testing.T) {
	weights := []int32{2, 0, 1}
	for n, want := range []int{0, 0, 2} {
		assert.Equal(t, want, Weighted(weights, n), "number %d", n)
	}
	assert.Equal(t, -1, Weighted([]int32{0, 0}, 0))
}
