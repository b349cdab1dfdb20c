// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package install

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
)

// Binding is a TargetGroupBinding that the controller made for an Ingress or a Service.
type Binding struct {
	Namespace, Name string
	TargetGroupARN  string
}

// ClusterUID tells the cluster from every other: the UID of its namespace kube-system.
func ClusterUID(ctx context.Context, client kubernetes.Interface) (string, error) {
	ns, err := client.CoreV1().Namespaces().Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("identify the cluster: %w", err)
	}
	return string(ns.UID), nil
}

// TargetGroupBindings lists those that the controller made and nobody deletes. Those that users wrote name
// target groups that the controller does not make.
func TargetGroupBindings(ctx context.Context, client dynamic.Interface) ([]Binding, error) {
	list, err := client.Resource(targetBindingResource).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list TargetGroupBindings: %w", err)
	}
	var out []Binding
	for _, object := range list.Items {
		if !ofController(object.GetLabels()) || object.GetDeletionTimestamp() != nil {
			continue
		}
		arn, _, err := unstructured.NestedString(object.Object, "spec", "targetGroupARN")
		if err != nil {
			return nil, fmt.Errorf("read TargetGroupBinding %s/%s: %w", object.GetNamespace(), object.GetName(), err)
		}
		out = append(out, Binding{Namespace: object.GetNamespace(), Name: object.GetName(), TargetGroupARN: arn})
	}
	return out, nil
}

// ofController knows the controller's own by the labels of their stack (LBC's pkg/deploy/tracking).
func ofController(labels map[string]string) bool {
	for key := range labels {
		if strings.HasPrefix(key, "ingress.k8s.aws/stack") || strings.HasPrefix(key, "service.k8s.aws/stack") {
			return true
		}
	}
	return false
}

// Forget deletes TargetGroupBindings with their finalizers, and before them the webhook configurations of the
// elbsim before: nobody answers those yet, so that the API server would refuse the change. Call it before
// the controller starts, and Webhooks after.
func Forget(ctx context.Context, client kubernetes.Interface, dynamic dynamic.Interface, bindings []Binding) error {
	registrations := client.AdmissionregistrationV1()
	if err := errors.Join(
		ignoreNotFound(registrations.MutatingWebhookConfigurations().Delete(ctx, configuration, metav1.DeleteOptions{})),
		ignoreNotFound(registrations.ValidatingWebhookConfigurations().Delete(ctx, configuration, metav1.DeleteOptions{})),
	); err != nil {
		return fmt.Errorf("delete webhooks of the elbsim before: %w", err)
	}
	for _, b := range bindings {
		bound := dynamic.Resource(targetBindingResource).Namespace(b.Namespace)
		_, errPatch := bound.Patch(ctx, b.Name, types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{FieldManager: fieldManager})
		errDelete := bound.Delete(ctx, b.Name, metav1.DeleteOptions{})
		if err := errors.Join(ignoreNotFound(errPatch), ignoreNotFound(errDelete)); err != nil {
			return fmt.Errorf("delete TargetGroupBinding %s/%s: %w", b.Namespace, b.Name, err)
		}
	}
	return nil
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
