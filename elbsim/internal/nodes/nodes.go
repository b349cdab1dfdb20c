// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package nodes tells what EC2 would know of a cluster's nodes: their instance IDs, zones, addresses and
// pod ranges. It reads the cluster's Node objects and hands on what it finds; it never writes to the cluster.
package nodes

import (
	"fmt"
	"net/netip"
	"regexp"
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

// The last segment of a provider ID that the AWS Load Balancer Controller takes for an instance ID.
var instanceID = regexp.MustCompile(`^i-[^/]*$`)

// instance is the EC2 instance of a node. A node that cannot be one gives an error that names the cure;
// one that cannot be one yet gives none and is not ready.
func instance(node *corev1.Node) (inst Instance, ready bool, err error) {
	segments := strings.Split(node.Spec.ProviderID, "/")
	id := segments[len(segments)-1]
	switch {
	case node.Spec.ProviderID == "":
		return Instance{}, false, fmt.Errorf("node %q has no providerID: set it to aws:///<zone>/i-<hex> (kubelet flag --provider-id), or the load balancer controller will not use the node", node.Name)
	case !instanceID.MatchString(id):
		return Instance{}, false, fmt.Errorf("node %q has providerID %q, which does not end in /i-…: register it with aws:///<zone>/i-<hex> (kubelet flag --provider-id)", node.Name, node.Spec.ProviderID)
	}
	inst = Instance{Node: node.Name, ID: id, Zone: zone(node, segments)}
	if inst.Zone == "" {
		return Instance{}, false, fmt.Errorf("node %q is in no availability zone: label it %s, such as eu-west-1a", node.Name, corev1.LabelTopologyZone)
	}
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

// zone is the node's zone label, or else the zone in a provider ID aws:///<zone>/<instance>.
func zone(node *corev1.Node, provider []string) string {
	if z := node.Labels[corev1.LabelTopologyZone]; z != "" {
		return z
	}
	if len(provider) == 5 && provider[0] == "aws:" {
		return provider[3]
	}
	return ""
}

func isReady(node *corev1.Node) bool {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}
