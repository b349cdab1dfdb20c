// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package diagnose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/istio-aws/istio-aws/internal/check"
)

// The load balancer controller's names for what is its to build.
const (
	nlbClass = "service.k8s.aws/nlb"
	albClass = "alb"
)

// Findings are the sentences that explain most failures: what is wrong, with which object, and why.
// The likeliest root cause comes first; none means that nothing known is wrong.
func Findings(s State) []string {
	return slices.Concat(controller(s), unbuilt(s), pods(s), gateways(s), services(s), targets(s))
}

func controller(s State) []string {
	if s.Controller == nil {
		return nil
	}
	return []string{fmt.Sprintf("AWS Load Balancer Controller (elbsim) is not running, nothing builds load balancers: %v", s.Controller)}
}

// unbuilt finds Ingresses and Services that wait for the controller: for a load balancer, or for its
// removal.
func unbuilt(s State) []string {
	var found []string
	add := func(kind string, meta metav1.ObjectMeta, addresses int) {
		switch {
		case meta.DeletionTimestamp != nil && len(meta.Finalizers) > 0:
			found = append(found, fmt.Sprintf("%s %s/%s: is deleted, but its load balancer has not been removed; finalizers %v", kind, meta.Namespace, meta.Name, meta.Finalizers))
		case addresses == 0:
			found = append(found, fmt.Sprintf("%s %s/%s: no load balancer has been built for it", kind, meta.Namespace, meta.Name))
		}
	}
	for _, i := range s.Ingresses {
		if i.Spec.IngressClassName != nil && *i.Spec.IngressClassName == albClass {
			add("Ingress", i.ObjectMeta, len(i.Status.LoadBalancer.Ingress))
		}
	}
	for _, svc := range s.Services {
		if svc.Spec.LoadBalancerClass != nil && *svc.Spec.LoadBalancerClass == nlbClass {
			add("Service", svc.ObjectMeta, len(svc.Status.LoadBalancer.Ingress))
		}
	}
	return found
}

func pods(s State) []string {
	var found []string
	for _, pod := range s.Pods {
		if reason := NotReady(pod); reason != "" {
			found = append(found, fmt.Sprintf("Pod %s/%s: %s", pod.Namespace, pod.Name, reason))
		}
	}
	return found
}

// NotReady is why a pod is not ready; empty for one that is, has completed or is on its way out.
func NotReady(pod corev1.Pod) string {
	if pod.DeletionTimestamp != nil || pod.Status.Phase == corev1.PodSucceeded {
		return ""
	}
	for _, c := range pod.Spec.Containers {
		if c.Image == "auto" {
			return fmt.Sprintf("container %s has image \"auto\": it was created before Istio's injection webhook, which would have replaced it; the gateways' ServiceAccounts must come after the webhook", c.Name)
		}
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return fmt.Sprintf("not scheduled: %s", c.Message)
		}
	}
	for _, c := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		switch {
		case c.State.Waiting != nil && c.State.Waiting.Reason != "PodInitializing":
			return fmt.Sprintf("container %s waits: %s %s", c.Name, c.State.Waiting.Reason, c.State.Waiting.Message)
		case c.State.Terminated != nil && c.State.Terminated.ExitCode != 0:
			return fmt.Sprintf("container %s ended with status %d: %s %s", c.Name, c.State.Terminated.ExitCode, c.State.Terminated.Reason, c.State.Terminated.Message)
		}
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady && c.Status != corev1.ConditionTrue {
			return fmt.Sprintf("not ready: %s %s", c.Reason, c.Message)
		}
	}
	return ""
}

func gateways(s State) []string {
	var found []string
	for _, g := range s.Gateways {
		// An Istio Gateway selects pods of any namespace unless istiod is told otherwise.
		if !slices.ContainsFunc(s.Pods, func(p corev1.Pod) bool { return selects(g.Spec.Selector, p) }) {
			found = append(found, fmt.Sprintf("Gateway %s/%s: selector %s matches no pod; values of these labels that pods have: %s",
				g.Namespace, g.Name, labels.FormatLabels(g.Spec.Selector), valuesOf(g.Spec.Selector, s.Pods)))
		}
	}
	return found
}

func services(s State) []string {
	var found []string
	for _, svc := range s.Services {
		if len(svc.Spec.Selector) == 0 {
			continue
		}
		if !slices.ContainsFunc(s.Pods, func(p corev1.Pod) bool {
			return p.Namespace == svc.Namespace && selects(svc.Spec.Selector, p)
		}) {
			found = append(found, fmt.Sprintf("Service %s/%s: selector %s matches no pod", svc.Namespace, svc.Name, labels.FormatLabels(svc.Spec.Selector)))
		}
	}
	return found
}

func selects(selector map[string]string, pod corev1.Pod) bool {
	return labels.SelectorFromSet(selector).Matches(labels.Set(pod.Labels))
}

// valuesOf lists which values pods have for the labels of a selector that matches none of them.
func valuesOf(selector map[string]string, pods []corev1.Pod) string {
	seen := map[string]bool{}
	for key := range selector {
		for _, pod := range pods {
			if value, ok := pod.Labels[key]; ok {
				seen[key+"="+value] = true
			}
		}
	}
	if len(seen) == 0 {
		return "none"
	}
	return strings.Join(slices.Sorted(maps.Keys(seen)), " ")
}

// targets has a line for each target that is not healthy and each target group without targets.
func targets(s State) []string {
	if err := check.Healthy()(s.LoadBalancers); err != nil {
		return strings.Split(err.Error(), "\n")
	}
	return nil
}
