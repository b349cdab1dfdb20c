// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/istio-aws/istio-aws/internal/docker"
	"github.com/istio-aws/istio-aws/internal/wait"
)

const registryPort = "5000"

func registryAddress(network Network) string { return network.Registry().String() + ":" + registryPort }

// startRegistry runs the registry that serves layouts, folders of this machine, and tells the nodes to
// use it as mirror of every registry. It returns once it answers.
func startRegistry(ctx context.Context, lab, image string, network Network, layouts []string, certs string) error {
	args := []string{
		"run", "--detach", "--name", registryName(lab), "--label", labLabel + "=" + lab,
		"--network", lab, "--ip", network.Registry().String(), "--read-only",
	}
	var folders []string
	for i, layout := range layouts {
		folder := fmt.Sprintf("/layouts/%d", i)
		args = append(args, "--volume", layout+":"+folder+":ro")
		folders = append(folders, folder)
	}
	args = append(append(args, image, ":"+registryPort), folders...)
	if _, err := docker.Run(ctx, args...); err != nil {
		return fmt.Errorf("start the registry: %w", err)
	}
	url := "http://" + registryAddress(network)
	if err := writeMirror(certs, url); err != nil {
		return err
	}
	return answers(ctx, registryName(lab), url+"/v2/", time.Minute)
}

// writeMirror writes containerd's configuration of the mirror: "_default" stands for every registry
// host, "server" keeps containerd from asking the host itself when the mirror has no such image.
func writeMirror(certs, url string) error {
	dir := filepath.Join(certs, "_default")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text := fmt.Sprintf("server = %q\n\n[host.%q]\n  capabilities = [\"pull\", \"resolve\"]\n", url, url)
	return os.WriteFile(filepath.Join(dir, "hosts.toml"), []byte(text), 0o644)
}

// answers waits until a container's URL answers 200, and shows the container's log if it does not.
func answers(ctx context.Context, container, url string, limit time.Duration) error {
	err := wait.For(ctx, func(ctx context.Context) error {
		running, _, err := docker.Inspect(ctx, "container", container, "{{.State.Running}}")
		if err != nil {
			return err
		}
		if running != "true" {
			return wait.Permanent(fmt.Errorf("container %s has ended", container))
		}
		return get(ctx, url)
	}, wait.Within(limit))
	if err == nil {
		return nil
	}
	logs, logErr := docker.Logs(context.WithoutCancel(ctx), container, 20)
	if logErr != nil {
		logs = logErr.Error()
	}
	return fmt.Errorf("wait for %s: %w\nlast lines of `docker logs %s`:\n%s", url, err, container, logs)
}

func get(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// Not through a proxy of this machine: the lab's network is known to nobody else.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, response.Status)
	}
	return nil
}
