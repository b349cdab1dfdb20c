// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// started is a running program.
type started struct {
	contender
	cmd  *exec.Cmd
	done chan error // one value, when it has ended
}

// patience is how long a program may take to listen, and to end.
const patience = 20 * time.Second

// start runs a program, with its errors on progress, and returns when all of its ports answer.
func start(ctx context.Context, c contender, s settings, progress io.Writer, ports ...int) (*started, error) {
	folder, err := os.MkdirTemp("", "elbsim-bench-")
	if err != nil {
		return nil, err
	}
	args, err := c.command(folder, c, s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	for _, port := range ports {
		if reachable(c.address, port) {
			return nil, fmt.Errorf("%s: port %d of %s is taken; end what listens there", c.name, port, c.address)
		}
	}
	p := &started{contender: c, cmd: exec.Command(args[0], args[1:]...), done: make(chan error, 1)}
	p.cmd.Stderr = progress
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	go func() {
		p.done <- errors.Join(p.cmd.Wait(), os.RemoveAll(folder))
	}()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		up := true
		for _, port := range ports {
			up = up && reachable(c.address, port)
		}
		if up {
			return p, nil
		}
		select {
		case err := <-p.done:
			return nil, fmt.Errorf("%s (%s) ended at once: %w", c.name, strings.Join(args, " "), err)
		default:
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return nil, errors.Join(fmt.Errorf("%s does not listen on %s", c.name, c.address), ctx.Err(), p.stop())
		}
	}
}

func reachable(address string, port int) bool {
	c, err := net.DialTimeout("tcp", net.JoinHostPort(address, strconv.Itoa(port)), time.Second)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// stop ends the program, in the end by force.
func (p *started) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end %s: %w", p.name, err)
	}
	select {
	case <-p.done: // it was told to end: how it says so does not matter
		return nil
	case <-time.After(patience):
		return fmt.Errorf("%s did not end on SIGTERM: %w", p.name, p.cmd.Process.Kill())
	}
}

// ticks are the clock ticks per second of /proc/<pid>/stat, 100 on every Linux (USER_HZ).
const ticks = 100

// processorTime is what a program and its children have used of the processors.
func (p *started) processorTime() (time.Duration, error) {
	pids := []string{strconv.Itoa(p.cmd.Process.Pid)}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%s/task/%s/children", pids[0], pids[0]))
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, pid := range append(pids, strings.Fields(string(children))...) {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			return 0, err
		}
		// The name, in parentheses, may hold blanks. utime and stime are fields 14 and 15 (proc(5)).
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 13 {
			return 0, fmt.Errorf("/proc/%s/stat has %d fields after the name; needed are 13", pid, len(fields))
		}
		for _, f := range fields[11:13] {
			n, err := strconv.ParseInt(f, 10, 64)
			if err != nil {
				return 0, fmt.Errorf("/proc/%s/stat: %w", pid, err)
			}
			sum += time.Duration(n) * time.Second / ticks
		}
	}
	return sum, nil
}
