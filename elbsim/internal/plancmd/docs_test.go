// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plancmd_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/plancmd"
)

var (
	example = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	console = regexp.MustCompile("(?s)```console\n(.*?)```")
)

// TestTheDocumentationShowsWhatIsPrinted runs the commands of docs/plan.md on its manifests.
func TestTheDocumentationShowsWhatIsPrinted(t *testing.T) {
	content, err := os.ReadFile("../../../docs/plan.md")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("web.yaml", []byte(example.FindStringSubmatch(string(content))[1]), 0o600))
	shown := console.FindAllStringSubmatch(string(content), -1)
	require.Len(t, shown, 2)
	for _, block := range shown {
		var printed strings.Builder
		for _, line := range strings.Split(block[1], "\n") {
			command, isCommand := strings.CutPrefix(line, "$ ")
			if !isCommand {
				continue
			}
			printed.WriteString(line + "\n")
			arguments, ours := strings.CutPrefix(command, "elbsim plan ")
			if !ours {
				output, err := exec.Command("sh", "-c", command).CombinedOutput()
				require.NoError(t, err, "%s", output)
				continue
			}
			var out bytes.Buffer
			cmd := plancmd.Command(plancmd.Streams{Out: &out})
			cmd.SetArgs(strings.Fields(arguments))
			if err := cmd.ExecuteContext(t.Context()); err != nil {
				require.ErrorIs(t, err, plancmd.ErrChanges)
			}
			printed.Write(out.Bytes())
		}
		assert.Equal(t, printed.String(), block[1])
	}
}
