// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/istio-aws/istio-aws/internal/progress"
)

const (
	inotifyFile = "/proc/sys/fs/inotify/max_user_instances"
	// inotifyNeed is enough for two labs: every systemd, kubelet and kube-proxy watches files, and all
	// containers share the limit of their user.
	inotifyNeed = 512
)

// RaiseInotify raises the kernel's limit of file watchers if it is too low for a lab. Without root it
// only says so: one lab alone may do with the usual 128.
func RaiseInotify(log *progress.Log, h Host) error {
	data, err := os.ReadFile(inotifyFile)
	if err != nil {
		return err
	}
	limit, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return fmt.Errorf("read %s: %w", inotifyFile, err)
	}
	if limit >= inotifyNeed {
		return nil
	}
	const advice = "sysctl fs.inotify.max_user_instances=512"
	if !h.Root {
		log.Say("fs.inotify.max_user_instances is %d; if nodes do not become ready: sudo %s", limit, advice)
		return nil
	}
	if err := os.WriteFile(inotifyFile, []byte(strconv.Itoa(inotifyNeed)), 0o644); err != nil {
		log.Say("fs.inotify.max_user_instances is %d and cannot be raised here (%v); if nodes do not become ready: %s", limit, err, advice)
		return nil
	}
	log.Say("fs.inotify.max_user_instances raised from %d to %d", limit, inotifyNeed)
	return nil
}
