// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package preflight

import (
	"fmt"
	"strings"

	authorization "k8s.io/api/authorization/v1"
	rbac "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// roleName is the name of the ClusterRole and of its binding.
const roleName = "elbsim"

// need is what elbsim does in the cluster with one resource.
type need struct {
	group    string // "" is core
	resource string // with its subresource
	verbs    []string
	// without is what is lost without it; "" is everything.
	without string
}

// needs are the rules of the controller's own role (config/rbac/role.yaml) for the controllers that elbsim runs, and
// what elbsim does itself: it installs CRDs, IngressClass and webhooks, and tries the webhooks by dry runs.
var needs = []need{
	{group: "apiextensions.k8s.io", resource: "customresourcedefinitions", verbs: []string{"create", "get", "patch"}},
	{group: "admissionregistration.k8s.io", resource: "mutatingwebhookconfigurations", verbs: []string{"create", "get", "patch"}},
	{group: "admissionregistration.k8s.io", resource: "validatingwebhookconfigurations", verbs: []string{"create", "patch"}},
	{group: "networking.k8s.io", resource: "ingressclasses", verbs: []string{"create", "get", "list", "patch", "watch"}},
	{group: "elbv2.k8s.aws", resource: "ingressclassparams", verbs: []string{"create", "get", "list", "patch", "watch"}},
	{group: "elbv2.k8s.aws", resource: "targetgroupbindings", verbs: []string{"create", "delete", "get", "list", "patch", "update", "watch"}},
	{group: "elbv2.k8s.aws", resource: "targetgroupbindings/status", verbs: []string{"patch", "update"}},
	{group: "networking.k8s.io", resource: "ingresses", verbs: []string{"create", "get", "list", "patch", "update", "watch"}},
	{group: "networking.k8s.io", resource: "ingresses/status", verbs: []string{"patch", "update"}},
	{resource: "services", verbs: []string{"create", "get", "list", "patch", "update", "watch"}},
	{resource: "services/status", verbs: []string{"patch", "update"}},
	{resource: "namespaces", verbs: []string{"get", "list", "watch"}},
	{resource: "nodes", verbs: []string{"get", "list", "watch"}},
	{resource: "pods", verbs: []string{"get", "list", "watch"}},
	{resource: "endpoints", verbs: []string{"get", "list", "watch"}},
	{group: "discovery.k8s.io", resource: "endpointslices", verbs: []string{"get", "list", "watch"}},
	{resource: "pods/status", verbs: []string{"patch", "update"}, without: "readiness gates of pods are never met"},
	{resource: "events", verbs: []string{"create", "patch"}, without: "no events tell why the controller fails"},
	{resource: "secrets", verbs: []string{"get", "list", "watch"}, without: "no sign-in of users by OIDC"},
	{resource: "configmaps", verbs: []string{"create", "delete", "get", "update"}, without: "no target groups that several clusters share"},
	{group: "admissionregistration.k8s.io", resource: "mutatingwebhookconfigurations", verbs: []string{"delete"}, without: "no --forget"},
	{group: "admissionregistration.k8s.io", resource: "validatingwebhookconfigurations", verbs: []string{"delete"}, without: "no --forget"},
}

// String is the resource as kubectl takes it, such as "ingresses.networking.k8s.io/status".
func (n need) String() string {
	resource, sub, _ := strings.Cut(n.resource, "/")
	if n.group != "" {
		resource += "." + n.group
	}
	if sub != "" {
		resource += "/" + sub
	}
	return resource
}

func (n need) attributes(verb string) authorization.ResourceAttributes {
	resource, sub, _ := strings.Cut(n.resource, "/")
	return authorization.ResourceAttributes{Verb: verb, Group: n.group, Resource: resource, Subresource: sub}
}

// Role is a manifest that lets a user do all that elbsim does: a ClusterRole and its binding. A service account is the
// user "system:serviceaccount:NAMESPACE:NAME".
func Role(user string) ([]byte, error) {
	role := rbac.ClusterRole{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbac.SchemeGroupVersion.String(), Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{Name: roleName},
	}
	for _, n := range needs {
		role.Rules = append(role.Rules, rbac.PolicyRule{APIGroups: []string{n.group}, Resources: []string{n.resource}, Verbs: n.verbs})
	}
	binding := rbac.ClusterRoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbac.SchemeGroupVersion.String(), Kind: "ClusterRoleBinding"},
		ObjectMeta: metav1.ObjectMeta{Name: roleName},
		RoleRef:    rbac.RoleRef{APIGroup: rbac.GroupName, Kind: "ClusterRole", Name: roleName},
		Subjects:   []rbac.Subject{{APIGroup: rbac.GroupName, Kind: rbac.UserKind, Name: user}},
	}
	var out []byte
	for _, object := range []any{role, binding} {
		document, err := yaml.Marshal(object)
		if err != nil {
			return nil, fmt.Errorf("write the role of %q: %w", user, err)
		}
		out = append(append(out, "---\n"...), document...)
	}
	return out, nil
}
