// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/istio-aws/istio-aws/internal/docker"
)

// account is what the simulated AWS has (load balancers, listeners, rules, target groups, security groups, tags), as
// the file has it that outlives elbsim. dir is for a copy.
func (e environment) account(ctx context.Context, dir string) (map[string]any, error) {
	path := filepath.Join(dir, "state.json")
	if _, err := docker.Run(ctx, "cp", e.Elbsim+":/var/lib/elbsim/"+e.Name+".json", path); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var state struct {
		Content struct {
			AWS map[string]any `json:"aws"`
		} `json:"content"`
	}
	// What is gone leaves an empty list where none was before.
	if err := json.Unmarshal(bytes.ReplaceAll(raw, []byte(":[]"), []byte(":null")), &state); err != nil {
		return nil, err
	}
	delete(state.Content.AWS, "serial") // of the next ID
	return state.Content.AWS, nil
}
