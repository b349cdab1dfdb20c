// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package pods finds the pod behind a target's address, so that people need not, and a pod of each node to try the way
// to. Nothing depends on it but what is shown and said.
package pods

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
)

// Names are the names of the cluster's pods.
type Names struct{ lister listers.PodLister }

// Watch keeps the names up to date until ctx ends. It returns when they are known.
func Watch(ctx context.Context, client kubernetes.Interface) (*Names, error) {
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(slim))
	pods := factory.Core().V1().Pods()
	synced := pods.Informer().HasSynced
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), synced) {
		return nil, fmt.Errorf("watch pods: %w", context.Cause(ctx))
	}
	return &Names{pods.Lister()}, nil
}

// slim keeps of a pod what is needed: there may be very many.
func slim(object any) (any, error) {
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return object, nil
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID, ResourceVersion: pod.ResourceVersion},
		Spec:       corev1.PodSpec{HostNetwork: pod.Spec.HostNetwork, NodeName: pod.Spec.NodeName},
		Status:     corev1.PodStatus{Phase: pod.Status.Phase, Conditions: pod.Status.Conditions, PodIP: pod.Status.PodIP, PodIPs: pod.Status.PodIPs},
	}, nil
}

// ByAddress returns "namespace/name" by IP address. Pods of the host's network have none of their own, and those
// that have ended have given theirs back.
func (n *Names) ByAddress() (map[string]string, error) {
	pods, err := n.lister.List(labels.Everything())
	if err != nil {
		return nil, fmt.Errorf("list pods: %w", err)
	}
	out := map[string]string{}
	for _, pod := range pods {
		if pod.Spec.HostNetwork || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
			continue
		}
		for _, ip := range pod.Status.PodIPs {
			out[ip.IP] = pod.Namespace + "/" + pod.Name
		}
	}
	return out, nil
}

// ReadyByNode returns the IPv4 address of a ready pod of each node that has one outside the host's network, by the node's
// name.
func (n *Names) ReadyByNode() (map[string]netip.Addr, error) {
	pods, err := n.lister.List(labels.Everything())
	if err != nil {
		return nil, fmt.Errorf("list pods: %w", err)
	}
	out := map[string]netip.Addr{}
	for _, pod := range pods {
		address, err := netip.ParseAddr(pod.Status.PodIP)
		if err == nil && address.Is4() && !pod.Spec.HostNetwork && isReady(pod) {
			out[pod.Spec.NodeName] = address
		}
	}
	return out, nil
}

func isReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}
