// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package lab

import (
	"context"
	"fmt"
)

// way is where images come from.
type way struct {
	pull   bool
	mirror string // empty: official registries
	why    string // to be read after "images are built/pulled: "
}

// chooseWay finds out where images come from. An unreachable mirror is an error: whoever names one wants
// it, and a build of ten minutes instead would surprise.
func chooseWay(ctx context.Context, mirror string, reachable func(context.Context, string) error) (way, error) {
	err := reachable(ctx, mirror)
	switch {
	case mirror != "" && err != nil:
		return way{}, fmt.Errorf("IMAGE_REGISTRY=%s cannot be used; correct it, or leave it empty to pull official images or build them from source: %w", mirror, err)
	case mirror != "":
		return way{pull: true, mirror: mirror, why: "IMAGE_REGISTRY is " + mirror}, nil
	case err != nil:
		return way{why: "no official registry can be reached from here"}, nil
	}
	return way{pull: true, why: "the official registries can be reached"}, nil
}

func (w way) String() string {
	if w.pull {
		return "images are pulled: " + w.why
	}
	return "images are built from source: " + w.why
}
