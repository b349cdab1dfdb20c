// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package argocd_test

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube/kubetest"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
)

const (
	injected = "injected"   // pods that the webhook made into proxies
	auto     = "image auto" // pods that came too early: they never start
	running  = "running"
)

// cluster is as much of a cluster as decides how a sync goes: what was applied, and what controllers
// and webhooks make of it. Deployments get their pods as early as they can, istiod is ready as late.
type cluster struct {
	kubetest.MockKubectlCmd
	lock    sync.Mutex // the engine applies objects of one kind at the same time
	objects map[kube.ResourceKey]*unstructured.Unstructured
	applied []*unstructured.Unstructured // in order, without dry runs
	pods    map[string]string            // of a Deployment: injected, auto or running
	istiod  bool                         // whether istiod is ready
}

func newCluster() *cluster {
	return &cluster{objects: map[kube.ResourceKey]*unstructured.Unstructured{}, pods: map[string]string{}}
}

// clusterScoped are the kinds of the chart that have no namespace.
var clusterScoped = map[string]bool{
	"Namespace": true, "ClusterRole": true, "ClusterRoleBinding": true, "CustomResourceDefinition": true, "IngressClass": true, "IngressClassParams": true,
	"MutatingWebhookConfiguration": true, "ValidatingWebhookConfiguration": true, "ValidatingAdmissionPolicy": true, "ValidatingAdmissionPolicyBinding": true,
}

func (c *cluster) IsNamespaced(gk schema.GroupKind) (bool, error) {
	return !clusterScoped[gk.Kind], nil
}

// server is how the engine writes.
type server struct {
	kubetest.MockResourceOps
	cluster *cluster
}

func (c *cluster) ManageResources(*rest.Config) (kube.ResourceOperations, func(), error) {
	return &server{cluster: c}, func() {}, nil
}

func (c *cluster) GetResource(_ context.Context, _ *rest.Config, gvk schema.GroupVersionKind, name, namespace string) (*unstructured.Unstructured, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if object, found := c.objects[c.key(gvk.GroupKind(), namespace, name)]; found {
		return object, nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}, name)
}

func (c *cluster) key(gk schema.GroupKind, namespace, name string) kube.ResourceKey {
	if clusterScoped[gk.Kind] {
		namespace = ""
	}
	return kube.NewResourceKey(gk.Group, gk.Kind, namespace, name)
}

// ApplyResource is the API server: it refuses kinds that it does not know, and what a webhook that nobody
// answers for has to look at.
func (s *server) ApplyResource(_ context.Context, object *unstructured.Unstructured, dryRun cmdutil.DryRunStrategy, _, _, _ bool, _ string) (string, error) {
	c := s.cluster
	c.lock.Lock()
	defer c.lock.Unlock()
	gk := object.GroupVersionKind().GroupKind()
	if !c.knows(gk) {
		return "", fmt.Errorf("no matches for kind %q", gk)
	}
	if dryRun != cmdutil.DryRunNone {
		return "", nil
	}
	if strings.HasSuffix(gk.Group, ".istio.io") && c.validates() && !c.istiod {
		return "", fmt.Errorf("%s %s: failed calling webhook: no endpoints available for service istiod", gk.Kind, object.GetName())
	}
	object = object.DeepCopy()
	if clusterScoped[gk.Kind] {
		object.SetNamespace("")
	}
	c.objects[c.key(gk, object.GetNamespace(), object.GetName())] = object
	c.applied = append(c.applied, object)
	c.react()
	return "", nil
}

func (c *cluster) knows(gk schema.GroupKind) bool {
	if gk.Group == "" || !strings.Contains(gk.Group, ".") || strings.HasSuffix(gk.Group, ".k8s.io") {
		return true
	}
	for _, crd := range c.kind("CustomResourceDefinition") {
		group, _, _ := unstructured.NestedString(crd.Object, "spec", "group")
		kind, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
		if group == gk.Group && kind == gk.Kind {
			return true
		}
	}
	return false
}

func (c *cluster) kind(kind string) []*unstructured.Unstructured {
	var found []*unstructured.Unstructured
	for _, object := range c.applied {
		if object.GetKind() == kind {
			found = append(found, object)
		}
	}
	return found
}

// validates is whether a webhook that must answer validates Istio's objects.
func (c *cluster) validates() bool {
	for _, configuration := range c.kind("ValidatingWebhookConfiguration") {
		webhooks, _, _ := unstructured.NestedSlice(configuration.Object, "webhooks")
		for _, webhook := range webhooks {
			if webhook.(map[string]any)["failurePolicy"] == "Fail" {
				return true
			}
		}
	}
	return false
}

// react is the controllers' turn after each apply: what can have pods or an address gets them.
func (c *cluster) react() {
	for _, deployment := range c.kind("Deployment") {
		name := deployment.GetName()
		if c.pods[name] == "" {
			c.pods[name] = c.start(deployment)
		}
		ready := c.pods[name] == injected || c.pods[name] == running && (name != "istiod" || c.istiod)
		setDeploymentStatus(deployment, ready)
	}
	for _, object := range append(c.kind("Service"), c.kind("Ingress")...) {
		if kind, _, _ := unstructured.NestedString(object.Object, "spec", "type"); object.GetKind() == "Ingress" || kind == "LoadBalancer" {
			object.Object["status"] = map[string]any{"loadBalancer": map[string]any{"ingress": []any{map[string]any{"hostname": "x.elb.amazonaws.com"}}}}
		}
	}
	for _, autoscaler := range c.kind("HorizontalPodAutoscaler") {
		autoscaler.Object["status"] = map[string]any{"conditions": []any{map[string]any{"type": "AbleToScale", "status": "True", "reason": "ReadyForNewScale"}, map[string]any{"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound"}}}
	}
}

// start is what becomes of a Deployment's first pods; nothing while the API server refuses them.
func (c *cluster) start(deployment *unstructured.Unstructured) string {
	account, _, _ := unstructured.NestedString(deployment.Object, "spec", "template", "spec", "serviceAccountName")
	if _, found := c.objects[kube.NewResourceKey("", "ServiceAccount", deployment.GetNamespace(), account)]; !found {
		return ""
	}
	templates, _, _ := unstructured.NestedString(deployment.Object, "spec", "template", "metadata", "annotations", "inject.istio.io/templates")
	switch {
	case templates == "":
		return running
	case len(c.kind("MutatingWebhookConfiguration")) == 0:
		return auto
	case !c.istiod:
		return ""
	}
	return injected
}

// settle is the time between two looks of ArgoCD at the cluster: enough for istiod.
func (c *cluster) settle() {
	c.istiod = c.pods["istiod"] == running
	c.react()
}

func setDeploymentStatus(deployment *unstructured.Unstructured, ready bool) {
	replicas, found, _ := unstructured.NestedInt64(deployment.Object, "spec", "replicas")
	if !found {
		replicas = 1
	}
	available := replicas
	if !ready {
		available = 0
	}
	deployment.Object["status"] = map[string]any{
		"observedGeneration": deployment.GetGeneration(), "replicas": replicas, "updatedReplicas": replicas, "availableReplicas": available, "readyReplicas": available,
	}
}
