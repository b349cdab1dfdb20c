// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package cluster makes the cluster of a lab: its Docker network, which nothing leaves, the registry
// that the nodes pull from, the kind cluster with its pod network, and the load balancer simulator. It
// is given finished images. It never builds anything and never installs the chart.
package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
)

// Region is where the nodes of a lab say they are.
const Region = "eu-west-1"

// Node is a node of the cluster. Address is empty until the node exists.
type Node struct {
	Name       string
	Role       v1alpha4.NodeRole
	Zone       string // availability zone
	InstanceID string // of the EC2 instance that it plays
	Address    string // IPv4, on the lab's network
}

// Nodes returns the nodes of a lab: a control plane and two workers in two availability zones.
func Nodes(lab string) []Node {
	nodes := []Node{
		{Name: lab + "-control-plane", Role: v1alpha4.ControlPlaneRole, Zone: Region + "a"},
		{Name: lab + "-worker", Role: v1alpha4.WorkerRole, Zone: Region + "a"},
		{Name: lab + "-worker2", Role: v1alpha4.WorkerRole, Zone: Region + "b"},
	}
	for i := range nodes {
		nodes[i].InstanceID = instanceID(nodes[i].Name)
	}
	return nodes
}

// instanceID makes an EC2 instance ID, "i-" and 17 hexadecimal digits, out of a node's name.
func instanceID(node string) string {
	sum := sha256.Sum256([]byte(node))
	return "i-" + hex.EncodeToString(sum[:])[:17]
}

// providerID is how the cloud provider of AWS names a node.
func (n Node) providerID() string { return fmt.Sprintf("aws:///%s/%s", n.Zone, n.InstanceID) }

func (n Node) labels() map[string]string {
	return map[string]string{"topology.kubernetes.io/region": Region, "topology.kubernetes.io/zone": n.Zone}
}
