// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package component

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/istio-aws/istio-aws/internal/artifact"
	"github.com/istio-aws/istio-aws/internal/command"
	"github.com/istio-aws/istio-aws/internal/process"
	"github.com/istio-aws/istio-aws/internal/progress"
)

// Group is a set of programs that one module holds and one `go build` makes.
type Group struct {
	Name   string // of the component
	Title  string // of the step that builds it
	Module string // folder of its go.mod, relative to the repository
	// Sources are the files and folders, relative to the repository, that the programs are made from
	// beside the modules that go.sum pins.
	Sources  []string
	Programs []Program
	Tags     []string
	// Stamps are link-time values, "import/path.variable=value".
	Stamps func(Versions) []string
}

// Program is a main package and the name of its binary.
type Program struct{ Package, Binary string }

// Groups of programs, in the order in which they are built: what is wanted first is built first.
func Groups() []Group {
	return []Group{Elbsim(), Own(), Tools(), Workload()}
}

// Elbsim is the load balancer simulator.
func Elbsim() Group {
	return Group{
		Name: "elbsim", Title: "build elbsim", Module: "elbsim", Sources: []string{"elbsim"},
		Programs: []Program{{".", "elbsim"}},
	}
}

// Own are the lab's own small programs: the echo app and the registry.
func Own() Group {
	return Group{
		Name: "own", Title: "build the echo app and the registry", Module: ".",
		Sources:  []string{"go.mod", "go.sum", "internal/echo", "test/echo", "hack/registry"},
		Programs: []Program{{"./test/echo", "echo"}, {"./hack/registry", "registry"}},
	}
}

// Tools are the programs that the lab runs on this machine, whether its images are built or pulled.
func Tools() Group {
	return Group{
		Name: "tools", Title: "build kubectl, helm 3 and helm 4", Module: "hack/components",
		Sources: []string{"hack/components"},
		Programs: []Program{
			{"k8s.io/kubernetes/cmd/kubectl", "kubectl"},
			{"helm.sh/helm/v3/cmd/helm", "helm"},
			{"helm.sh/helm/v4/cmd/helm", "helm4"},
			{"./runc-reduced", "runc-reduced"},
		},
		Tags: tags(), Stamps: stamps,
	}
}

// Workload are the programs that run in the cluster when no registry can be reached.
func Workload() Group {
	return Group{
		Name: "workload", Title: "build Kubernetes, etcd, CoreDNS, containerd and Istio", Module: "hack/components",
		Sources: []string{"hack/components"},
		Programs: []Program{
			{"k8s.io/kubernetes/cmd/kube-apiserver", "kube-apiserver"},
			{"k8s.io/kubernetes/cmd/kube-controller-manager", "kube-controller-manager"},
			{"k8s.io/kubernetes/cmd/kube-scheduler", "kube-scheduler"},
			{"k8s.io/kubernetes/cmd/kube-proxy", "kube-proxy"},
			{"k8s.io/kubernetes/cmd/kubelet", "kubelet"},
			{"k8s.io/kubernetes/cmd/kubeadm", "kubeadm"},
			{"k8s.io/kubernetes/cmd/kubectl", "kubectl"},
			{"go.etcd.io/etcd/server/v3", "etcd"},
			{"./coredns", "coredns"},
			{"./pause", "pause"},
			{"github.com/containerd/containerd/v2/cmd/containerd", "containerd"},
			{"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2", "containerd-shim-runc-v2"},
			{"github.com/containerd/containerd/v2/cmd/ctr", "ctr"},
			{"istio.io/istio/pilot/cmd/pilot-discovery", "pilot-discovery"},
			{"istio.io/istio/pilot/cmd/pilot-agent", "pilot-agent"},
		},
		Tags: tags(), Stamps: stamps,
	}
}

// Istioctl analyzes in `make lint` what the chart renders. No lab needs it.
func Istioctl() Group {
	return Group{
		Name: "istioctl", Title: "build istioctl", Module: "hack/components",
		Sources:  []string{"hack/components"},
		Programs: []Program{{"istio.io/istio/istioctl/cmd/istioctl", "istioctl"}},
		Tags:     tags(), Stamps: stamps,
	}
}

// tags are Istio's for its own release builds (vtprotobuf, disable_pgv), and containerd's to leave out
// snapshotters that need C libraries or that no node uses.
func tags() []string {
	return []string{"vtprotobuf", "disable_pgv", "no_btrfs", "no_zfs", "no_devmapper", "no_aufs"}
}

