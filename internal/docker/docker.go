// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package docker is the lab's way to Docker: the docker command for what runs, and the daemon itself
// where none runs yet. Packages cluster and lab use it. It never decides what a lab consists of.
package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/istio-aws/istio-aws/internal/command"
	"github.com/istio-aws/istio-aws/internal/process"
)

// Run runs `docker args…` and returns its standard output without the last line break.
func Run(ctx context.Context, args ...string) (string, error) {
	out, err := command.Run(ctx, command.Command{Program: "docker", Args: args})
	return strings.TrimSpace(out), err
}

// Exec runs a shell script in a container and returns its standard output.
func Exec(ctx context.Context, container, script string) (string, error) {
	out, err := command.Run(ctx, command.Command{
		Program: "docker", Args: []string{"exec", "-i", container, "sh", "-eu"}, Stdin: script,
	})
	return strings.TrimSpace(out), err
}

// ChoosesMAC tells whether the daemon takes a container's hardware address from the command line, as it does from
// version 1.44 of its API on.
func ChoosesMAC(ctx context.Context) (bool, error) {
	version, err := Run(ctx, "version", "--format", "{{.Server.APIVersion}}")
	if err != nil {
		return false, err
	}
	return atLeast(version, 1, 44)
}

// atLeast compares a version of two numbers.
func atLeast(version string, major, minor int) (bool, error) {
	var gotMajor, gotMinor int
	if _, err := fmt.Sscanf(version, "%d.%d", &gotMajor, &gotMinor); err != nil {
		return false, fmt.Errorf("version %q of Docker's API: %w", version, err)
	}
	return gotMajor > major || gotMajor == major && gotMinor >= minor, nil
}

// Remove removes containers with their anonymous volumes; those that do not exist are none to remove.
func Remove(ctx context.Context, containers ...string) error {
	var errs []error
	for _, container := range containers {
		if _, err := Run(ctx, "rm", "--force", "--volumes", container); err != nil && !notFound(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// notFound is true for the error of a docker command about a thing that does not exist. The command has
// one exit status for every error, so its text has to tell.
func notFound(err error) bool {
	var failed *command.Error
	return errors.As(err, &failed) && strings.Contains(strings.ToLower(failed.Output), "no such")
}

// Inspect returns one field of an object by a Go template; found is false if there is no such object.
func Inspect(ctx context.Context, kind, object, format string) (value string, found bool, err error) {
	value, err = Run(ctx, kind, "inspect", "--format", format, object)
	if err != nil && (notFound(err) || strings.Contains(err.Error(), "not found")) {
		return "", false, nil
	}
	return value, err == nil, err
}

// Containers returns the names of all containers, also stopped ones, that have a label "key=value"; an
// empty label selects all.
func Containers(ctx context.Context, label string) ([]string, error) {
	args := []string{"ps", "--all", "--format", "{{.Names}}"}
	if label != "" {
		args = append(args, "--filter", "label="+label)
	}
	out, err := Run(ctx, args...)
	return strings.Fields(out), err
}

// Load gives Docker an image under a tag, unless it has one under that tag: tags of the lab carry keys,
// so equal tags are equal images.
func Load(ctx context.Context, tag string, image func() (v1.Image, error)) error {
	_, found, err := Inspect(ctx, "image", tag, "{{.Id}}")
	if err != nil || found {
		return err
	}
	ref, err := name.NewTag(tag)
	if err != nil {
		return err
	}
	img, err := image()
	if err != nil {
		return fmt.Errorf("image %s: %w", tag, err)
	}
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(tarball.Write(ref, img, writer)) }()
	err = process.Run(ctx, process.Process{Program: "docker", Args: []string{"load", "--quiet"}, Stdin: reader})
	// Ends the writer if docker ended before it read everything.
	return errors.Join(err, reader.Close())
}

// Logs returns the last lines that a container printed, on standard output and standard error.
func Logs(ctx context.Context, container string, lines int) (string, error) {
	out, err := Combined(ctx, "logs", "--tail", fmt.Sprint(lines), container)
	return strings.Join(out, "\n"), err
}

// Combined runs `docker args…` and returns the lines of its standard output and standard error.
func Combined(ctx context.Context, args ...string) ([]string, error) {
	var out []string
	err := process.Run(ctx, process.Process{
		Program: "docker", Args: args, Line: func(line string) { out = append(out, line) },
	})
	return out, err
}

// Prune removes the images of a tag's repository that have another tag and that no container uses.
func Prune(ctx context.Context, tag string) error {
	repository, _, _ := strings.Cut(tag, ":")
	out, err := Run(ctx, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository)
	if err != nil {
		return err
	}
	var errs []error
	for _, other := range strings.Fields(out) {
		if other == tag {
			continue
		}
		if _, err := Run(ctx, "image", "rm", other); err != nil && !notFound(err) && !strings.Contains(err.Error(), "being used") && !strings.Contains(err.Error(), "is using") {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
