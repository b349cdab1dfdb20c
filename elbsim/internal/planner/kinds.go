// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	elbv2api "sigs.k8s.io/aws-load-balancer-controller/apis/elbv2/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

type kind struct {
	namespaced bool
	make       func() client.Object
}

// kinds are what the controller reads to build load balancers. All others are passed over.
var kinds = map[string]kind{
	"v1 Namespace":                              {false, func() client.Object { return &corev1.Namespace{} }},
	"v1 Secret":                                 {true, func() client.Object { return &corev1.Secret{} }},
	"v1 Service":                                {true, func() client.Object { return &corev1.Service{} }},
	"networking.k8s.io/v1 Ingress":              {true, func() client.Object { return &networkingv1.Ingress{} }},
	"networking.k8s.io/v1 IngressClass":         {false, func() client.Object { return &networkingv1.IngressClass{} }},
	"elbv2.k8s.aws/v1beta1 IngressClassParams":  {false, func() client.Object { return &elbv2api.IngressClassParams{} }},
	"elbv2.k8s.aws/v1beta1 TargetGroupBinding":  {true, func() client.Object { return &elbv2api.TargetGroupBinding{} }},
	"elbv2.k8s.aws/v1alpha1 TargetGroupBinding": {true, func() client.Object { return &elbv2api.TargetGroupBinding{} }},
}

// gone are API versions that the Go types still know and no API server of today serves
// (https://kubernetes.io/docs/reference/using-api/deprecation-guide/, v1.22).
var gone = []string{"extensions/v1beta1", "networking.k8s.io/v1beta1"}

// misnamed says of an object that is passed over that it is meant to be one of kinds, and is misspelt.
// The plan would miss it, and an API server refuses it. A kind of somebody else's group never is: only
// Kubernetes's own groups, the controller's, and names that nearly are one of these count.
func misnamed(apiVersion, kindName string) string {
	gv, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		return fmt.Sprintf("apiVersion %q is none: write <group>/<version>", apiVersion)
	}
	if scheme.Scheme.Recognizes(gv.WithKind(kindName)) && !slices.Contains(gone, apiVersion) {
		return ""
	}
	ours := scheme.Scheme.IsGroupRegistered(gv.Group) || gv.Group == elbv2api.GroupVersion.Group
	for _, known := range slices.Sorted(maps.Keys(kinds)) {
		version, name, _ := strings.Cut(known, " ")
		group, _, isGrouped := strings.Cut(version, "/")
		near := isGrouped && distance(gv.Group, group) <= 2
		if (ours || near) && !strings.Contains(version, "alpha") && distance(strings.ToLower(kindName), strings.ToLower(name)) <= 2 {
			return fmt.Sprintf("an API server of today knows no kind %q in %s; write apiVersion: %s and kind: %s", kindName, apiVersion, version, name)
		}
	}
	return ""
}
