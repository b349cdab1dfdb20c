// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package install

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

var server = Server{URL: "https://172.18.0.9:9443", CABundle: []byte("pem")}

// registration is what the API server stores of a webhook, mutating or validating.
type registration struct {
	Name                    string
	ClientConfig            admissionv1.WebhookClientConfig
	Rules                   []admissionv1.RuleWithOperations
	FailurePolicy           admissionv1.FailurePolicyType
	SideEffects             admissionv1.SideEffectClass
	AdmissionReviewVersions []string
	NamespaceSelector       *metav1.LabelSelector
	ObjectSelector          *metav1.LabelSelector
}

// registrations reads the webhooks of configurations in any encoding.
func registrations(t *testing.T, documents ...[]byte) map[string]registration {
	t.Helper()
	byName := map[string]registration{}
	for _, doc := range documents {
		var config struct{ Webhooks []registration }
		require.NoError(t, yaml.Unmarshal(doc, &config))
		for _, w := range config.Webhooks {
			byName[w.Name] = w
		}
	}
	return byName
}

func ours(t *testing.T) map[string]registration {
	t.Helper()
	mutating, err := json.Marshal(mutatingConfiguration(server))
	require.NoError(t, err)
	validating, err := json.Marshal(validatingConfiguration(server))
	require.NoError(t, err)
	return registrations(t, mutating, validating)
}

// The controller's own manifest has all its webhooks; the ones named here belong to controllers that do not
// run, and a new one in the next version of the controller must be decided upon.
func TestWebhooksAreTheControllersOwn(t *testing.T) {
	notServed := []string{
		"alb-target-control.namespace.elbv2.k8s.aws", "alb-target-control.object.elbv2.k8s.aws",
		"quicid.elbv2.k8s.aws", "vglobalaccelerator.aga.k8s.aws",
	}
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/aws-load-balancer-controller").Output()
	require.NoError(t, err)
	manifest, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "config", "webhook", "manifests.yaml"))
	require.NoError(t, err)
	var documents [][]byte
	for _, doc := range strings.Split(string(manifest), "\n---\n") {
		documents = append(documents, []byte(doc))
	}
	theirs, mine := registrations(t, documents...), ours(t)
	for name, want := range theirs {
		if slices.Contains(notServed, name) {
			assert.NotContains(t, mine, name)
			continue
		}
		got, ok := mine[name]
		if !assert.True(t, ok, "webhook %s is missing", name) {
			continue
		}
		assert.Equal(t, want.Rules, got.Rules, name)
		assert.Equal(t, want.FailurePolicy, got.FailurePolicy, name)
		assert.Equal(t, want.SideEffects, got.SideEffects, name)
		assert.Equal(t, want.AdmissionReviewVersions, got.AdmissionReviewVersions, name)
		require.NotNil(t, got.ClientConfig.URL, name)
		assert.Equal(t, server.URL+*want.ClientConfig.Service.Path, *got.ClientConfig.URL, name)
		assert.Nil(t, got.ClientConfig.Service, name)
		assert.Equal(t, server.CABundle, got.ClientConfig.CABundle, name)
	}
	assert.Len(t, mine, len(theirs)-len(notServed))
}

func TestReadinessGatesAreInjectedInLabelledNamespacesOnly(t *testing.T) {
	for name, w := range ours(t) {
		if name != "mpod.elbv2.k8s.aws" {
			assert.Nil(t, w.NamespaceSelector, name)
			continue
		}
		want := []metav1.LabelSelectorRequirement{{Key: "elbv2.k8s.aws/pod-readiness-gate-inject", Operator: "In", Values: []string{"enabled"}}}
		require.NotNil(t, w.NamespaceSelector)
		assert.Equal(t, want, w.NamespaceSelector.MatchExpressions)
	}
}

func TestControllersOwnObjectsAreSpared(t *testing.T) {
	want := []metav1.LabelSelectorRequirement{{Key: "app.kubernetes.io/name", Operator: "NotIn", Values: []string{"aws-load-balancer-controller"}}}
	for name, w := range ours(t) {
		switch name {
		case "mpod.elbv2.k8s.aws", "mservice.elbv2.k8s.aws", "vingressclassparams.elbv2.k8s.aws":
			require.NotNil(t, w.ObjectSelector, name)
			assert.Equal(t, want, w.ObjectSelector.MatchExpressions, name)
		default:
			assert.Nil(t, w.ObjectSelector, name)
		}
	}
}

func TestWebhooksAreApplied(t *testing.T) {
	api := newAPIServer(t)
	require.NoError(t, Webhooks(t.Context(), api.typed(t), server))
	assert.Contains(t, api.applied, "mutatingwebhookconfigurations/aws-load-balancer-webhook")
	assert.Contains(t, api.applied, "validatingwebhookconfigurations/aws-load-balancer-webhook")

	api.Close()
	assert.ErrorContains(t, Webhooks(t.Context(), api.typed(t), server), "register webhooks of https://172.18.0.9:9443")
}

func TestClusterWithAControllerOfItsOwnIsRefused(t *testing.T) {
	const byService = `{"kind":"MutatingWebhookConfiguration","apiVersion":"admissionregistration.k8s.io/v1","webhooks":[{"name":"mpod.elbv2.k8s.aws","clientConfig":{"service":{"namespace":"kube-system","name":"aws-load-balancer-webhook-service"}}}]}`
	const byURL = `{"kind":"MutatingWebhookConfiguration","apiVersion":"admissionregistration.k8s.io/v1","webhooks":[{"name":"mpod.elbv2.k8s.aws","clientConfig":{"url":"https://172.18.0.9:9443/mutate-v1-pod"}}]}`
	for _, c := range []struct {
		name, body string
		status     int
		wantError  string
	}{
		{name: "an empty cluster is free", status: 404, body: notFound},
		{name: "the webhooks of an elbsim before this one may be replaced", status: 200, body: byURL},
		{name: "a controller in the cluster is in the way", status: 200, body: byService, wantError: "webhook mpod.elbv2.k8s.aws is served by Service kube-system/aws-load-balancer-webhook-service"},
		{name: "an API server that refuses is named", status: 403, body: `{"kind":"Status","status":"Failure","reason":"Forbidden","code":403,"message":"no"}`, wantError: "look for a load balancer controller in the cluster: no"},
	} {
		t.Run(c.name, func(t *testing.T) {
			api := newAPIServer(t)
			api.get = func(string, int) (int, string) { return c.status, c.body }
			err := Free(t.Context(), api.typed(t))
			if c.wantError == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.wantError)
			}
		})
	}
}
