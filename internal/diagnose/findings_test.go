// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package diagnose

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/istio-aws/istio-aws/internal/loadbalancer"
)

func meta(name string, labels map[string]string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: "istio-system", Name: name, Labels: labels}
}

func gatewayPod(change func(*corev1.Pod)) corev1.Pod {
	pod := corev1.Pod{
		ObjectMeta: meta("alb-public-1", map[string]string{"istio": "alb-public"}),
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "istio-proxy", Image: "registry.istio.io/release/proxyv2:1.31.1"}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{
			{Type: corev1.PodScheduled, Status: corev1.ConditionTrue},
			{Type: corev1.PodReady, Status: corev1.ConditionTrue},
		}},
	}
	change(&pod)
	return pod
}

func ready(*corev1.Pod) {}

func gateway(selector map[string]string) Gateway {
	g := Gateway{ObjectMeta: meta("alb-public", nil)}
	g.Spec.Selector = selector
	return g
}

func service(class string, addresses int, selector map[string]string) corev1.Service {
	s := corev1.Service{ObjectMeta: meta("nlb-internal", nil), Spec: corev1.ServiceSpec{Selector: selector}}
	if class != "" {
		s.Spec.LoadBalancerClass = &class
	}
	s.Status.LoadBalancer.Ingress = make([]corev1.LoadBalancerIngress, addresses)
	return s
}

func ingress(class string, addresses int) networkingv1.Ingress {
	i := networkingv1.Ingress{ObjectMeta: meta("alb-public", nil), Spec: networkingv1.IngressSpec{IngressClassName: &class}}
	i.Status.LoadBalancer.Ingress = make([]networkingv1.IngressLoadBalancerIngress, addresses)
	return i
}

func TestFindings(t *testing.T) {
	good := []corev1.Pod{gatewayPod(ready)}
	notReady := func(change func(*corev1.Pod)) State { return State{Pods: []corev1.Pod{gatewayPod(change)}} }
	deleted := ingress(albClass, 1)
	deleted.DeletionTimestamp, deleted.Finalizers = new(metav1.Time), []string{"ingress.k8s.aws/resources"}
	waiting := func(reason, message string) []corev1.ContainerStatus {
		return []corev1.ContainerStatus{{Name: "istio-proxy", State: corev1.ContainerState{
			Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}}}
	}
	for _, test := range []struct {
		name  string
		state State
		want  []string
	}{
		{"a whole mesh has none", State{
			Pods: good, Gateways: []Gateway{gateway(map[string]string{"istio": "alb-public"})},
			Services:  []corev1.Service{service(nlbClass, 1, map[string]string{"istio": "alb-public"}), service("", 0, nil)},
			Ingresses: []networkingv1.Ingress{ingress(albClass, 1), ingress("nginx", 0)},
		}, nil},
		{"the controller is not running", State{Controller: errors.New("connection refused")},
			[]string{"AWS Load Balancer Controller (elbsim) is not running, nothing builds load balancers: connection refused"}},
		{"an Ingress waits for its load balancer", State{Ingresses: []networkingv1.Ingress{ingress(albClass, 0)}},
			[]string{"Ingress istio-system/alb-public: no load balancer has been built for it"}},
		{"an Ingress waits for the removal of its load balancer", State{Ingresses: []networkingv1.Ingress{deleted}},
			[]string{"Ingress istio-system/alb-public: is deleted, but its load balancer has not been removed; finalizers [ingress.k8s.aws/resources]"}},
		{"a Service waits for its load balancer", State{Pods: good, Services: []corev1.Service{service(nlbClass, 0, map[string]string{"istio": "alb-public"})}},
			[]string{"Service istio-system/nlb-internal: no load balancer has been built for it"}},
		{"a Gateway's selector matches no pod", State{Pods: good, Gateways: []Gateway{gateway(map[string]string{"istio": "ingressgateway"})}},
			[]string{"Gateway istio-system/alb-public: selector istio=ingressgateway matches no pod; values of these labels that pods have: istio=alb-public"}},
		{"a Gateway's selector has labels that no pod has", State{Pods: good, Gateways: []Gateway{gateway(map[string]string{"app": "x"})}},
			[]string{"Gateway istio-system/alb-public: selector app=x matches no pod; values of these labels that pods have: none"}},
		{"a Service's selector matches no pod", State{Pods: good, Services: []corev1.Service{service("", 0, map[string]string{"istio": "x"})}},
			[]string{"Service istio-system/nlb-internal: selector istio=x matches no pod"}},
		{"a gateway was not injected", notReady(func(p *corev1.Pod) {
			p.Spec.Containers[0].Image = "auto"
			p.Status.ContainerStatuses = waiting("ImagePullBackOff", "")
		}), []string{`Pod istio-system/alb-public-1: container istio-proxy has image "auto": it was created before Istio's injection webhook, ` +
			`which would have replaced it; the gateways' ServiceAccounts must come after the webhook`}},
		{"an image cannot be pulled", notReady(func(p *corev1.Pod) { p.Status.ContainerStatuses = waiting("ErrImagePull", "not found") }),
			[]string{"Pod istio-system/alb-public-1: container istio-proxy waits: ErrImagePull not found"}},
		{"an init container ended badly", notReady(func(p *corev1.Pod) {
			p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "istio-init", State: corev1.ContainerState{
				Terminated: &corev1.ContainerStateTerminated{ExitCode: 3, Reason: "Error", Message: "iptables"}}}}
			p.Status.ContainerStatuses = waiting("PodInitializing", "")
		}), []string{"Pod istio-system/alb-public-1: container istio-init ended with status 3: Error iptables"}},
		{"no node has room", notReady(func(p *corev1.Pod) {
			p.Status.Conditions[0].Status, p.Status.Conditions[0].Message = corev1.ConditionFalse, "0/3 nodes are available"
		}), []string{"Pod istio-system/alb-public-1: not scheduled: 0/3 nodes are available"}},
		{"a probe fails", notReady(func(p *corev1.Pod) {
			p.Status.Conditions[1].Status, p.Status.Conditions[1].Reason, p.Status.Conditions[1].Message = corev1.ConditionFalse, "ContainersNotReady", "[istio-proxy]"
		}), []string{"Pod istio-system/alb-public-1: not ready: ContainersNotReady [istio-proxy]"}},
		{"a pod on its way out is none", notReady(func(p *corev1.Pod) {
			p.DeletionTimestamp = new(metav1.Time)
			p.Status.Conditions[1].Status = corev1.ConditionFalse
		}), nil},
		{"a target is not healthy", State{LoadBalancers: []loadbalancer.LoadBalancer{{Stack: "istio-system/alb-public",
			TargetGroups: []loadbalancer.TargetGroup{{Name: "g"}}}}},
			[]string{"load balancer istio-system/alb-public, target group g: no targets are registered"}},
		{"the root cause comes first", State{Controller: errors.New("EOF"), Ingresses: []networkingv1.Ingress{ingress(albClass, 0)}},
			[]string{"AWS Load Balancer Controller (elbsim) is not running, nothing builds load balancers: EOF",
				"Ingress istio-system/alb-public: no load balancer has been built for it"}},
	} {
		t.Run(test.name, func(t *testing.T) { assert.Equal(t, test.want, Findings(test.state)) })
	}
}
