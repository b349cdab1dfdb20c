// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package command runs a program to its end and explains a failure with a line to paste and the last
// lines of output. It stands below packages release (helm) and kube (kubectl). It never decides what a
// failure means.
//
// Programs are run by terratest's shell module. Its helm and k8s modules are not used: they fix the
// names "helm" and "kubectl", looked up in this process's PATH, and one test runs two Helms.
package command

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"

	"github.com/gruntwork-io/terratest/modules/logger"
	"github.com/gruntwork-io/terratest/modules/shell"
)

// tailLines is how much output an [Error] shows.
const tailLines = 20

// Command is a program with its arguments.
type Command struct {
	Program string // path, or a name to look up in PATH
	Args    []string
	Env     map[string]string // in addition to this process's environment
	Stdin   string
}

// Error is a program that could not be started, was ended by the context or exited with a status other
// than 0.
type Error struct {
	Command Command
	Output  string // standard error, or standard output where that is empty
	Err     error
}

// Run runs c until it ends or ctx does and returns its standard output. Its error is an [*Error].
func Run(ctx context.Context, c Command) (stdout string, err error) {
	stdout, stderr, err := shell.RunCommandContextAndGetStdOutErrE(nil, ctx, &shell.Command{
		Command: c.Program,
		Args:    c.Args,
		Env:     c.Env,
		Stdin:   strings.NewReader(c.Stdin),
		Logger:  logger.Discard,
	})
	if err == nil {
		return stdout, nil
	}
	var withOutput *shell.ErrWithCmdOutput
	if errors.As(err, &withOutput) {
		err = withOutput.Underlying // its text repeats the whole of standard error
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if strings.TrimSpace(stderr) == "" {
		stderr = stdout
	}
	return stdout, &Error{Command: c, Output: stderr, Err: err}
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %v", e.Command, e.Err)
	if output := tail(e.Output); output != "" {
		text += "\n" + output
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// ExitCode is the status that the program of err, an error of [Run], exited with; exited is false when
// it did not exit by itself.
func ExitCode(err error) (code int, exited bool) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !exit.Exited() {
		return 0, false
	}
	return exit.ExitCode(), true
}

// String is the command as a line to paste into a shell.
func (c Command) String() string {
	words := []string{quote(c.Program)}
	for _, arg := range c.Args {
		words = append(words, quote(arg))
	}
	return strings.Join(words, " ")
}

func quote(word string) string {
	if regexp.MustCompile(`^[\w@%+=:,./-]+$`).MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func tail(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	if len(lines) > tailLines {
		lines = append([]string{fmt.Sprintf("[%d lines before]", len(lines)-tailLines)}, lines[len(lines)-tailLines:]...)
	}
	return strings.Join(lines, "\n")
}