// stamps are the versions that release builds put in; without them kubeadm refuses its own cluster.
func stamps(v Versions) []string {
	const (
		kubernetes = "k8s.io/component-base/version"
		istio      = "istio.io/istio/pkg/version"
	)
	minor := strings.Split(strings.TrimPrefix(v.Kubernetes, "v"), ".")
	return []string{
		kubernetes + ".gitVersion=" + v.Kubernetes,
		kubernetes + ".gitMajor=" + minor[0],
		kubernetes + ".gitMinor=" + minor[1],
		kubernetes + ".gitTreeState=clean",
		"k8s.io/client-go/pkg/version.gitVersion=" + v.Kubernetes,
		"github.com/containerd/containerd/v2/version.Version=" + v.Containerd,
		istio + ".buildVersion=" + v.Istio,
		istio + ".buildTag=" + v.Istio,
		istio + ".buildStatus=Clean",
		istio + ".buildGitRevision=" + v.IstioCommit,
		"helm.sh/helm/v3/internal/version.version=" + v.Helm3,
		"helm.sh/helm/v4/internal/version.version=" + v.Helm4,
	}
}

// Build returns the folder that holds the group's binaries, building them if they are missing.
func (b *Builder) Build(ctx context.Context, group Group) (string, error) {
	arguments := []string{"-ldflags", "-s -w"}
	if group.Stamps != nil {
		arguments[1] += " -X " + strings.Join(group.Stamps(b.Versions), " -X ")
	}
	if len(group.Tags) > 0 {
		arguments = append(arguments, "-tags", strings.Join(group.Tags, ","))
	}
	programs := []string{}
	for _, program := range group.Programs {
		programs = append(programs, program.Package, program.Binary)
	}
	key := artifact.NewKey().Add("go", b.GoVersion, platform()).Add("environment", goEnvironment()...).
		Add("arguments", arguments...).Add("programs", programs...).Files(b.Root, group.Sources...)
	return b.get(ctx, group.Name, group.Title, key, func(dir string, step *progress.Step) error {
		for _, invocation := range invocations(group.Programs) {
			if err := b.goBuild(ctx, group.Module, arguments, invocation, dir, step); err != nil {
				return err
			}
		}
		return nil
	})
}

// invocations splits programs so that no two of one `go build` have the same last element of their
// package path, which names the binary.
func invocations(programs []Program) [][]Program {
	var result [][]Program
	for _, program := range programs {
		placed := false
		for i := range result {
			if placed = !clashes(result[i], program); placed {
				result[i] = append(result[i], program)
				break
			}
		}
		if !placed {
			result = append(result, []Program{program})
		}
	}
	return result
}

func clashes(programs []Program, with Program) bool {
	for _, program := range programs {
		if output(program) == output(with) || program.Binary == output(with) || output(program) == with.Binary {
			return true
		}
	}
	return false
}

// output is the name that `go build` gives a program: the last element of its package path that is not
// a major version.
func output(p Program) string {
	last := path.Base(p.Package)
	if strings.HasPrefix(last, "v") && strings.Trim(last[1:], "0123456789") == "" && last != "v" {
		return path.Base(path.Dir(p.Package))
	}
	return last
}

func (b *Builder) goBuild(ctx context.Context, module string, arguments []string, programs []Program, dir string, step *progress.Step) error {
	args := append([]string{"build", "-v"}, arguments...)
	target := dir + string(filepath.Separator)
	if len(programs) == 1 {
		target += programs[0].Binary
	}
	args = append(args, "-o", target)
	for _, program := range programs {
		args = append(args, program.Package)
	}
	compiled := 0
	err := process.Run(ctx, process.Process{
		Program: "go", Args: args, Dir: filepath.Join(b.Root, module), Env: goEnvironment(),
		Line: func(line string) {
			compiled++
			step.Detail("%d packages, %s", compiled, line)
		},
	})
	if err != nil {
		return fmt.Errorf("%w\nwhat was compiled is kept: the same command goes on from there", err)
	}
	if len(programs) == 1 {
		return nil
	}
	for _, program := range programs {
		if built := output(program); built != program.Binary {
			if err := os.Rename(filepath.Join(dir, built), filepath.Join(dir, program.Binary)); err != nil {
				return err
			}
		}
	}
	return nil
}

// goEnvironment makes every build the same one, so that all share one build cache. A larger GOGC saves
// a tenth of the compile time for memory that a build of one package at a time has to spare.
func goEnvironment() []string {
	return []string{"GOWORK=off", "CGO_ENABLED=0", "GOFLAGS=-trimpath -buildvcs=false", "GOGC=400"}
}

// GoVersion is the version of the Go toolchain that builds the checkout at root.
func GoVersion(ctx context.Context, root string) (string, error) {
	out, err := command.Run(ctx, command.Command{Program: "go", Args: []string{"-C", root, "env", "GOVERSION"}})
	return strings.TrimSpace(out), err
}
