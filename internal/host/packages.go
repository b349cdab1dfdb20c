// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package host

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/istio-aws/istio-aws/internal/process"
	"github.com/istio-aws/istio-aws/internal/progress"
)

// Tool is a program that must be on this machine and the Debian packages it comes from.
type Tool struct {
	Program string // a name to look up in PATH, or an absolute path
	// Works further decides whether the program that was found will do; nil: it will.
	Works    func() bool
	Packages []string
	For      string // what it is needed for, to be read after "for"
}

// Ensure installs what is missing of tools. Where it cannot, it returns a sentence with the command that
// does; nothing is installed then.
func (h Host) Ensure(ctx context.Context, log *progress.Log, tools ...Tool) error {
	var missing []Tool
	for _, tool := range tools {
		if !tool.present() {
			missing = append(missing, tool)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	packages := packagesOf(missing)
	if err := h.mayInstall(missing, packages); err != nil {
		return err
	}
	for _, tool := range missing {
		log.Say("%s is missing: installing %s for %s", tool.Program, strings.Join(tool.Packages, " "), tool.For)
	}
	return log.Step("install "+strings.Join(packages, " "), func(step *progress.Step) error {
		apt := func(args ...string) error {
			return process.Run(ctx, process.Process{
				Program: "apt-get", Args: append([]string{"-q", "-o", "DPkg::Lock::Timeout=300"}, args...),
				Env:  []string{"DEBIAN_FRONTEND=noninteractive"},
				Line: func(line string) { step.Detail("%s", line) },
			})
		}
		if err := apt("update"); err != nil {
			return fmt.Errorf("update the package lists: %w", err)
		}
		if err := apt(append([]string{"install", "-y", "--no-install-recommends"}, packages...)...); err != nil {
			return fmt.Errorf("install packages: %w", err)
		}
		return nil
	})
}

func (t Tool) present() bool {
	if _, err := exec.LookPath(t.Program); err != nil {
		// Daemons live where an ordinary user's PATH does not look.
		if _, err := os.Stat("/usr/sbin/" + t.Program); err != nil {
			return false
		}
	}
	return t.Works == nil || t.Works()
}

// mayInstall is the sentence for those who have to install packages themselves.
func (h Host) mayInstall(missing []Tool, packages []string) error {
	if h.Debian && h.Root {
		return nil
	}
	var needs []string
	for _, tool := range missing {
		needs = append(needs, fmt.Sprintf("%s (for %s)", tool.Program, tool.For))
	}
	if h.Debian {
		return fmt.Errorf("missing: %s; install with: sudo apt-get install --no-install-recommends %s", strings.Join(needs, ", "), strings.Join(packages, " "))
	}
	return fmt.Errorf("missing: %s; install them with this machine's package manager (Debian calls the packages %s)", strings.Join(needs, ", "), strings.Join(packages, " "))
}

func packagesOf(tools []Tool) []string {
	var packages []string
	for _, tool := range tools {
		packages = append(packages, tool.Packages...)
	}
	slices.Sort(packages)
	return slices.Compact(packages)
}
