// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package image

import "github.com/istio-aws/istio-aws/internal/component"

// EchoRepository is where the nodes find the echo app; its tags are v1 and v2.
const EchoRepository = "lab.invalid/echo"

// EchoTags are the versions of the echo app: one binary that says which it is.
func EchoTags() []string { return []string{"v1", "v2"} }

const (
	kubernetesHost = "registry.k8s.io/"
	istioHost      = "registry.istio.io/release/"
)

// Proxy is the full name of Istio's proxy image.
func Proxy(v component.Versions) string { return istioHost + "proxyv2:" + v.Istio }

// NodeName is the full name of kind's node image.
func NodeName(v component.Versions) string { return "docker.io/kindest/node:" + v.KindNode }

// ClusterNames are the full names of the images that a cluster with Istio runs, without the node image.
func ClusterNames(v component.Versions) []string {
	return []string{
		kubernetesHost + "kube-apiserver:" + v.Kubernetes,
		kubernetesHost + "kube-controller-manager:" + v.Kubernetes,
		kubernetesHost + "kube-scheduler:" + v.Kubernetes,
		kubernetesHost + "kube-proxy:" + v.Kubernetes,
		kubernetesHost + "etcd:" + v.EtcdImage,
		kubernetesHost + "coredns/coredns:" + v.CoreDNS,
		kubernetesHost + "pause:" + v.PauseImage,
		istioHost + "pilot:" + v.Istio,
		Proxy(v),
	}
}
