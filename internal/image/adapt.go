// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package image

import (
	"archive/tar"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// Files of a node image that the lab changes.
const (
	containerdConfig = "/etc/containerd/config.toml"
	containerSpec    = "/etc/containerd/cri-base.json"
	containerdUnit   = "/etc/systemd/system/containerd.service.d/10-no-sys-resource.conf"
)

// CertsDir is where a node's containerd looks for mirrors of registries.
const CertsDir = "/etc/containerd/certs.d"

// AdaptNode returns a node image, built or pulled, with what the lab needs in it: containerd asks the
// mirror in [CertsDir]; and where the host lacks CAP_SYS_RESOURCE, nothing in the node asks for it.
func AdaptNode(img v1.Image, missingSysResource bool) (v1.Image, error) {
	config, err := readFile(img, containerdConfig)
	if err != nil {
		return nil, err
	}
	config = withMirrors(config)
	files := []File{}
	if missingSysResource {
		spec, err := readFile(img, containerSpec)
		if err != nil {
			return nil, err
		}
		if spec, err = reducedSpec(spec); err != nil {
			return nil, err
		}
		config = strings.ReplaceAll(config, "restrict_oom_score_adj = false", "restrict_oom_score_adj = true")
		files = append(files, File{Path: containerSpec, Text: spec, Mode: 0o644},
			File{Path: containerdUnit, Text: "[Service]\nOOMScoreAdjust=0\nLimitNPROC=\nLimitCORE=\nLimitNOFILE=\n", Mode: 0o644})
	}
	files = append(files, File{Path: containerdConfig, Text: config, Mode: 0o644})
	sortFiles(files)
	layer, err := FilesLayer(files...)
	if err != nil {
		return nil, err
	}
	return mutate.AppendLayers(img, layer)
}

func sortFiles(files []File) {
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
}

// withMirrors makes containerd look for mirrors, unless it does so already.
func withMirrors(config string) string {
	if strings.Contains(config, "config_path") {
		return config
	}
	return strings.TrimRight(config, "\n") + fmt.Sprintf("\n\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = %q\n", CertsDir)
}

// withPause sets the image that holds a pod's namespaces: the one kubeadm names too.
func withPause(config, image string) string {
	return regexp.MustCompile(`(?m)^(\s*sandbox_image = ).*$`).ReplaceAllString(config, fmt.Sprintf("${1}%q", image))
}

// productHook is kind's script that gives containers the node's product UUID.
const productHook = "/kind/bin/mount-product-files.sh"

// nodeSpec is containerd's default specification of a container with kind's changes: its hook, and no
// limits, so that containers have the node's.
func nodeSpec(base string) (string, error) {
	var spec map[string]any
	if err := json.Unmarshal([]byte(base), &spec); err != nil {
		return "", fmt.Errorf("read what `ctr oci spec` printed: %w", err)
	}
	spec["hooks"] = map[string]any{"createContainer": []any{map[string]any{"path": productHook}}}
	if process, ok := spec["process"].(map[string]any); ok {
		delete(process, "rlimits")
	}
	out, err := json.Marshal(spec)
	return string(out), err
}

// reducedSpec takes CAP_SYS_RESOURCE and limits out of a container's specification.
func reducedSpec(text string) (string, error) {
	var spec map[string]any
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return "", fmt.Errorf("read %s of the node image: %w", containerSpec, err)
	}
	process, ok := spec["process"].(map[string]any)
	if !ok {
		return "", fmt.Errorf("%s of the node image has no process", containerSpec)
	}
	delete(process, "rlimits")
	sets, _ := process["capabilities"].(map[string]any)
	for name, set := range sets {
		if list, ok := set.([]any); ok {
			sets[name] = slices.DeleteFunc(list, func(c any) bool { return c == "CAP_SYS_RESOURCE" })
		}
	}
	out, err := json.Marshal(spec)
	return string(out), err
}

// readFile returns a file of an image, from the topmost layer that has it.
func readFile(img v1.Image, path string) (string, error) {
	layers, err := img.Layers()
	if err != nil {
		return "", err
	}
	for _, layer := range slices.Backward(layers) {
		text, found, err := readFromLayer(layer, strings.TrimPrefix(path, "/"))
		if err != nil || found {
			return text, err
		}
	}
	return "", fmt.Errorf("the node image has no file %s", path)
}

func readFromLayer(layer v1.Layer, path string) (text string, found bool, err error) {
	content, err := layer.Uncompressed()
	if err != nil {
		return "", false, err
	}
	defer content.Close()
	for archive := tar.NewReader(content); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return "", false, nil
		}
		if err != nil {
			return "", false, err
		}
		if strings.TrimPrefix(header.Name, "./") == path {
			data, err := io.ReadAll(archive)
			return string(data), true, err
		}
	}
}
