// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package host finds out what this machine is and whether a lab fits on it, and installs Debian
// packages that a lab needs. It stands before every other stage of the lab. It never touches Docker.
package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// Host is what matters about a machine.
type Host struct {
	// Debian is true where apt installs packages: Debian, Ubuntu and what descends from them.
	Debian bool
	Root   bool
	// MissingSysResource is true where even root lacks CAP_SYS_RESOURCE, as in many sandboxes: then no
	// process may raise limits or lower its out-of-memory score.
	MissingSysResource bool
	// CgroupV1 is true where the cgroup hierarchy is the old one, which the kubelet refuses by default.
	CgroupV1 bool
	// MemoryAvailable is what programs can still use, in bytes.
	MemoryAvailable uint64
}

// Inspect looks at this machine.
func Inspect() (Host, error) {
	var errs []error
	read := func(path string) string {
		data, err := os.ReadFile(path)
		if err != nil {
			errs = append(errs, err)
		}
		return string(data)
	}
	h := Host{Root: os.Geteuid() == 0}
	var err error
	if h.MissingSysResource, err = lacksSysResource(read("/proc/self/status")); err != nil {
		errs = append(errs, err)
	}
	if h.MemoryAvailable, err = memoryAvailable(read("/proc/meminfo")); err != nil {
		errs = append(errs, err)
	}
	// os-release names what the machine descends from; a machine without one is none that is known.
	if release, err := os.ReadFile("/etc/os-release"); err == nil {
		h.Debian = isDebian(string(release))
	}
	_, err = os.Stat("/sys/fs/cgroup/cgroup.controllers") // the root of a v2 hierarchy has it
	h.CgroupV1 = errors.Is(err, os.ErrNotExist)
	if err := errors.Join(errs...); err != nil {
		return h, fmt.Errorf("inspect this machine: %w", err)
	}
	return h, nil
}

// capSysResource is the bit of CAP_SYS_RESOURCE, see capability(7).
const capSysResource = 24

// lacksSysResource reads /proc/<pid>/status.
func lacksSysResource(status string) (bool, error) {
	match := regexp.MustCompile(`(?m)^CapBnd:\s+([0-9a-f]+)$`).FindStringSubmatch(status)
	if match == nil {
		return false, errors.New("/proc/self/status has no line CapBnd")
	}
	set, err := strconv.ParseUint(match[1], 16, 64)
	return set&(1<<capSysResource) == 0, err
}

// memoryAvailable reads /proc/meminfo and returns bytes.
func memoryAvailable(meminfo string) (uint64, error) {
	match := regexp.MustCompile(`(?m)^MemAvailable:\s+(\d+) kB$`).FindStringSubmatch(meminfo)
	if match == nil {
		return 0, errors.New("/proc/meminfo has no line MemAvailable")
	}
	kib, err := strconv.ParseUint(match[1], 10, 64)
	return kib << 10, err
}

// isDebian reads /etc/os-release.
func isDebian(release string) bool {
	for _, line := range strings.Split(release, "\n") {
		name, value, _ := strings.Cut(line, "=")
		if name != "ID" && name != "ID_LIKE" {
			continue
		}
		for _, id := range strings.Fields(strings.Trim(value, `"'`)) {
			if id == "debian" || id == "ubuntu" {
				return true
			}
		}
	}
	return false
}

// DiskFree is what an ordinary user can still write to the file system of path, in bytes. Folders that
// do not exist yet are taken as their first existing parent.
func DiskFree(path string) (uint64, error) {
	for {
		var stat syscall.Statfs_t
		err := syscall.Statfs(path, &stat)
		if errors.Is(err, os.ErrNotExist) && path != filepath.Dir(path) {
			path = filepath.Dir(path)
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("free space of %s: %w", path, err)
		}
		return stat.Bavail * uint64(stat.Bsize), nil
	}
}
