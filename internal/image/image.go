// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package image

import (
	"fmt"
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// StockEnvoy is the label of a proxyv2 image whose Envoy lacks Istio's own filters: istiod must then
// not configure them.
const StockEnvoy = "istio-aws.stock-envoy"

// New returns an image of layers. Its environment has the usual PATH beside what config brings.
func New(config v1.Config, layers ...v1.Layer) (v1.Image, error) {
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err := mutate.AppendLayers(img, layers...)
	if err != nil {
		return nil, fmt.Errorf("append layers: %w", err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.Architecture, file.OS = runtime.GOARCH, "linux"
	config.Env = append([]string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, config.Env...)
	file.Config = config
	return mutate.ConfigFile(img, file)
}

// Static returns an image that holds one static program and nothing else.
func Static(program string) (v1.Image, error) {
	files, err := FilesLayer(File{Path: "/program", From: program, Mode: 0o755})
	if err != nil {
		return nil, err
	}
	return New(v1.Config{Entrypoint: []string{"/program"}}, files)
}

// Label returns a label of an image; empty if the image does not have it.
func Label(img v1.Image, label string) (string, error) {
	file, err := img.ConfigFile()
	if err != nil {
		return "", err
	}
	return file.Config.Labels[label], nil
}
