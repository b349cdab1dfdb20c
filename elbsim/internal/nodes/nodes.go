// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package nodes tells what EC2 would know of a cluster's nodes: their instance IDs, zones, addresses and
// pod ranges. It reads the cluster's Node objects and hands on what it finds; it never writes to the cluster.
package nodes

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Instance is the EC2 instance that a node stands for.
type Instance struct {
	Node    string
	ID      string         // i-…
	Address netip.Addr     // the node's InternalIP
	Zone    string         // availability zone
	Pods    []netip.Prefix // IPv4 pod ranges
}

// Host is the ID of the instance that an address is on: its own or a pod's. It is "" if it is on none.
func Host(instances []Instance, address netip.Addr) string {
	for _, inst := range instances {
		if inst.Address == address || slices.ContainsFunc(inst.Pods, func(pods netip.Prefix) bool { return pods.Contains(address) }) {
			return inst.ID
		}
	}
	return ""
}

// instance is the EC2 instance of a node that Assume has seen. One that cannot be an instance yet is not ready.
func instance(node *corev1.Node) (inst Instance, ready bool, err error) {
	id := node.Spec.ProviderID[strings.LastIndex(node.Spec.ProviderID, "/")+1:]
	inst = Instance{Node: node.Name, ID: id, Zone: node.Labels[corev1.LabelTopologyZone]}
	for _, a := range node.Status.Addresses {
		if ip, err := netip.ParseAddr(a.Address); err == nil && a.Type == corev1.NodeInternalIP && ip.Is4() {
			inst.Address = ip
			break
		}
	}
	for _, cidr := range podCIDRs(node) {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil {
			return Instance{}, false, fmt.Errorf("node %q has pod range %q: %w", node.Name, cidr, err)
		}
		if prefix.Addr().Is4() {
			inst.Pods = append(inst.Pods, prefix)
		}
	}
	// The controller remembers an instance for ten minutes, so one must not be shown before its pod range
	// is known. A Ready node without any has its pods addressed in another way.
	ready = inst.Address.IsValid() && (len(inst.Pods) > 0 || isReady(node))
	return inst, ready, nil
}

func podCIDRs(node *corev1.Node) []string {
	if len(node.Spec.PodCIDRs) == 0 && node.Spec.PodCIDR != "" {
		return []string{node.Spec.PodCIDR}
	}
	return node.Spec.PodCIDRs
}

func isReady(node *corev1.Node) bool {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}
