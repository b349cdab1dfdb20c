// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"sigs.k8s.io/yaml"
)

// index is what is read of a chart repository's index.yaml (Helm's "chart repository guide").
type index struct {
	Entries map[string][]struct {
		Version string   `json:"version"`
		URLs    []string `json:"urls"` // absolute, or relative to the repository
		Digest  string   `json:"digest"`
	} `json:"entries"`
}

// fromRepository downloads the archives from the chart repository that Chart.yaml names. It does
// without Helm's own client, which would add minutes to the first build of this command.
func fromRepository(ctx context.Context, opts options, w wanted) (map[string][]byte, error) {
	base, err := url.Parse(strings.TrimSuffix(w.Repository, "/") + "/")
	if err != nil {
		return nil, fmt.Errorf("repository %q: %w", w.Repository, err)
	}
	client := &http.Client{Timeout: opts.Timeout}
	data, err := get(ctx, client, base.JoinPath("index.yaml"))
	if err != nil {
		return nil, err
	}
	var list index
	if err := yaml.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	archives := map[string][]byte{}
	for _, name := range w.Charts {
		archives[name], err = list.archive(ctx, client, base, name, w.Version)
		if err != nil {
			return nil, fmt.Errorf("chart %q version %s: %w", name, w.Version, err)
		}
	}
	return archives, nil
}

// archive downloads one chart and compares it with the digest in the index.
func (l index) archive(ctx context.Context, client *http.Client, base *url.URL, name, version string) ([]byte, error) {
	for _, entry := range l.Entries[name] {
		if entry.Version != version {
			continue
		}
		if len(entry.URLs) == 0 {
			return nil, errors.New("no address in the index")
		}
		address, err := base.Parse(entry.URLs[0])
		if err != nil {
			return nil, err
		}
		data, err := get(ctx, client, address)
		if err != nil {
			return nil, err
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(data)); entry.Digest != "" && sum != strings.TrimPrefix(entry.Digest, "sha256:") {
			return nil, fmt.Errorf("%s has SHA-256 %s, want %s", address, sum, entry.Digest)
		}
		return data, nil
	}
	return nil, errors.New("not in the index")
}

func get(ctx context.Context, client *http.Client, address *url.URL) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", address, response.Status)
	}
	return io.ReadAll(response.Body)
}
