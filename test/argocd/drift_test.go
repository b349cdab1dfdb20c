// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package argocd_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/diff"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube/scheme"
	openapi_v2 "github.com/google/gnostic-models/openapiv2"
	"github.com/itchyny/gojq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/kube-openapi/pkg/util/proto"
)

// ignored is an item of ignoreDifferences.
type ignored struct {
	Group string   `json:"group"`
	Kind  string   `json:"kind"`
	JQ    []string `json:"jqPathExpressions"`
}

// Normalize takes out of an object what the Application ignores, by del() of jq as ArgoCD does.
func (a application) Normalize(object *unstructured.Unstructured) error {
	for _, rule := range a.Spec.Ignore {
		if rule.Group != object.GroupVersionKind().Group || rule.Kind != object.GetKind() {
			continue
		}
		for _, path := range rule.JQ {
			query, err := gojq.Parse("del(" + path + ")")
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			result, _ := query.Run(object.Object).Next()
			changed, ok := result.(map[string]any)
			if !ok {
				return fmt.Errorf("%s: %v", path, result)
			}
			object.Object = changed
		}
	}
	return nil
}

func TestNothingDiffersAfterASync(t *testing.T) {
	schemas := parser(t)
	for _, app := range applications(t) {
		t.Run(app.file, func(t *testing.T) {
			t.Parallel()
			require.True(t, app.option("ServerSideApply"))
			for _, object := range app.manifests(t) {
				for way, options := range ways(app, object, schemas) {
					result, err := diff.Diff(object.DeepCopy(), live(t, object, way), options...)
					require.NoError(t, err, "%s %s", object.GetKind(), object.GetName())
					if result.Modified {
						assert.JSONEq(t, string(result.NormalizedLive), string(result.PredictedLive), "%s %s, %s", object.GetKind(), object.GetName(), way)
					}
				}
			}
		})
	}
}

// The two settings that keep istiod's webhook in sync are each enough; without both it differs for ever.
func TestDriftIsNoticed(t *testing.T) {
	app := applications(t)[0]
	schemas := parser(t)
	modified := func(change func(*unstructured.Unstructured), app application) bool {
		differs := false
		for _, object := range app.manifests(t) {
			if object.GetKind() == "ValidatingWebhookConfiguration" {
				change(object)
				for way, options := range ways(app, object, schemas) {
					result, err := diff.Diff(object.DeepCopy(), live(t, object, way), options...)
					require.NoError(t, err)
					differs = differs || result.Modified
				}
			}
		}
		return differs
	}
	asUsual := func(*unstructured.Unstructured) {}
	istiosDefault := func(object *unstructured.Unstructured) { setFailurePolicy(object, "Ignore") }
	wrongGroup := app
	wrongGroup.Spec.Ignore = []ignored{{Group: "apps", Kind: "ValidatingWebhookConfiguration", JQ: []string{".webhooks[]?.failurePolicy"}}}
	assert.False(t, modified(istiosDefault, app), "ignoreDifferences is enough")
	assert.False(t, modified(asUsual, wrongGroup), "base.validationFailurePolicy is enough")
	assert.True(t, modified(istiosDefault, wrongGroup), "neither")
}

const (
	serverSide = "server-side apply"
	clientSide = "client-side apply"
)

// ways are ArgoCD's two ways to compare. The first needs schemas, which are here for Kubernetes' own kinds.
func ways(app application, object *unstructured.Unstructured, schemas *managedfields.GvkParser) map[string][]diff.Option {
	options := []diff.Option{diff.WithNormalizer(app)}
	all := map[string][]diff.Option{clientSide: options}
	if schemas.Type(object.GroupVersionKind()) != nil {
		all[serverSide] = append(options, diff.WithStructuredMergeDiff(true), diff.WithGVKParser(schemas), diff.WithManager("argocd-controller"))
	}
	return all
}

// live is what an object has become in a cluster: Kubernetes' defaults, and what controllers write.
func live(t *testing.T, applied *unstructured.Unstructured, way string) *unstructured.Unstructured {
	t.Helper()
	object := applied.DeepCopy()
	if typed, err := scheme.Scheme.New(object.GroupVersionKind()); err == nil {
		require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, typed))
		scheme.Scheme.Default(typed)
		object.Object, err = runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
		require.NoError(t, err)
		object.SetGroupVersionKind(applied.GroupVersionKind())
	}
	object.SetUID("2a9f0e5c-0000-4000-8000-000000000001")
	object.SetResourceVersion("4711")
	object.SetGeneration(1)
	require.NoError(t, unstructured.SetNestedField(object.Object, "2026-01-01T00:00:00Z", "metadata", "creationTimestamp"))
	if way == clientSide {
		content, err := json.Marshal(applied)
		require.NoError(t, err)
		annotate(object, "kubectl.kubernetes.io/last-applied-configuration", string(content))
	}
	set := func(value any, path ...string) {
		require.NoError(t, unstructured.SetNestedField(object.Object, value, path...))
	}
	switch object.GetKind() {
	case "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration": // istiod
		webhooks, _, err := unstructured.NestedSlice(object.Object, "webhooks")
		require.NoError(t, err)
		for _, webhook := range webhooks {
			require.NoError(t, unstructured.SetNestedField(webhook.(map[string]any), "Q0E=", "clientConfig", "caBundle"))
		}
		set(webhooks, "webhooks")
		setFailurePolicy(object, "Fail")
	case "Deployment": // its controller, and the autoscaler
		annotate(object, "deployment.kubernetes.io/revision", "1")
		set(int64(3), "spec", "replicas")
		setDeploymentStatus(object, true)
	case "Service": // API server and AWS Load Balancer Controller
		set("10.96.0.10", "spec", "clusterIP")
		set([]any{"10.96.0.10"}, "spec", "clusterIPs")
		set("SingleStack", "spec", "ipFamilyPolicy")
		set([]any{"IPv4"}, "spec", "ipFamilies")
		object.SetFinalizers([]string{"service.k8s.aws/resources"})
	case "Ingress":
		object.SetFinalizers([]string{"ingress.k8s.aws/resources"})
		set([]any{map[string]any{"hostname": "x.elb.amazonaws.com"}}, "status", "loadBalancer", "ingress")
	case "ServiceAccount":
		object.Object["secrets"] = []any{map[string]any{"name": "token"}}
	}
	return object
}

func annotate(object *unstructured.Unstructured, name, value string) {
	annotations := object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[name] = value
	object.SetAnnotations(annotations)
}

func setFailurePolicy(object *unstructured.Unstructured, policy string) {
	webhooks, _, _ := unstructured.NestedSlice(object.Object, "webhooks")
	for _, webhook := range webhooks {
		webhook.(map[string]any)["failurePolicy"] = policy
	}
	object.Object["webhooks"] = webhooks
}

// parser has the schemas of Kubernetes' own kinds, from the API server's description in its module.
func parser(t *testing.T) *managedfields.GvkParser {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes").Output()
	require.NoError(t, err)
	content, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "api", "openapi-spec", "swagger.json"))
	require.NoError(t, err)
	document, err := openapi_v2.ParseDocument(content)
	require.NoError(t, err)
	models, err := proto.NewOpenAPIData(document)
	require.NoError(t, err)
	schemas, err := managedfields.NewGVKParser(models, false)
	require.NoError(t, err)
	return schemas
}
