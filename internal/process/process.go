// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package process runs long programs whose output is followed line by line, and programs that read a
// stream: builds, package installations, image loads. Short ones belong to package command, whose error
// it shares. It never interprets what a program prints.
package process

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/istio-aws/istio-aws/internal/command"
)

// Process is a program to run to its end.
type Process struct {
	Program string
	Args    []string
	Dir     string    // empty: this process's
	Env     []string  // NAME=value, in addition to this process's environment
	Stdin   io.Reader // nil: empty
	// Line is called for every line of standard output and standard error, in the order they arrive.
	Line func(string)
}

// kept is how many last lines an error can show.
const kept = 200

// Run runs p until it ends. When ctx ends first, the program and its children are asked to end too.
// Its error is a [*command.Error].
func Run(ctx context.Context, p Process) error {
	cmd := exec.CommandContext(ctx, p.Program, p.Args...)
	cmd.Dir, cmd.Stdin = p.Dir, p.Stdin
	cmd.Env = append(os.Environ(), p.Env...)
	// A build starts compilers: a group of its own lets all of them end together.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second

	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	tail, done := make([]string, 0, kept), make(chan struct{})
	go func() {
		defer close(done)
		lines := bufio.NewReader(reader)
		for {
			line, err := lines.ReadBytes('\n')
			if line = bytes.TrimRight(line, "\r\n"); len(line) > 0 {
				if len(tail) == kept {
					tail = append(tail[:0], tail[1:]...)
				}
				tail = append(tail, string(line))
				if p.Line != nil {
					p.Line(string(line))
				}
			}
			if err != nil {
				return
			}
		}
	}()
	err := cmd.Run()
	if closeErr := writer.Close(); closeErr != nil {
		err = errors.Join(err, closeErr)
	}
	<-done
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	var output bytes.Buffer
	for _, line := range tail {
		output.WriteString(line + "\n")
	}
	return &command.Error{Command: command.Command{Program: p.Program, Args: p.Args}, Output: output.String(), Err: err}
}
