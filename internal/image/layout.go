// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package image

import (
	"fmt"
	"maps"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// refName is the annotation by which images of a layout are told apart, see the OCI image layout.
const refName = "org.opencontainers.image.ref.name"

// WriteLayout writes images, by their full names "<host>/<repository>:<tag>", as an OCI layout.
func WriteLayout(dir string, images map[string]v1.Image) error {
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	for _, ref := range slices.Sorted(maps.Keys(images)) {
		if err := path.AppendImage(images[ref], layout.WithAnnotations(map[string]string{refName: ref})); err != nil {
			return fmt.Errorf("write image %s: %w", ref, err)
		}
	}
	return nil
}

// ReadLayout returns one image of a layout.
func ReadLayout(dir, ref string) (v1.Image, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, descriptor := range manifest.Manifests {
		if descriptor.Annotations[refName] == ref {
			return index.Image(descriptor.Digest)
		}
	}
	return nil, fmt.Errorf("layout %s has no image %s", dir, ref)
}
