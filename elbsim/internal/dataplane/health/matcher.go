// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package health

import (
	"fmt"
	"strconv"
	"strings"
)

// Matcher is a set of status codes, such as "200,202-299".
type Matcher struct{ ranges [][2]int }

// ParseMatcher reads the text of a matcher. Empty is an error: AWS's defaults differ by kind of load balancer, so
// the caller must name what holds.
func ParseMatcher(text string) (Matcher, error) {
	var m Matcher
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			last = first
		}
		low, err := strconv.Atoi(first)
		if err != nil {
			return Matcher{}, fmt.Errorf("health check matcher %q: want codes and ranges, such as 200,202-299", text)
		}
		high, err := strconv.Atoi(last)
		if err != nil || high < low {
			return Matcher{}, fmt.Errorf("health check matcher %q: want codes and ranges, such as 200,202-299", text)
		}
		m.ranges = append(m.ranges, [2]int{low, high})
	}
	return m, nil
}

// Match tells whether a code is in the set.
func (m Matcher) Match(code int) bool {
	for _, r := range m.ranges {
		if r[0] <= code && code <= r[1] {
			return true
		}
	}
	return false
}
