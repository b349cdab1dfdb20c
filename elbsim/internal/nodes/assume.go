// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nodes

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// The last segment of a provider ID that the AWS Load Balancer Controller takes for an instance ID.
var instanceID = regexp.MustCompile(`^i-[^/]*$`)

// Assume makes a node that does not run on EC2 look as if it did, to those who read it from a cache: it gets a
// provider ID made from its name, and a label with one of the zones. A node that has them keeps them. Node names are
// unique and stay, so the same node is the same instance after every restart.
func Assume(node *corev1.Node, zones []string) {
	zone := node.Labels[corev1.LabelTopologyZone]
	segments := strings.Split(node.Spec.ProviderID, "/")
	isInstance := instanceID.MatchString(segments[len(segments)-1])
	if zone == "" && isInstance && len(segments) == 5 && segments[0] == "aws:" {
		zone = segments[3]
	}
	if zone == "" {
		zone = zones[ordinal(node.Name)%len(zones)]
	}
	if node.Labels[corev1.LabelTopologyZone] == "" {
		labels := map[string]string{corev1.LabelTopologyZone: zone}
		for k, v := range node.Labels {
			if k != corev1.LabelTopologyZone {
				labels[k] = v
			}
		}
		node.Labels = labels
	}
	if !isInstance {
		sum := sha256.Sum256([]byte(node.Name))
		node.Spec.ProviderID = "aws:///" + zone + "/i-" + hex.EncodeToString(sum[:])[:17]
	}
}

// ordinal numbers the nodes of a cluster by their names, so that neighbours are in different zones: kind calls them
// x-control-plane, x-worker, x-worker2, x-worker3.
func ordinal(name string) int {
	prefix := strings.TrimRight(name, "0123456789")
	if n, err := strconv.Atoi(name[len(prefix):]); err == nil {
		return n
	}
	if strings.HasSuffix(name, "worker") {
		return 1
	}
	return 0
}

// Transform is Assume for a cache's objects.
func Transform(zones []string) func(any) (any, error) {
	zones = slices.Clone(zones)
	return func(object any) (any, error) {
		if node, ok := object.(*corev1.Node); ok { // not the mark of a deletion that was missed
			Assume(node, zones)
		}
		return object, nil
	}
}
