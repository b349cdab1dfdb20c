// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package health

import (
	"context"
	"time"
)

// Check checks a target once. It ends when ctx does.
type Check func(ctx context.Context) Result

// Plan is how often a target is checked and what the results mean.
type Plan struct {
	Interval, Timeout time.Duration
	Thresholds        Thresholds
}

// Monitor checks at once and then at each interval until ctx ends, and reports the state after each check. What comes
// from failed counts as a check that failed: traffic has failed (passive checks, row 67). It may be nil.
func Monitor(ctx context.Context, check Check, plan Plan, failed <-chan struct{}, state State, report func(State)) {
	ticks := time.NewTicker(plan.Interval)
	defer ticks.Stop()
	for {
		limited, cancel := context.WithTimeout(ctx, plan.Timeout)
		result := check(limited)
		cancel()
		if ctx.Err() != nil {
			return
		}
		state = state.Next(result, plan.Thresholds)
		report(state)
		for wait := true; wait; {
			select {
			case <-ctx.Done():
				return
			case <-failed:
				state = state.Next(networkFailure(), plan.Thresholds)
				report(state)
			case <-ticks.C:
				wait = false
			}
		}
	}
}
