// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package command

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func shellCommand(script string) Command { return Command{Program: "sh", Args: []string{"-c", script}} }

func TestRun(t *testing.T) {
	t.Run("standard output is the result, standard error is not part of it", func(t *testing.T) {
		out, err := Run(t.Context(), shellCommand("echo result; echo noise >&2"))
		require.NoError(t, err)
		assert.Equal(t, "result", out)
	})

	t.Run("standard input and environment reach the program", func(t *testing.T) {
		c := shellCommand(`cat; echo "$NAME"`)
		c.Stdin, c.Env = "input\n", map[string]string{"NAME": "value"}
		out, err := Run(t.Context(), c)
		require.NoError(t, err)
		assert.Equal(t, "input\nvalue", out)
	})

	t.Run("a failure is a line to paste, the status and the last 20 lines", func(t *testing.T) {
		_, err := Run(t.Context(), shellCommand("for i in $(seq 22); do echo line $i >&2; done; exit 3"))
		require.Error(t, err)
		assert.Contains(t, err.Error(), "sh -c 'for i in $(seq 22); do echo line $i >&2; done; exit 3': exit status 3\n[2 lines before]\nline 3\n")
		assert.NotContains(t, err.Error(), "line 2\n")
		code, exited := ExitCode(err)
		assert.True(t, exited)
		assert.Equal(t, 3, code)
	})

	t.Run("standard output explains a failure without standard error", func(t *testing.T) {
		_, err := Run(t.Context(), shellCommand("echo the reason; exit 1"))
		assert.ErrorContains(t, err, "exit status 1\nthe reason")
	})

	t.Run("a program that is not there has no exit code", func(t *testing.T) {
		_, err := Run(t.Context(), Command{Program: "/nowhere/helm", Args: []string{"it's"}})
		assert.ErrorContains(t, err, `/nowhere/helm 'it'\''s': fork/exec /nowhere/helm: no such file or directory`)
		_, exited := ExitCode(err)
		assert.False(t, exited)
	})

	t.Run("the end of the context ends the program and is the cause", func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, errors.New("limit of 20ms"))
		defer cancel()
		start := time.Now()
		_, err := Run(ctx, Command{Program: "sleep", Args: []string{"20"}})
		assert.ErrorContains(t, err, "sleep 20: limit of 20ms")
		assert.Less(t, time.Since(start), 10*time.Second)
	})
}
