// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-aws/istio-aws/internal/golden"
	"github.com/istio-aws/istio-aws/internal/render"
)

// The shape of chosen objects: what a value makes, side by side. go test ./test/render -update writes the outputs again.
func TestGolden(t *testing.T) {
	loaded := chart(t)
	golden.Run(t, "testdata/golden", func(input golden.Input) ([]unstructured.Unstructured, error) {
		release, err := loaded.Render(render.Options{Values: []string{string(input.Values)}, IsUpgrade: input.Upgrade})
		if err != nil {
			return nil, err
		}
		return release.Objects, nil
	})
}
