// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package image

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/istio-aws/istio-aws/internal/component"
)

// NodeSource is what the node image is made from when no registry can be reached.
type NodeSource struct {
	OS       string // tar archive: component.Node
	Workload string // folder of binaries: component.Workload
	KindBase string // folder images/base of kind's module
	BaseSpec string // what `ctr oci spec` prints: containerd's default for a container
}

// defaultStorage is the manifest that kind applies after the control plane is up. The lab's charts claim
// no volumes; the class is there so that kind finds what it expects.
const defaultStorage = `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: standard
  annotations: {storageclass.kubernetes.io/is-default-class: "true"}
provisioner: istio-aws.invalid/none
`

// NodeFromSource makes the node image as kind's Dockerfile does, without images in it: nodes pull all of
// them from the lab's registry.
func NodeFromSource(v component.Versions, s NodeSource) (v1.Image, error) {
	osLayer, err := TarLayer(s.OS)
	if err != nil {
		return nil, err
	}
	var programs []File
	for dir, names := range map[string][]string{
		"/usr/local/bin/": {"containerd", "containerd-shim-runc-v2", "ctr"},
		"/usr/bin/":       {"kubelet", "kubeadm", "kubectl"},
	} {
		for _, name := range names {
			programs = append(programs, File{Path: dir + name, From: filepath.Join(s.Workload, name), Mode: 0o755})
		}
	}
	sortFiles(programs)
	programLayer, err := FilesLayer(programs...)
	if err != nil {
		return nil, err
	}
	files, err := kindFiles(filepath.Join(s.KindBase, "files"), v)
	if err != nil {
		return nil, err
	}
	spec, err := nodeSpec(s.BaseSpec)
	if err != nil {
		return nil, err
	}
	files = append(files,
		File{Path: containerSpec, Text: spec, Mode: 0o644},
		File{Path: "/kind/version", Text: v.Kubernetes + "\n", Mode: 0o644},
		File{Path: "/kind/manifests/default-storage.yaml", Text: defaultStorage, Mode: 0o644},
		File{Path: "/kind/manifests/default-cni.yaml", Text: "# The lab configures the network itself.\n", Mode: 0o644},
	)
	sortFiles(files)
	fileLayer, err := FilesLayer(files...)
	if err != nil {
		return nil, err
	}
	return New(v1.Config{
		Entrypoint: []string{"/usr/local/bin/entrypoint", "/sbin/init"},
		Env:        []string{"container=docker"},
		StopSignal: "SIGRTMIN+3", // how systemd in a container is told to shut down
	}, osLayer, programLayer, fileLayer)
}

// kindFiles are the files that kind's Dockerfile copies, with its modes: programs are executable.
func kindFiles(root string, v component.Versions) ([]File, error) {
	var files []File
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		file := File{Path: "/" + filepath.ToSlash(relative), From: path, Mode: 0o644}
		if strings.HasPrefix(file.Path, "/usr/local/bin/") || strings.HasPrefix(file.Path, "/kind/bin/") {
			file.Mode = 0o755
		}
		if file.Path == containerdConfig {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			file.From, file.Text = "", withPause(string(text), kubernetesHost+"pause:"+v.PauseImage)
		}
		files = append(files, file)
		return nil
	})
	return files, err
}
