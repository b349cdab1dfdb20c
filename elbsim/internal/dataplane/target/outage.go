// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package target

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// Outage is how a target that was taken away on purpose does not answer; empty when it is there.
type Outage string

// The outages.
const (
	Drop   Outage = "drop"   // silence
	Refuse Outage = "refuse" // it refuses connections
	Reset  Outage = "reset"  // it resets connections
)

// Reach returns nil when a target is there. Otherwise it fails as connecting does, after that long at most: a target
// that is silent takes all of timeout, or of ctx if that is 0.
func (t *Target) Reach(ctx context.Context, timeout time.Duration) error {
	switch t.outage() {
	case Refuse:
		return fmt.Errorf("dial tcp %s: %w", t.Addr, syscall.ECONNREFUSED)
	case Reset:
		return fmt.Errorf("dial tcp %s: %w", t.Addr, syscall.ECONNRESET)
	case Drop:
		if timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, timeout)
			defer cancel()
		}
		<-ctx.Done()
		return fmt.Errorf("dial tcp %s: %w", t.Addr, ctx.Err())
	}
	return nil
}
