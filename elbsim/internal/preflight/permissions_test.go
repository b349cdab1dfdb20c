// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package preflight_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	rbac "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"sigs.k8s.io/yaml"

	"github.com/istio-aws/istio-aws/elbsim/internal/preflight"
)

// cluster is an API server that lets user do what allows says. asked counts its answers.
func cluster(user string, asked *atomic.Int32, allows func(authorization.ResourceAttributes) (bool, error)) *fake.Clientset {
	client := fake.NewClientset()
	client.PrependReactor("create", "selfsubjectaccessreviews", func(a clienttesting.Action) (bool, runtime.Object, error) {
		asked.Add(1)
		review := a.(clienttesting.CreateAction).GetObject().(*authorization.SelfSubjectAccessReview).DeepCopy()
		allowed, err := allows(*review.Spec.ResourceAttributes)
		review.Status.Allowed = allowed
		return true, review, err
	})
	client.PrependReactor("create", "selfsubjectreviews", func(clienttesting.Action) (bool, runtime.Object, error) {
		if user == "" {
			return true, nil, errors.New("the server could not find the requested resource")
		}
		return true, &authentication.SelfSubjectReview{Status: authentication.SelfSubjectReviewStatus{UserInfo: authentication.UserInfo{Username: user}}}, nil
	})
	return client
}

// granted tells whether the rules allow something, as RBAC does.
func granted(rules []rbac.PolicyRule, what authorization.ResourceAttributes) bool {
	resource := what.Resource
	if what.Subresource != "" {
		resource += "/" + what.Subresource
	}
	return slices.ContainsFunc(rules, func(r rbac.PolicyRule) bool {
		return slices.Contains(r.APIGroups, what.Group) && slices.Contains(r.Resources, resource) && slices.Contains(r.Verbs, what.Verb)
	})
}

// role reads the rules of elbsim's own manifest, and the user that it is for.
func role(t *testing.T, user string) ([]rbac.PolicyRule, rbac.ClusterRoleBinding) {
	t.Helper()
	manifest, err := preflight.Role(user)
	require.NoError(t, err)
	documents := strings.Split(string(manifest), "---\n")
	require.Len(t, documents, 3)
	var role rbac.ClusterRole
	var binding rbac.ClusterRoleBinding
	require.NoError(t, yaml.UnmarshalStrict([]byte(documents[1]), &role))
	require.NoError(t, yaml.UnmarshalStrict([]byte(documents[2]), &binding))
	assert.Equal(t, role.Name, binding.RoleRef.Name)
	return role.Rules, binding
}

func TestMissingPermissions(t *testing.T) {
	rules, _ := role(t, "jane")
	without := func(denied ...string) func(authorization.ResourceAttributes) (bool, error) {
		return func(a authorization.ResourceAttributes) (bool, error) {
			return granted(rules, a) && !slices.Contains(denied, a.Verb+" "+a.Resource+a.Subresource), nil
		}
	}
	for _, c := range []struct {
		name     string
		allows   func(authorization.ResourceAttributes) (bool, error)
		needed   []string
		optional []string
	}{
		{name: "who has the role that elbsim prints lacks nothing", allows: without()},
		{name: "verbs of one resource are one line", allows: without("list pods", "watch pods"), needed: []string{"list, watch pods"}},
		{name: "a resource is named with its group and subresource", allows: without("patch ingressesstatus", "create customresourcedefinitions"),
			needed: []string{"create customresourcedefinitions.apiextensions.k8s.io", "patch ingresses.networking.k8s.io/status"}},
		{name: "without events elbsim goes on, and says what is lost", allows: without("create events"),
			optional: []string{"create events (without: no events tell why the controller fails)"}},
		{name: "deleting webhooks is for --forget only", allows: without("delete mutatingwebhookconfigurations"),
			optional: []string{"delete mutatingwebhookconfigurations.admissionregistration.k8s.io (without: no --forget)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var asked atomic.Int32
			missing, err := preflight.Permissions(t.Context(), cluster("jane", &asked, c.allows))
			require.NoError(t, err)
			assert.Equal(t, c.needed, missing.Needed)
			assert.Equal(t, c.optional, missing.Optional)
			assert.Equal(t, c.needed != nil, missing.Err() != nil, "only what is needed ends elbsim")
		})
	}
}

