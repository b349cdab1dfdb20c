// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

var (
	yamlBlock = regexp.MustCompile("(?ms)^[ \t]*```ya?ml *\n(.*?)^[ \t]*```")
	ofOurs    = regexp.MustCompile(`(?m)^ *kind: *(Ingress|Service) *$`)
)

// TestTheControllersOwnExamplesRaiseNoAlarm plans every example of the controller's documentation that can be read. Many are parts of a
// whole, so that a Service or a class is missing; of the rest nothing may be called a mistake.
func TestTheControllersOwnExamplesRaiseNoAlarm(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/aws-load-balancer-controller").Output()
	require.NoError(t, err)
	read, planned := 0, 0
	check := func(file, text string) {
		objects, err := manifest.Read(file, strings.NewReader(text))
		if err != nil {
			return // an excerpt
		}
		p, err := planner.Make(t.Context(), objects, planner.Options{})
		require.NoError(t, err, file)
		read++
		planned += len(p.LoadBalancers)
		for _, w := range p.Warnings {
			if !strings.Contains(w.Message, "is not among the manifests") && !strings.Contains(w.Message, "elbsim run does not") &&
				!strings.HasPrefix(w.Message, "passed over: ") {
				assert.Fail(t, w.Message, "%s: %s", file, w.Object)
			}
		}
	}
	require.NoError(t, filepath.WalkDir(filepath.Join(strings.TrimSpace(string(out)), "docs"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, block := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
			if ofOurs.MatchString(block[1]) {
				check(filepath.Base(path), block[1])
			}
		}
		return nil
	}))
	assert.Greater(t, read, 20, "the documentation is found")
	assert.Greater(t, planned, 3, "and some of it is whole")
}
