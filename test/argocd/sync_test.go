// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package argocd_test holds examples/argocd to its promises with ArgoCD's own engine and no server: a
// first sync gets through by itself, in an order in which every gateway is injected, and afterwards
// nothing differs. A module of its own: the engine has Kubernetes libraries of other versions than Helm.
package argocd_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync/common"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
	"github.com/go-logr/logr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

const namespace = "istio-system"

// synced is how a first sync ends.
type synced struct {
	phase   common.OperationPhase
	message string
	results []common.ResourceSyncResult
}

// sync lets ArgoCD's engine apply the objects to an empty cluster, as the controller does: it looks at
// the cluster, makes one step, and looks again. A sync that makes no progress is still running at the end.
func (c *cluster) sync(t *testing.T, app application, targets []*unstructured.Unstructured) synced {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(server.Close)
	config := &rest.Config{Host: server.URL, QPS: -1}
	at := synced{}
	for range 20 {
		live := map[kube.ResourceKey]*unstructured.Unstructured{}
		for key, object := range c.objects {
			if object.GetKind() != "Namespace" {
				live[key] = object.DeepCopy()
			}
		}
		context, stop, err := sync.NewSyncContext("", sync.Reconcile(targets, live, namespace, c), config, config, c, namespace,
			sync.WithLogr(logr.Discard()),
			sync.WithInitialState(at.phase, at.message, at.results, metav1.Now()),
			sync.WithServerSideApply(app.option("ServerSideApply")),
			sync.WithSkipDryRunOnMissingResource(app.option("SkipDryRunOnMissingResource")),
			sync.WithClientSideApplyMigration(false, ""),
			sync.WithNamespaceModifier(func(_, live *unstructured.Unstructured) (bool, error) {
				return live == nil && app.option("CreateNamespace"), nil
			}))
		require.NoError(t, err)
		context.Sync()
		at.phase, at.message, at.results = context.GetState()
		stop()
		if at.phase.Completed() {
			break
		}
		c.settle()
	}
	c.settle()
	return at
}

// serve is the part of the API server that the engine asks itself: which kinds there are, and whether
// CRDs are established.
func (c *cluster) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if slices.Contains(parts, "customresourcedefinitions") {
		_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
			"status": map[string]any{"conditions": []any{map[string]any{"type": "Established", "status": "True"}}}})
		return
	}
	group := ""
	if parts[0] == "apis" {
		group = parts[1]
	}
	list := metav1.APIResourceList{GroupVersion: strings.Join(parts[1:], "/")}
	c.lock.Lock()
	defer c.lock.Unlock()
	for _, kind := range kinds[group] {
		if c.knows(schema.GroupKind{Group: group, Kind: kind}) {
			list.APIResources = append(list.APIResources, metav1.APIResource{Name: strings.ToLower(kind) + "s", Kind: kind, Namespaced: !clusterScoped[kind], Verbs: metav1.Verbs{"get", "patch"}})
		}
	}
	if len(list.APIResources) == 0 {
		http.NotFound(w, r)
		return
	}
	_ = json.NewEncoder(w).Encode(list)
}

// kinds are those of the chart, by group.
var kinds = map[string][]string{
	"":                             {"Namespace", "ServiceAccount", "ConfigMap", "Service", "Secret"},
	"apps":                         {"Deployment"},
	"autoscaling":                  {"HorizontalPodAutoscaler"},
	"policy":                       {"PodDisruptionBudget"},
	"rbac.authorization.k8s.io":    {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"},
	"networking.k8s.io":            {"Ingress", "NetworkPolicy", "IngressClass"},
	"admissionregistration.k8s.io": {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"},
	"apiextensions.k8s.io":         {"CustomResourceDefinition"},
	"networking.istio.io":          {"Gateway", "VirtualService", "DestinationRule", "EnvoyFilter"},
	"security.istio.io":            {"PeerAuthentication"},
}

func TestFirstSyncGetsThroughWithEveryGatewayInjected(t *testing.T) {
	everything := []string{"--set", "loadBalancers.albInternal.enabled=true,loadBalancers.nlbPublic.enabled=true,loadBalancers.nlbInternal.enabled=true,egressGateway.enabled=true"}
	for _, app := range applications(t) {
		for gateways, more := range map[int][]string{1: nil, 5: everything} {
			t.Run(fmt.Sprintf("%s/gateways=%d", app.file, gateways), func(t *testing.T) {
				t.Parallel()
				targets := app.manifests(t, more...)
				c := newCluster()
				end := c.sync(t, app, targets)
				assert.Equal(t, common.OperationSucceeded, end.phase, end.message)
				assert.Len(t, c.pods, gateways+1)
				for name, pods := range c.pods {
					if name == "istiod" {
						assert.Equal(t, running, pods)
					} else {
						assert.Equal(t, injected, pods, "pods of %s", name)
					}
				}
				for _, object := range targets {
					_, err := c.GetResource(t.Context(), nil, object.GroupVersionKind(), object.GetName(), object.GetNamespace())
					assert.NoError(t, err, "%s %s", object.GetKind(), object.GetName())
				}
			})
		}
	}
}

// The waves stand on two kinds of objects: what this chart makes (commonAnnotations) and what Istio's
// gateway chart makes (annotations of its values). Each half missing is seen here.
func TestASyncWithoutItsWavesIsNoticed(t *testing.T) {
	app := applications(t)[0]
	without := func(change func(*unstructured.Unstructured)) (*cluster, synced) {
		c := newCluster()
		targets := app.manifests(t)
		for _, object := range targets {
			if object.GetAnnotations()["argocd.argoproj.io/sync-wave"] != "" {
				change(object)
			}
		}
		return c, c.sync(t, app, targets)
	}
	wave := func(object *unstructured.Unstructured, wave string) {
		annotations := object.GetAnnotations()
		annotations["argocd.argoproj.io/sync-wave"] = wave
		object.SetAnnotations(annotations)
	}

	c, _ := without(func(o *unstructured.Unstructured) { wave(o, "0") })
	assert.Equal(t, auto, c.pods[gateway], "no waves: the pods come before the webhook")

	_, end := without(func(o *unstructured.Unstructured) {
		if o.GetKind() != "Deployment" {
			wave(o, "2")
		}
	})
	assert.Equal(t, common.OperationRunning, end.phase, "the Deployment waits for an account that waits for it")
	assert.Contains(t, end.message, "waiting for healthy state of")

	_, end = without(func(o *unstructured.Unstructured) {
		if o.GetKind() == "VirtualService" {
			wave(o, "0")
		}
	})
	assert.Equal(t, common.OperationFailed, end.phase, "a route that istiod cannot validate yet")
}
