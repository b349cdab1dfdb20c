// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"encoding/json"
	"fmt"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"github.com/istio-aws/istio-aws/internal/host"
	"github.com/istio-aws/istio-aws/internal/image"
)

// kindConfig is kind's configuration of a lab's cluster. certs is the folder of this machine that tells
// the nodes' containerd its mirrors.
func kindConfig(lab string, nodes []Node, h host.Host, certs string) (*v1alpha4.Cluster, error) {
	config := &v1alpha4.Cluster{
		TypeMeta: v1alpha4.TypeMeta{Kind: "Cluster", APIVersion: "kind.x-k8s.io/v1alpha4"},
		Name:     lab,
		// The default one is an image that cannot be built as a Go module.
		Networking: v1alpha4.Networking{DisableDefaultCNI: true},
	}
	if patch := kubeletPatch(h); patch != "" {
		config.KubeadmConfigPatches = []string{patch}
	}
	for _, node := range nodes {
		patch, err := providerPatch(node)
		if err != nil {
			return nil, err
		}
		config.Nodes = append(config.Nodes, v1alpha4.Node{
			Role: node.Role, Labels: node.labels(), KubeadmConfigPatchesJSON6902: patch,
			ExtraMounts: []v1alpha4.Mount{{HostPath: certs, ContainerPath: image.CertsDir, Readonly: true}},
		})
	}
	return config, nil
}

// kubeletPatch is what the kubelet needs on a restricted host; empty on any other.
func kubeletPatch(h host.Host) string {
	patch := ""
	if h.CgroupV1 {
		patch += "failCgroupV1: false\n"
	}
	if h.MissingSysResource {
		// Lets the kubelet go on when it may not set sysctls, limits and out-of-memory scores.
		patch += "featureGates: {KubeletInUserNamespace: true}\n"
	}
	if patch == "" {
		return ""
	}
	return "kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\n" + patch
}

// providerPatch replaces the provider ID that kind gives the kubelet of a node. Arguments are a list in
// kubeadm's v1beta4, so the patch first tests that it meets the right one.
func providerPatch(node Node) ([]v1alpha4.PatchJSON6902, error) {
	const argument = "/nodeRegistration/kubeletExtraArgs/1"
	operations, err := json.Marshal([]map[string]string{
		{"op": "test", "path": argument + "/name", "value": "provider-id"},
		{"op": "replace", "path": argument + "/value", "value": node.providerID()},
	})
	if err != nil {
		return nil, fmt.Errorf("patch of node %s: %w", node.Name, err)
	}
	kind := "JoinConfiguration"
	if node.Role == v1alpha4.ControlPlaneRole {
		kind = "InitConfiguration"
	}
	return []v1alpha4.PatchJSON6902{{Group: "kubeadm.k8s.io", Version: "v1beta4", Kind: kind, Patch: string(operations)}}, nil
}
