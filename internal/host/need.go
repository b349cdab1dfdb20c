// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package host

import (
	"errors"
	"fmt"
)

// GiB is 2^30 bytes.
const GiB = 1 << 30

// Need is what a lab needs of a machine.
type Need struct {
	Memory uint64 // bytes that must be available
	Disk   uint64 // bytes that must be free at Path
	Path   string
}

// Check returns one error that names everything the machine is short of, with the cure. diskFree is what
// is free at need.Path, in bytes.
func (h Host) Check(need Need, diskFree uint64) error {
	var errs []error
	if h.MemoryAvailable < need.Memory {
		errs = append(errs, fmt.Errorf("%s of memory are available, the lab needs %s: end other programs, or remove another lab with `make down`",
			gib(h.MemoryAvailable), gib(need.Memory)))
	}
	if diskFree < need.Disk {
		errs = append(errs, fmt.Errorf("%s are free at %s, the lab needs %s: free some, or set ISTIO_AWS_CACHE to a folder on a larger disk",
			gib(diskFree), need.Path, gib(need.Disk)))
	}
	return errors.Join(errs...)
}

func gib(bytes uint64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/GiB) }
