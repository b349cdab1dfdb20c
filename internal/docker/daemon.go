// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package docker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/istio-aws/istio-aws/internal/command"
	"github.com/istio-aws/istio-aws/internal/host"
	"github.com/istio-aws/istio-aws/internal/progress"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// Daemon is the Docker daemon of this machine. Where no service manager runs, the lab starts one itself
// and keeps its files in Dir.
type Daemon struct {
	Dir string
	// Runtime is the OCI runtime that a daemon started here uses by default; empty: Docker's own.
	Runtime string
}

// runtimeName is what Docker knows Daemon.Runtime by.
const runtimeName = "reduced"

const startLimit = time.Minute

// Install sees to it that Ensure can succeed later: Docker is installed if it is missing, and a user who
// may neither use nor start it hears so now.
func Install(ctx context.Context, log *progress.Log, h host.Host) error {
	unreachable := Reachable(ctx)
	if unreachable == nil {
		return nil
	}
	if err := h.Ensure(ctx, log, host.Tool{Program: "dockerd", Packages: []string{"docker.io"}, For: "the lab's containers"}); err != nil {
		return err
	}
	// Debian 13 has split the command off; up to Debian 12 it has come with the daemon by now.
	if err := h.Ensure(ctx, log, host.Tool{Program: "docker", Packages: []string{"docker-cli"}, For: "the lab's containers"}); err != nil {
		return err
	}
	if !h.Root {
		return notAllowed(unreachable)
	}
	return nil
}

func notAllowed(unreachable error) error {
	return fmt.Errorf("docker does not answer; start it with: sudo systemctl start docker, and join its group with: sudo usermod -aG docker $USER (then log in again): %w", unreachable)
}

// Reachable is nil when a daemon answers.
func Reachable(ctx context.Context) error {
	_, err := Run(ctx, "version", "--format", "{{.Server.Version}}")
	return err
}

// Ensure starts Docker if it does not run.
func (d Daemon) Ensure(ctx context.Context, log *progress.Log) error {
	unreachable := Reachable(ctx)
	if unreachable == nil {
		return d.checkRuntime(ctx)
	}
	if os.Geteuid() != 0 {
		return notAllowed(unreachable)
	}
	return log.Step("start Docker", func(step *progress.Step) error {
		if err := d.start(ctx); err != nil {
			return err
		}
		step.Detail("waiting up to %s for it to answer", startLimit)
		if err := wait.For(ctx, Reachable, wait.Within(startLimit)); err != nil {
			return fmt.Errorf("docker does not answer; its log is %s: %w", d.logFile(), err)
		}
		return d.checkRuntime(ctx)
	})
}

// checkRuntime refuses a daemon that cannot run privileged containers on this machine.
func (d Daemon) checkRuntime(ctx context.Context) error {
	if d.Runtime == "" {
		return nil
	}
	runtime, err := Run(ctx, "info", "--format", "{{.DefaultRuntime}}")
	if err != nil || runtime == runtimeName {
		return err
	}
	return fmt.Errorf("this machine lacks CAP_SYS_RESOURCE, and the running Docker daemon has the default runtime %q, which cannot start privileged containers here; "+
		"stop the daemon and the lab starts one, or start it with: dockerd --add-runtime %s=%s --default-runtime %s", runtime, runtimeName, d.Runtime, runtimeName)
}

func (d Daemon) start(ctx context.Context) error {
	if _, err := os.Stat("/run/systemd/system"); err == nil && d.Runtime == "" {
		_, err := command.Run(ctx, command.Command{Program: "systemctl", Args: []string{"start", "docker"}})
		return err
	}
	if err := os.MkdirAll(d.Dir, 0o755); err != nil {
		return err
	}
	// What a daemon that was killed has left: the next one would take the number for a running one's.
	if _, running := d.pid(); !running {
		if err := os.Remove(d.pidFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	output, err := os.Create(d.logFile())
	if err != nil {
		return err
	}
	defer output.Close()
	// No default bridge: labs have networks of their own, and none is left when the daemon ends.
	args := []string{"--pidfile", d.pidFile(), "--bridge=none"}
	if d.Runtime != "" {
		args = append(args, "--add-runtime", runtimeName+"="+d.Runtime, "--default-runtime", runtimeName)
	}
	daemon := exec.Command("dockerd", args...)
	daemon.Stdout, daemon.Stderr = output, output
	daemon.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin") // iptables and runc
	daemon.SysProcAttr = &syscall.SysProcAttr{Setsid: true}                         // it outlives this command
	if err := daemon.Start(); err != nil {
		return fmt.Errorf("start dockerd: %w", err)
	}
	return daemon.Process.Release()
}

// StopIfIdle ends a daemon that the lab started itself and that has no container left.
func (d Daemon) StopIfIdle(ctx context.Context, log *progress.Log) error {
	pid, running := d.pid()
	if !running {
		return nil
	}
	containers, err := Containers(ctx, "")
	if err != nil || len(containers) > 0 {
		return err
	}
	return log.Step("stop Docker, which the lab had started", func(*progress.Step) error {
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			return fmt.Errorf("end dockerd, process %d: %w", pid, err)
		}
		return wait.For(ctx, func(context.Context) error {
			if _, running := d.pid(); running {
				return fmt.Errorf("dockerd, process %d, still runs; its log is %s", pid, d.logFile())
			}
			return nil
		}, wait.Within(startLimit))
	})
}

// pid is the process of the daemon that the lab started; running is false if there is none: no file, half
// a file of a daemon that was killed, or a number that is another process's by now.
func (d Daemon) pid() (pid int, running bool) {
	data, err := os.ReadFile(d.pidFile())
	if err != nil {
		return 0, false
	}
	pid, err = strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return 0, false
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return pid, err == nil && strings.TrimSpace(string(name)) == "dockerd"
}

func (d Daemon) pidFile() string { return filepath.Join(d.Dir, "dockerd.pid") }
func (d Daemon) logFile() string { return filepath.Join(d.Dir, "dockerd.log") }
