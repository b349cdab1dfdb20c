// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/istio-aws/istio-aws/internal/command"
	"github.com/istio-aws/istio-aws/internal/docker"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// podRange is what the pods of one node get their addresses from, and the node they are reached through.
type podRange struct{ node, cidr, address string }

// connectPods gives the nodes their pod network: each a range of its own, and routes to the ranges of
// the others. It waits for kube-proxy first: pods that start before the service rules are there hang for
// half a minute in connections to service addresses.
func connectPods(ctx context.Context, kubectl, kubeconfig string, count int) error {
	var ranges []podRange
	err := wait.For(ctx, func(ctx context.Context) (err error) {
		if ranges, err = podRanges(ctx, kubectl, kubeconfig, count); err != nil {
			return err
		}
		ready, err := runKubectl(ctx, kubectl, kubeconfig, "--namespace=kube-system", "get", "daemonset", "kube-proxy", "--output=jsonpath={.status.numberReady}")
		if err == nil && ready != fmt.Sprint(count) {
			err = fmt.Errorf("kube-proxy is ready on %s of %d nodes", ready, count)
		}
		return err
	}, wait.Within(2*time.Minute))
	if err != nil {
		return fmt.Errorf("wait for kube-proxy: %w", err)
	}
	errs := make([]error, len(ranges))
	var group sync.WaitGroup
	for i, r := range ranges {
		group.Go(func() {
			var script string
			if script, errs[i] = podScript(r, ranges); errs[i] == nil {
				_, errs[i] = docker.Exec(ctx, r.node, script)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// podScript configures the pod network of one node.
func podScript(own podRange, all []podRange) (string, error) {
	conflist, err := json.MarshalIndent(map[string]any{
		"cniVersion": "0.4.0", "name": "lab",
		"plugins": []any{
			map[string]any{"type": "ptp", "ipMasq": false, "ipam": map[string]any{
				"type": "host-local", "dataDir": "/run/cni-ipam-state", "ranges": []any{[]any{map[string]string{"subnet": own.cidr}}},
				"routes": []any{map[string]string{"dst": "0.0.0.0/0"}},
			}},
			map[string]any{"type": "portmap", "capabilities": map[string]bool{"portMappings": true}},
		},
	}, "", "  ")
	if err != nil {
		return "", err
	}
	var script strings.Builder
	for _, r := range all {
		if r.node != own.node {
			fmt.Fprintf(&script, "ip route replace %s via %s\n", r.cidr, r.address)
		}
	}
	// Routes first: the file makes the node ready, and pods start at once.
	fmt.Fprintf(&script, "mkdir -p /etc/cni/net.d\ncat >/etc/cni/net.d/10-lab.conflist <<'END'\n%s\nEND\n", conflist)
	return script.String(), nil
}

func podRanges(ctx context.Context, kubectl, kubeconfig string, count int) ([]podRange, error) {
	out, err := runKubectl(ctx, kubectl, kubeconfig, "get", "nodes", "--output=json")
	if err != nil {
		return nil, err
	}
	return parseRanges(out, count)
}

// parseRanges reads a list of nodes; it is an error if not count of them have a range yet.
func parseRanges(list string, count int) ([]podRange, error) {
	var nodes struct {
		Items []struct {
			Metadata struct{ Name string }
			Spec     struct{ PodCIDR string }
			Status   struct {
				Addresses []struct{ Type, Address string }
			}
		}
	}
	if err := json.Unmarshal([]byte(list), &nodes); err != nil {
		return nil, fmt.Errorf("read the list of nodes: %w", err)
	}
	var ranges []podRange
	for _, node := range nodes.Items {
		r := podRange{node: node.Metadata.Name, cidr: node.Spec.PodCIDR}
		for _, address := range node.Status.Addresses {
			if address.Type == "InternalIP" && !strings.Contains(address.Address, ":") {
				r.address = address.Address
			}
		}
		if r.cidr != "" && r.address != "" {
			ranges = append(ranges, r)
		}
	}
	if len(ranges) != count {
		return nil, fmt.Errorf("%d of %d nodes have a range for pods", len(ranges), count)
	}
	return ranges, nil
}

func runKubectl(ctx context.Context, kubectl, kubeconfig string, args ...string) (string, error) {
	return command.Run(ctx, command.Command{Program: kubectl, Args: append([]string{"--kubeconfig=" + kubeconfig, "--request-timeout=10s"}, args...)})
}
