// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package component

import (
	"context"
	_ "embed"
	"os"
	"path/filepath"
	"strings"

	"github.com/istio-aws/istio-aws/internal/artifact"
	"github.com/istio-aws/istio-aws/internal/command"
	"github.com/istio-aws/istio-aws/internal/process"
	"github.com/istio-aws/istio-aws/internal/progress"
)

// RootFS is a root filesystem of Debian packages, finished by a script.
type RootFS struct {
	Name, Title string
	// Variant is mmdebstrap's: "extract" only unpacks, "minbase" also configures the packages.
	Variant  string
	Packages []string
	// Script runs on the unpacked root, which is its first argument.
	Script string
}

//go:embed base.sh
var baseScript string

//go:embed node.sh
var nodeScript string

// Base is what containers of Istio and Kubernetes stand on: shell, iptables, certificates.
func Base() RootFS {
	return RootFS{
		Name: "base", Title: "make the base of container images", Variant: "extract",
		Packages: []string{
			"base-files", "ca-certificates", "conntrack", "coreutils", "curl", "dash", "grep", "iproute2", "iptables",
			"kmod", "libc-bin", "nftables", "sed",
		},
		Script: baseScript,
	}
}

// Node is the operating system of a Kubernetes node, without Kubernetes.
func Node() RootFS {
	return RootFS{
		Name: "node-os", Title: "make the operating system of the nodes", Variant: "minbase",
		Packages: []string{
			"ca-certificates", "conntrack", "containernetworking-plugins", "curl", "dbus", "ethtool", "gettext-base", "hostname",
			"iproute2", "iptables", "jq", "kmod", "libseccomp2", "mount", "nftables", "procps", "rsync", "runc", "socat",
			"systemd", "systemd-sysv", "util-linux",
		},
		Script: nodeScript,
	}
}

// hook is the option that runs the script: mmdebstrap ends with extracting where it configures nothing.
func (r RootFS) hook() string {
	if r.Variant == "extract" {
		return "--extract-hook="
	}
	return "--customize-hook="
}

// Assemble returns the path of the root filesystem as a tar archive.
func (b *Builder) Assemble(ctx context.Context, root RootFS) (string, error) {
	key := artifact.NewKey().Add("platform", platform()).Add("release", b.Versions.Debian).Add("variant", root.Variant).
		Add("packages", root.Packages...).Add("script", root.hook(), root.Script).
		Add("resolved", resolved(ctx, b.Versions.Debian, root.Packages)...)
	dir, err := b.get(ctx, root.Name, root.Title, key, func(dir string, step *progress.Step) error {
		script := filepath.Join(dir, "finish.sh")
		if err := os.WriteFile(script, []byte(root.Script), 0o755); err != nil {
			return err
		}
		args := []string{
			"--variant=" + root.Variant, "--include=" + strings.Join(root.Packages, ","), root.hook() + script,
			"--skip=output/dev", // Docker makes devices; an unprivileged build cannot
			"--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/doc/*",
			"--dpkgopt=path-exclude=/usr/share/locale/*", "--dpkgopt=path-exclude=/usr/share/info/*",
			b.Versions.Debian, filepath.Join(dir, "root.tar"),
		}
		if b.Mirror != "" {
			args = append(args, b.Mirror)
		}
		return process.Run(ctx, process.Process{
			Program: "mmdebstrap", Args: args,
			Env:  []string{"SOURCE_DATE_EPOCH=0"},
			Line: func(line string) { step.Detail("%s", line) },
		})
	})
	return filepath.Join(dir, "root.tar"), err
}

// resolved is what apt would install here for packages of a release: a security update of Debian makes
// a new root filesystem. Where apt knows nothing of the release, the release alone is the key.
func resolved(ctx context.Context, release string, packages []string) []string {
	args := append([]string{"madison"}, packages...)
	out, err := command.Run(ctx, command.Command{Program: "apt-cache", Args: args})
	if err != nil {
		return nil
	}
	return releaseVersions(out, release)
}

// releaseVersions picks "package version" of a release out of the table of `apt-cache madison`.
func releaseVersions(table, release string) []string {
	var versions []string
	for _, line := range strings.Split(table, "\n") {
		columns := strings.Split(line, "|")
		if len(columns) != 3 || !strings.HasSuffix(strings.TrimSpace(columns[2]), "Packages") {
			continue
		}
		source := strings.Fields(columns[2])
		if len(source) < 2 || strings.SplitN(strings.SplitN(source[1], "/", 2)[0], "-", 2)[0] != release {
			continue
		}
		versions = append(versions, strings.TrimSpace(columns[0])+" "+strings.TrimSpace(columns[1]))
	}
	return versions
}

// DebianMirror is the archive that apt on this machine uses for Debian; empty if it uses none.
func DebianMirror(ctx context.Context) string {
	out, err := command.Run(ctx, command.Command{
		Program: "apt-get", Args: []string{"indextargets", "--format", "$(SITE) $(ORIGIN) $(LABEL)", "Created-By: Packages"},
	})
	if err != nil {
		return ""
	}
	return mirrorOf(out)
}

// mirrorOf picks the first site whose origin and label are Debian out of lines "<site> <origin> <label>".
func mirrorOf(lines string) string {
	for _, line := range strings.Split(lines, "\n") {
		if site, found := strings.CutSuffix(strings.TrimSpace(line), " Debian Debian"); found {
			return site
		}
	}
	return ""
}
