// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package process

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	t.Run("every line is handed on, also the last one without a line break", func(t *testing.T) {
		var lines []string
		require.NoError(t, Run(t.Context(), Process{
			Program: "sh", Args: []string{"-c", `cat; echo "$NAME" >&2; pwd; printf last`},
			Dir: "/", Env: []string{"NAME=value"}, Stdin: strings.NewReader("input\n"),
			Line: func(line string) { lines = append(lines, line) },
		}))
		assert.Equal(t, []string{"input", "value", "/", "last"}, lines)
	})

	t.Run("a failure is a line to paste and the last lines of output", func(t *testing.T) {
		err := Run(t.Context(), Process{Program: "sh", Args: []string{"-c", "seq 300; exit 2"}})
		assert.ErrorContains(t, err, "sh -c 'seq 300; exit 2': exit status 2\n")
		assert.True(t, strings.HasSuffix(err.Error(), "\n299\n300"), err.Error())
	})

	t.Run("the end of the context ends the program and its children", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		start := time.Now()
		err := Run(ctx, Process{
			Program: "sh", Args: []string{"-c", "echo started; sleep 60 & wait"},
			Line: func(string) { cancel(errors.New("interrupted by the user")) },
		})
		assert.ErrorContains(t, err, "interrupted by the user")
		assert.Less(t, time.Since(start), 9*time.Second, "the child kept the output open")
	})
}
