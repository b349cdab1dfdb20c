// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"fmt"
	"strings"

	"sigs.k8s.io/kind/pkg/log"
)

// kindLog turns what kind reports into details of a step.
type kindLog struct {
	detail func(format string, args ...any)
	level  log.Level
}

var (
	_ log.Logger     = kindLog{}
	_ log.InfoLogger = kindLog{}
)

func (k kindLog) Warn(message string)               { k.Info(message) }
func (k kindLog) Warnf(format string, args ...any)  { k.Infof(format, args...) }
func (k kindLog) Error(message string)              { k.Info(message) }
func (k kindLog) Errorf(format string, args ...any) { k.Infof(format, args...) }
func (k kindLog) V(level log.Level) log.InfoLogger  { return kindLog{k.detail, level} }

// Enabled shuts off kind's own debugging output, which repeats all that kubeadm prints.
func (k kindLog) Enabled() bool { return k.level == 0 }

func (k kindLog) Infof(format string, args ...any) { k.Info(fmt.Sprintf(format, args...)) }

func (k kindLog) Info(message string) {
	// kind decorates its steps for a terminal: " • Preparing nodes 📦  ..." and " ✓ …" after it.
	message = strings.Trim(strings.TrimSpace(message), "•✓✗ .")
	if k.Enabled() && message != "" {
		k.detail("kind: %s", message)
	}
}
