// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package target

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// candidates makes one for each character: + healthy, - not, a space for the next zone (a, b, c).
func candidates(text string) []candidate {
	var out []candidate
	zone := 'a'
	for _, c := range text {
		if c == ' ' {
			zone++
			continue
		}
		out = append(out, candidate{&Target{}, string(zone), c == '+'})
	}
	return out
}

func TestChoice(t *testing.T) {
	tests := []struct {
		name      string
		targets   string
		threshold Threshold
		crossZone bool
		failOpen  bool
		chosen    int // at the node of zone a
	}{
		{"row 46: healthy targets alone", "++-", Threshold{Count: 1}, true, false, 2},
		{"rows 46, 68: all targets if none is healthy", "--- -", Threshold{Count: 1}, true, true, 4},
		{"rows 46, 68: not if there is one in another zone", "--- +", Threshold{Count: 1}, true, false, 1},
		{"row 46: all targets below the minimum count", "+-- -", Threshold{Count: 2}, true, true, 4},
		{"row 46: healthy ones at the minimum count", "++- -", Threshold{Count: 2}, true, false, 2},
		{"row 46: all targets below the minimum percentage", "+-- -", Threshold{Count: 1, Percent: 50}, true, true, 4},
		{"row 46: healthy ones at the minimum percentage", "++- -", Threshold{Count: 1, Percent: 50}, true, false, 2},
		{"row 46: either of count and percentage suffices", "++ ++", Threshold{Count: 5, Percent: 50}, true, true, 4},
		{"rows 55, 71: with cross-zone the targets of all zones", "++ +++", Threshold{Count: 1}, true, false, 5},
		{"rows 55, 71: without it the zone's own", "++ +++", Threshold{Count: 1}, false, false, 2},
		{"row 46: without cross-zone a zone fails open alone", "-- +++", Threshold{Count: 1}, false, true, 2},
		{"rows 55, 71: without cross-zone nothing for a zone without targets", " +++", Threshold{Count: 1}, false, true, 0},
		{"row 34: no targets", "", Threshold{Count: 1}, true, true, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := choose(candidates(tt.targets), &Settings{Threshold: tt.threshold, CrossZone: tt.crossZone}).Pool("a")
			assert.Equal(t, tt.failOpen, p.FailOpen)
			assert.Len(t, p.Targets, tt.chosen)
		})
	}
}

func TestRow68NodesInDNS(t *testing.T) {
	tests := []struct {
		name      string
		targets   string
		threshold Threshold
		crossZone bool
		want      map[string]bool
	}{
		{"row 68: a zone without a healthy target is taken out", "+ -", Threshold{Count: 1}, false, map[string]bool{"a": true, "b": false, "c": false}},
		{"row 68: with cross-zone a node needs none of its own", "+ -", Threshold{Count: 1}, true, map[string]bool{"a": true, "b": true, "c": true}},
		{"row 68: below a minimum count", "++ +-", Threshold{Count: 2}, false, map[string]bool{"a": true, "b": false}},
		{"row 68: below a minimum percentage", "++- +--", Threshold{Count: 1, Percent: 50}, false, map[string]bool{"a": true, "b": false}},
		{"row 68: no count, no failover", "-", Threshold{}, false, map[string]bool{"a": true, "b": true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := choose(candidates(tt.targets), &Settings{Threshold: Threshold{Count: 1}, DNS: tt.threshold, CrossZone: tt.crossZone})
			for zone, want := range tt.want {
				assert.Equal(t, want, v.Pool(zone).InDNS, "zone %s", zone)
			}
		})
	}
}

func TestTargetsOfEveryZoneAreUsedFromAll(t *testing.T) {
	for name, zone := range map[string]string{"outside the VPC": everyZone, "of a zone that nobody knows": ""} {
		t.Run(name, func(t *testing.T) {
			outside, own := &Target{}, &Target{}
			v := choose([]candidate{{outside, zone, true}, {own, "a", true}}, &Settings{Threshold: Threshold{Count: 1}})
			assert.ElementsMatch(t, []*Target{outside, own}, v.Pool("a").Targets)
			assert.Equal(t, []*Target{outside}, v.Pool("b").Targets)
		})
	}
}

func TestRow45Weighted(t *testing.T) {
	weights := []int32{2, 0, 1}
	for n, want := range []int{0, 0, 2} {
		assert.Equal(t, want, Weighted(weights, n), "number %d", n)
	}
	assert.Equal(t, -1, Weighted([]int32{0, 0}, 0))
}
