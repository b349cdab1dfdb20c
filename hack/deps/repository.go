// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"

	"helm.sh/helm/v3/pkg/getter"
	"helm.sh/helm/v3/pkg/repo"
)

// fromRepository downloads the archives from the chart repository that Chart.yaml names, with Helm's
// own code and in a scratch folder: the user's Helm configuration and cache are not touched.
func fromRepository(ctx context.Context, opts options, w wanted) (map[string][]byte, error) {
	scratch, err := os.MkdirTemp("", "istio-aws-deps-")
	if err != nil {
		return nil, fmt.Errorf("make scratch folder: %w", err)
	}
	defer os.RemoveAll(scratch)
	web := getter.Provider{
		Schemes: []string{"http", "https"},
		New: func(options ...getter.Option) (getter.Getter, error) {
			return getter.NewHTTPGetter(append(options, getter.WithTimeout(opts.Timeout))...)
		},
	}
	repository, err := repo.NewChartRepository(&repo.Entry{Name: "istio", URL: w.Repository}, getter.Providers{web})
	if err != nil {
		return nil, err
	}
	repository.CachePath = scratch
	path, err := repository.DownloadIndexFile()
	if err != nil {
		return nil, err
	}
	index, err := repo.LoadIndexFile(path)
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	client, err := web.New()
	if err != nil {
		return nil, err
	}
	archives := map[string][]byte{}
	for _, name := range w.Charts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		entry, err := index.Get(name, w.Version)
		if err == nil && len(entry.URLs) == 0 {
			err = fmt.Errorf("no address")
		}
		if err != nil {
			return nil, fmt.Errorf("chart %q version %s: not in the index: %w", name, w.Version, err)
		}
		url, err := repo.ResolveReferenceURL(w.Repository, entry.URLs[0])
		if err != nil {
			return nil, fmt.Errorf("chart %q: %w", name, err)
		}
		archive, err := client.Get(url)
		if err != nil {
			return nil, fmt.Errorf("chart %q: %w", name, err)
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(archive.Bytes())); entry.Digest != "" && sum != entry.Digest {
			return nil, fmt.Errorf("chart %q: %s has SHA-256 %s, want %s", name, url, sum, entry.Digest)
		}
		archives[name] = archive.Bytes()
	}
	return archives, nil
}
