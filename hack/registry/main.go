// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Command registry serves the images of OCI layouts, read-only, over the registry protocol. The nodes
// of a lab use it as mirror of every registry. It holds nothing itself: blobs are read from the
// layouts, and each image goes by its annotation org.opencontainers.image.ref.name
// ("<host>/<repository>:<tag>") without the host, which is how containerd asks a mirror.
//
// usage: registry ADDRESS LAYOUT...
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

const refName = "org.opencontainers.image.ref.name"

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: registry ADDRESS LAYOUT...")
	}
	handler, err := serve(os.Args[2:])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(os.Args[1], handler))
}

// serve returns a registry that has every image of the layouts.
func serve(dirs []string) (http.Handler, error) {
	var store blobs
	for _, dir := range dirs {
		path, err := layout.FromPath(dir)
		if err != nil {
			return nil, fmt.Errorf("open layout %s: %w", dir, err)
		}
		store = append(store, path)
	}
	handler := registry.New(registry.WithBlobHandler(store), registry.Logger(log.New(io.Discard, "", 0)))
	for _, path := range store {
		if err := publish(handler, path); err != nil {
			return nil, fmt.Errorf("read layout %s: %w", path, err)
		}
	}
	return handler, nil
}

// publish puts the manifests of one layout into the registry.
func publish(handler http.Handler, path layout.Path) error {
	index, err := path.ImageIndex()
	if err != nil {
		return err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	for _, descriptor := range manifest.Manifests {
		ref, err := name.ParseReference(descriptor.Annotations[refName])
		if err != nil {
			return fmt.Errorf("annotation %s of %s: %w", refName, descriptor.Digest, err)
		}
		body, err := path.Bytes(descriptor.Digest)
		if err != nil {
			return err
		}
		target := fmt.Sprintf("/v2/%s/manifests/%s", ref.Context().RepositoryStr(), ref.Identifier())
		request := httptest.NewRequest(http.MethodPut, target, bytes.NewReader(body))
		request.Header.Set("Content-Type", string(descriptor.MediaType))
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, request)
		if response.Code != http.StatusCreated {
			return fmt.Errorf("publish %s: status %d: %s", ref, response.Code, response.Body)
		}
	}
	return nil
}
