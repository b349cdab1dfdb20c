// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Command runc-reduced is runc on a host that does not have CAP_SYS_RESOURCE itself: it takes the
// capability out of the container's (and of an exec's) specification, which runc would otherwise
// refuse for a privileged container, and becomes runc. Docker uses it as its runtime only there.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
)

const missing = "CAP_SYS_RESOURCE"

func main() {
	if err := run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, "runc-reduced:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	for i, arg := range args[:len(args)-1] {
		var err error
		switch arg {
		case "--bundle", "-b":
			err = reduce(filepath.Join(args[i+1], "config.json"), "process")
		case "--process", "-p":
			err = reduce(args[i+1])
		}
		if err != nil {
			return err
		}
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		return fmt.Errorf("find runc, which comes with Docker: %w", err)
	}
	return syscall.Exec(runc, append([]string{"runc"}, args[1:]...), os.Environ())
}

// reduce rewrites the JSON file without the capability; path leads to the object that holds
// "capabilities".
func reduce(file string, path ...string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	out, err := without(data, path...)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	if bytes.Equal(out, data) {
		return nil
	}
	return os.WriteFile(file, out, 0o600)
}

// without returns data without the capability in any capability set; other data is returned as it is.
func without(data []byte, path ...string) ([]byte, error) {
	if !bytes.Contains(data, []byte(missing)) {
		return data, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // 64-bit numbers of a specification do not survive a float64
	var root map[string]any
	if err := decoder.Decode(&root); err != nil {
		return nil, err
	}
	process := root
	for _, key := range path {
		process, _ = process[key].(map[string]any)
	}
	sets, _ := process["capabilities"].(map[string]any)
	for name, set := range sets {
		if list, ok := set.([]any); ok {
			sets[name] = slices.DeleteFunc(list, func(c any) bool { return c == missing })
		}
	}
	return json.Marshal(root)
}
