// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package diagnose

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/istio-aws/istio-aws/internal/loadbalancer"
)

// State is what [Findings] reasons about: the cluster and the load balancers at one moment.
type State struct {
	Pods      []corev1.Pod
	Services  []corev1.Service
	Ingresses []networkingv1.Ingress
	Gateways  []Gateway

	// Controller is why elbsim, and with it the AWS Load Balancer Controller, does not answer; nil when
	// it does, and then LoadBalancers are those it has built.
	Controller    error
	LoadBalancers []loadbalancer.LoadBalancer
}

// Gateway is the part of an Istio Gateway (networking.istio.io/v1) that Findings reads.
type Gateway struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Selector map[string]string `json:"selector"`
	} `json:"spec"`
}
