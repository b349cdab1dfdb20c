// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package install gives a cluster what the Helm chart of the AWS Load Balancer Controller would: its CRDs, the
// IngressClass and the registrations of its admission webhooks, these by URL because elbsim stands
// outside the cluster. Like the controller's own, the webhooks stay when elbsim ends, and refuse Services and
// Ingresses while nobody answers them. It also knows the marks that an elbsim before left in the cluster, and
// only Forget takes them away.
package install

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
)

//go:generate go run ./gen

//go:embed crds.yaml
var crds []byte

// fieldManager owns what is applied.
const fieldManager = "elbsim"

// pollInterval is how often a condition in the cluster is looked at.
const pollInterval = 100 * time.Millisecond

var (
	crdResource           = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	ingressClassResource  = schema.GroupVersionResource{Group: "networking.k8s.io", Version: "v1", Resource: "ingressclasses"}
	classParamsResource   = schema.GroupVersionResource{Group: "elbv2.k8s.aws", Version: "v1beta1", Resource: "ingressclassparams"}
	targetBindingResource = schema.GroupVersionResource{Group: "elbv2.k8s.aws", Version: "v1beta1", Resource: "targetgroupbindings"}
)

// CRDs applies the CRDs and waits until the API server serves them, or ctx ends.
func CRDs(ctx context.Context, client dynamic.Interface) error {
	objects, err := decode(crds)
	if err != nil {
		return fmt.Errorf("read embedded CRDs: %w", err)
	}
	for _, crd := range objects {
		if err := apply(ctx, client.Resource(crdResource), crd); err != nil {
			return err
		}
	}
	for _, crd := range objects {
		if err := waitEstablished(ctx, client, crd.GetName()); err != nil {
			return err
		}
	}
	return nil
}

// IngressClass applies the IngressClass of the controller and the empty IngressClassParams that the
// controller's chart makes beside it.
func IngressClass(ctx context.Context, client dynamic.Interface, name string) error {
	params := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "IngressClassParams",
		"metadata": map[string]any{"name": name},
	}}
	class := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass",
		"metadata": map[string]any{"name": name},
		"spec":     map[string]any{"controller": "ingress.k8s.aws/alb"},
	}}
	if err := apply(ctx, client.Resource(classParamsResource), params); err != nil {
		return err
	}
	return apply(ctx, client.Resource(ingressClassResource), class)
}

func apply(ctx context.Context, client dynamic.ResourceInterface, object *unstructured.Unstructured) error {
	_, err := client.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: fieldManager, Force: true})
	if err != nil {
		return fmt.Errorf("apply %s %q: %w", object.GetKind(), object.GetName(), err)
	}
	return nil
}

func waitEstablished(ctx context.Context, client dynamic.Interface, name string) error {
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		crd, err := client.Resource(crdResource).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		return established(crd), nil
	})
	if err != nil {
		return fmt.Errorf("wait until CRD %q is established: %w", name, err)
	}
	return nil
}

func established(crd *unstructured.Unstructured) bool {
	conditions, _, err := unstructured.NestedSlice(crd.Object, "status", "conditions")
	if err != nil {
		return false // a status of another shape is not the one waited for
	}
	for _, c := range conditions {
		if c, ok := c.(map[string]any); ok && c["type"] == "Established" {
			return c["status"] == "True"
		}
	}
	return false
}

// decode reads the objects of a stream of YAML documents.
func decode(stream []byte) ([]*unstructured.Unstructured, error) {
	reader := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	var objects []*unstructured.Unstructured
	for {
		doc, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		object, err := yaml.ToJSON(doc)
		if err != nil {
			return nil, err
		}
		u := &unstructured.Unstructured{}
		if err := json.Unmarshal(object, &u.Object); err != nil {
			return nil, err
		}
		if len(u.Object) > 0 { // a document of comments only
			objects = append(objects, u)
		}
	}
}
