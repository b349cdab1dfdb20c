// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// probeLimit is how long a registry may take to answer at all.
const probeLimit = 3 * time.Second

// Reachable is nil when every registry host that the official images come from answers, or the mirror
// if there is one.
func Reachable(ctx context.Context, mirror string) error {
	hosts := []string{"registry.k8s.io", "registry.istio.io", "registry-1.docker.io"}
	if mirror != "" {
		hosts = []string{strings.SplitN(mirror, "/", 2)[0]}
	}
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	errs := make([]error, len(hosts))
	var group sync.WaitGroup
	for i, host := range hosts {
		group.Go(func() { errs[i] = answers(ctx, host) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// answers is nil when the host speaks the registry protocol, also when it asks for a login.
func answers(ctx context.Context, host string) error {
	registry, err := name.NewRegistry(host)
	if err != nil {
		return fmt.Errorf("registry %q is not host or host:port: %w", host, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, registry.Scheme()+"://"+host+"/v2/", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("registry %s does not answer: %w", host, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusUnauthorized {
		return fmt.Errorf("registry %s answers %s to GET /v2/", host, response.Status)
	}
	return nil
}

// MirrorName is the name of an official image on a mirror: the mirror's host (and path, if it has one)
// stands where the official host stood.
func MirrorName(ref, mirror string) string {
	if mirror == "" {
		return ref
	}
	_, path, _ := strings.Cut(ref, "/")
	return strings.TrimSuffix(mirror, "/") + "/" + path
}

// Pull finds images by their official names on the mirror, or on their own registries if mirror is
// empty. Their layers are fetched when they are written to a layout.
func Pull(ctx context.Context, refs []string, mirror string) (map[string]v1.Image, error) {
	images := map[string]v1.Image{}
	for _, ref := range refs {
		source, err := name.ParseReference(MirrorName(ref, mirror))
		if err != nil {
			return nil, fmt.Errorf("image %s: %w", ref, err)
		}
		img, err := remote.Image(source, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain),
			remote.WithPlatform(v1.Platform{OS: "linux", Architecture: runtime.GOARCH}))
		if err != nil {
			return nil, fmt.Errorf("pull %s: %w", source, err)
		}
		images[ref] = img
	}
	return images, nil
}
