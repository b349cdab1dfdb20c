// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package install

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// binding is a TargetGroupBinding with the controller's finalizer and a label, if any.
func binding(name, label string) *unstructured.Unstructured {
	b := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "TargetGroupBinding",
		"spec": map[string]any{"targetGroupARN": "arn:" + name},
	}}
	b.SetNamespace("shop")
	b.SetName(name)
	b.SetFinalizers([]string{"elbv2.k8s.aws/resources"})
	if label != "" {
		b.SetLabels(map[string]string{label: "x"})
	}
	return b
}

func bindings(objects ...runtime.Object) *dynamicfake.FakeDynamicClient {
	return dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(),
		map[schema.GroupVersionResource]string{targetBindingResource: "TargetGroupBindingList"}, objects...)
}

func TestTheControllersBindingsAreListed(t *testing.T) {
	deleted := binding("deleted", "service.k8s.aws/stack-name")
	now := metav1.Now()
	deleted.SetDeletionTimestamp(&now)
	list, err := TargetGroupBindings(t.Context(), bindings(
		binding("ingress", "ingress.k8s.aws/stack-name"), binding("group", "ingress.k8s.aws/stack"), binding("service", "service.k8s.aws/stack-name"),
		binding("users", "app"), binding("unlabelled", ""), deleted,
	))
	require.NoError(t, err)
	assert.ElementsMatch(t, []Binding{
		{Namespace: "shop", Name: "ingress", TargetGroupARN: "arn:ingress"},
		{Namespace: "shop", Name: "group", TargetGroupARN: "arn:group"},
		{Namespace: "shop", Name: "service", TargetGroupARN: "arn:service"},
	}, list)
}

func TestForgetTakesTheWebhooksAwayBeforeTheBindings(t *testing.T) {
	meta := metav1.ObjectMeta{Name: configuration}
	kube := fake.NewClientset(&admissionv1.MutatingWebhookConfiguration{ObjectMeta: meta}, &admissionv1.ValidatingWebhookConfiguration{ObjectMeta: meta})
	dyn := bindings(binding("a", "service.k8s.aws/stack-name"), binding("users", ""))
	dyn.PrependReactor("patch", "*", func(clienttesting.Action) (bool, runtime.Object, error) {
		configurations, err := kube.AdmissionregistrationV1().MutatingWebhookConfigurations().List(t.Context(), metav1.ListOptions{})
		require.NoError(t, err)
		assert.Empty(t, configurations.Items, "they would refuse the patch: nobody answers them")
		return false, nil, nil
	})
	require.NoError(t, Forget(t.Context(), kube, dyn, []Binding{{Namespace: "shop", Name: "a"}}))
	var done []string
	for _, action := range dyn.Actions() {
		done = append(done, action.GetVerb())
		if patch, ok := action.(clienttesting.PatchAction); ok {
			assert.JSONEq(t, `{"metadata":{"finalizers":null}}`, string(patch.GetPatch()), "they would keep the binding")
		}
	}
	assert.Equal(t, []string{"patch", "delete"}, done)
	left, err := dyn.Resource(targetBindingResource).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, left.Items, 1)
	assert.Equal(t, "users", left.Items[0].GetName())
	validating, err := kube.AdmissionregistrationV1().ValidatingWebhookConfigurations().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	assert.Empty(t, validating.Items)
}

func TestForgetTakesWhatIsGoneForGone(t *testing.T) {
	require.NoError(t, Forget(t.Context(), fake.NewClientset(), bindings(), []Binding{{Namespace: "shop", Name: "gone"}}))
}

func TestClusterUIDIsThatOfKubeSystem(t *testing.T) {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kube-system", UID: "123"}}
	uid, err := ClusterUID(t.Context(), fake.NewClientset(ns))
	require.NoError(t, err)
	assert.Equal(t, "123", uid)
	_, err = ClusterUID(t.Context(), fake.NewClientset())
	require.ErrorContains(t, err, "identify the cluster")
}