func TestAnAdministratorIsAskedAboutOnce(t *testing.T) {
	var asked atomic.Int32
	missing, err := preflight.Permissions(t.Context(), cluster("root", &asked, func(authorization.ResourceAttributes) (bool, error) { return true, nil }))
	require.NoError(t, err)
	assert.Empty(t, missing)
	assert.EqualValues(t, 1, asked.Load())
}

func TestTheMessageNamesUserAndCure(t *testing.T) {
	nothing := func(authorization.ResourceAttributes) (bool, error) { return false, nil }
	var asked atomic.Int32
	missing, err := preflight.Permissions(t.Context(), cluster("system:serviceaccount:ci:it's", &asked, nothing))
	require.NoError(t, err)
	message := missing.Err().Error()
	assert.Contains(t, message, `the user "system:serviceaccount:ci:it's" of the kubeconfig may not do in the cluster what elbsim needs:`)
	assert.Contains(t, message, "\n  create, get, list, patch, update, watch services\n")
	assert.Contains(t, message, "\n  get, list, watch secrets (without: no sign-in of users by OIDC)\n")
	assert.Contains(t, message, `elbsim role 'system:serviceaccount:ci:it'\''s' | kubectl apply -f -`)

	missing, err = preflight.Permissions(t.Context(), cluster("", &asked, nothing))
	require.NoError(t, err, "an older API server does not tell who one is")
	assert.Contains(t, missing.Cure(), "elbsim role 'USER'")
}

func TestAnAPIServerThatCannotBeAskedIsAnError(t *testing.T) {
	for name, failing := range map[string]string{"at once": "*", "later": "pods"} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			_, err := preflight.Permissions(t.Context(), cluster("jane", &asked, func(a authorization.ResourceAttributes) (bool, error) {
				if a.Resource == failing {
					return false, errors.New("connection refused")
				}
				return false, nil
			}))
			assert.EqualError(t, err, "ask the API server what elbsim may do: connection refused")
		})
	}
}

func TestTheRoleIsBoundToTheUser(t *testing.T) {
	_, binding := role(t, "jane")
	assert.Equal(t, []rbac.Subject{{APIGroup: rbac.GroupName, Kind: rbac.UserKind, Name: "jane"}}, binding.Subjects)
}

// notRun are the API groups of controllers that elbsim does not run, and one that no API server has any more.
var notRun = []string{"aga.k8s.aws", "gateway.k8s.aws", "gateway.networking.k8s.io", "extensions"}

func TestTheRoleHasAllOfTheControllersOwn(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/aws-load-balancer-controller").Output()
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "config", "rbac", "role.yaml"))
	require.NoError(t, err)
	var theirs rbac.ClusterRole
	require.NoError(t, yaml.Unmarshal(text, &theirs))
	require.NotEmpty(t, theirs.Rules)
	ours, _ := role(t, "jane")
	compared := 0
	for _, rule := range theirs.Rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				// QUIC server IDs and target control agents, whose webhooks are not registered.
				if slices.Contains(notRun, group) || resource == "albtargetcontrolconfigs" {
					continue
				}
				for _, verb := range rule.Verbs {
					compared++
					name, sub, _ := strings.Cut(resource, "/")
					what := authorization.ResourceAttributes{Group: group, Resource: name, Subresource: sub, Verb: verb}
					assert.True(t, granted(ours, what), "%s %s of group %q", verb, resource, group)
				}
			}
		}
	}
	assert.Greater(t, compared, 40)
}
