// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane

import "time"

// SetSecond changes the length of a second in time-outs and intervals. Call it before Apply.
func (p *Plane) SetSecond(d time.Duration) { p.second = d }
