// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// Release is what one rendering made.
type Release struct {
	Objects  []unstructured.Unstructured // in the order in which Helm 3 installs them; without CRDs
	Manifest string                      // the same as Helm prints it
	Notes    string
	helm     *release.Release
}

func newRelease(rendered *release.Release) (*Release, error) {
	r := &Release{Manifest: rendered.Manifest, Notes: rendered.Info.Notes, helm: rendered}
	documents := releaseutil.SplitManifests(rendered.Manifest)
	names := slices.Collect(maps.Keys(documents))
	sort.Sort(releaseutil.BySplitManifestsOrder(names))
	for _, name := range names {
		content, err := yaml.YAMLToJSON([]byte(documents[name]))
		if err != nil {
			return nil, fmt.Errorf("decode rendered object: %w\n%s", err, documents[name])
		}
		var object map[string]any
		if err := json.Unmarshal(content, &object); err != nil {
			return nil, fmt.Errorf("decode rendered object: %w\n%s", err, documents[name])
		}
		if len(object) > 0 {
			r.Objects = append(r.Objects, unstructured.Unstructured{Object: object})
		}
	}
	return r, nil
}

// Kind returns the objects of a kind, in order.
func (r *Release) Kind(kind string) []unstructured.Unstructured {
	var found []unstructured.Unstructured
	for _, object := range r.Objects {
		if object.GetKind() == kind {
			found = append(found, object)
		}
	}
	return found
}

// Find returns the object of a kind with a name, and whether there is one.
func (r *Release) Find(kind, name string) (object unstructured.Unstructured, found bool) {
	for _, object := range r.Kind(kind) {
		if object.GetName() == name {
			return object, true
		}
	}
	return unstructured.Unstructured{}, false
}

// Get returns the object of a kind with a name as a typed one, such as corev1.Service. A field that the
// type does not know is an error: the API server would refuse or drop it.
func Get[T any](r *Release, kind, name string) (T, error) {
	var typed T
	object, found := r.Find(kind, name)
	if !found {
		return typed, fmt.Errorf("%s %q: not rendered", kind, name)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, &typed, true); err != nil {
		return typed, fmt.Errorf("%s %q: %w", kind, name, err)
	}
	return typed, nil
}

// StoredBytes is how much of the 1 MiB of a Kubernetes Secret Helm needs to store the release: its
// JSON with chart, values, manifest and CRDs, through gzip and base64 (helm.sh/helm/v3/pkg/storage/driver, util.go).
func (r *Release) StoredBytes() (int, error) {
	content, err := stdjson.Marshal(r.helm)
	if err != nil {
		return 0, fmt.Errorf("encode release: %w", err)
	}
	var zipped bytes.Buffer
	zipper, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	_, err = zipper.Write(content)
	if err := errors.Join(err, zipper.Close()); err != nil {
		return 0, fmt.Errorf("compress release: %w", err)
	}
	return base64.StdEncoding.EncodedLen(zipped.Len()), nil
}
