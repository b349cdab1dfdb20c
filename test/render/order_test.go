// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-aws/istio-aws/internal/render"
)

// installOrders are the kinds that each Helm installs first, in order; it sorts all others behind them by name.
// Helm 3: pkg/releaseutil/kind_sorter.go at v3.22.0. Helm 4: pkg/release/v1/util/kind_sorter.go at v4.3.1,
// which is Helm 3's list and the two webhook configurations.
func installOrders() map[string][]string {
	return map[string][]string{
		"Helm 3": releaseutil.InstallOrder,
		"Helm 4": append(slices.Clone([]string(releaseutil.InstallOrder)), "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
	}
}

func TestGatewayAccountsComeAfterWebhookAndDeployments(t *testing.T) {
	eachPreset(t, func(t *testing.T, release *render.Release) {
		for helm, order := range installOrders() {
			assert.NoError(t, accountsComeLast(sorted(release.Objects, order)), helm)
		}
	})
}

func TestOrdinaryServiceAccountsAreNoticed(t *testing.T) {
	template := `{{- range (include "istio-aws.gateway.enabled" (dict "root" $) | fromYaml).aliases }}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: {{ (index $.Values .).serviceAccount.name }}}
{{- end }}
`
	release, err := chart(t).With("templates/gateway/serviceaccountlist.yaml", []byte(template)).
		Render(render.Options{ValuesFiles: []string{valuesDir + "/alb-public.yaml"}})
	require.NoError(t, err)
	for helm, order := range installOrders() {
		assert.EqualError(t, accountsComeLast(sorted(release.Objects, order)),
			"ServiceAccount istio-ingress-alb-public of Deployment istio-ingress-alb-public is created before MutatingWebhookConfiguration istio-sidecar-injector: its first pod would keep the image auto", helm)
	}
	release, err = chart(t).With("templates/gateway/serviceaccountlist.yaml", nil).Render(render.Options{ValuesFiles: []string{valuesDir + "/alb-public.yaml"}})
	require.NoError(t, err)
	assert.EqualError(t, accountsComeLast(release.Objects), "gateway istio-ingress-alb-public: its ServiceAccount istio-ingress-alb-public is not rendered")
}

func TestAccountOfAnOverriddenNameIsRendered(t *testing.T) {
	release := rendered(t, `{loadBalancers: {nlbPublic: {enabled: true}}, nlbPublicGateway: {name: istio-edge, serviceAccount: {name: istio-edge, annotations: {a: b}}}, egressGateway: {enabled: true}}`)
	accounts := accountsOf(release.Objects)
	assert.Contains(t, accounts, "istio-edge")
	assert.Contains(t, accounts, "istio-egress")
	assert.NoError(t, accountsComeLast(release.Objects))
	list := release.Kind("ServiceAccountList")
	require.Len(t, list, 1)
	assert.Contains(t, text(t, list[0].Object), `"annotations":{"a":"b"}`)
}

// sorted is how Helm orders objects for installation.
func sorted(objects []unstructured.Unstructured, order []string) []unstructured.Unstructured {
	result := slices.Clone(objects)
	slices.SortStableFunc(result, func(a, b unstructured.Unstructured) int {
		i, j := slices.Index(order, a.GetKind()), slices.Index(order, b.GetKind())
		switch {
		case i >= 0 && j >= 0:
			return i - j
		case i >= 0:
			return -1
		case j >= 0:
			return 1
		}
		return strings.Compare(a.GetKind(), b.GetKind())
	})
	return result
}

// accountsOf maps each account's name to the position of the object that brings it.
func accountsOf(objects []unstructured.Unstructured) map[string]int {
	positions := map[string]int{}
	for i, object := range objects {
		switch object.GetKind() {
		case "ServiceAccount":
			positions[object.GetName()] = i
		case "ServiceAccountList":
			items, _, _ := unstructured.NestedSlice(object.Object, "items")
			for _, item := range items {
				positions[(&unstructured.Unstructured{Object: item.(map[string]any)}).GetName()] = i
			}
		}
	}
	return positions
}

// accountsComeLast checks that the account of every gateway is created after the webhook that injects
// its pods and after its Deployment.
func accountsComeLast(objects []unstructured.Unstructured) error {
	accounts := accountsOf(objects)
	for i, object := range objects {
		if object.GetKind() != "Deployment" {
			continue
		}
		if templates, _, _ := unstructured.NestedString(object.Object, "spec", "template", "metadata", "annotations", "inject.istio.io/templates"); templates != "gateway" {
			continue
		}
		name, _, _ := unstructured.NestedString(object.Object, "spec", "template", "spec", "serviceAccountName")
		account, found := accounts[name]
		if !found {
			return fmt.Errorf("gateway %s: its ServiceAccount %s is not rendered", object.GetName(), name)
		}
		for j, other := range objects {
			if other.GetKind() == "MutatingWebhookConfiguration" && account < j {
				return fmt.Errorf("ServiceAccount %s of Deployment %s is created before %s %s: its first pod would keep the image auto", name, object.GetName(), other.GetKind(), other.GetName())
			}
		}
		if account < i {
			return fmt.Errorf("ServiceAccount %s is created before Deployment %s", name, object.GetName())
		}
	}
	return nil
}
