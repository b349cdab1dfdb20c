// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package install

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// probeName names the objects of Probe, which are never stored.
const probeName = "elbsim-probe"

// Probe tells whether the API server already asks the webhooks: a Service gets its load balancer class from
// one configuration, an Ingress of a class that does not exist is refused by the other. Both are dry runs.
// The error says which of them is not asked, or why the API server could not.
func Probe(ctx context.Context, client kubernetes.Interface, loadBalancerClass string) error {
	dryRun := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldManager: fieldManager}
	svc, err := client.CoreV1().Services(metav1.NamespaceDefault).Create(ctx, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: probeName},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer, Ports: []corev1.ServicePort{{Port: 80}}},
	}, dryRun)
	if err != nil {
		return fmt.Errorf("try the webhook of Services: %w", err)
	}
	if class := svc.Spec.LoadBalancerClass; class == nil || *class != loadBalancerClass {
		return errors.New("the API server does not ask the webhook of Services yet")
	}

	class := probeName
	_, err = client.NetworkingV1().Ingresses(metav1.NamespaceDefault).Create(ctx, &networkingv1.Ingress{
		ObjectMeta: metav1.ObjectMeta{Name: probeName},
		Spec: networkingv1.IngressSpec{IngressClassName: &class, DefaultBackend: &networkingv1.IngressBackend{
			Service: &networkingv1.IngressServiceBackend{Name: probeName, Port: networkingv1.ServiceBackendPort{Number: 80}},
		}},
	}, dryRun)
	switch {
	case err == nil:
		return errors.New("the API server does not ask the webhook of Ingresses yet")
	case apierrors.IsForbidden(err): // denied by the webhook; one that does not answer is an internal error
		return nil
	default:
		return fmt.Errorf("try the webhook of Ingresses: %w", err)
	}
}
