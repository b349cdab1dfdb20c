// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package preflight finds what elbsim lacks on this machine and in the cluster before that shows as something else:
// permissions, ports, ways to the pods. Each finding names what is missing and how to give it. It changes nothing.
package preflight

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"
	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// inParallel is how many questions the API server is asked at a time.
const inParallel = 16

// Missing is what a user may not do in the cluster.
type Missing struct {
	// User is the name that the API server knows the user by; "" if it does not tell.
	User string
	// Needed is that without which nothing works, such as "list, watch pods".
	Needed []string
	// Optional is that without which elbsim goes on. What is lost is in the text.
	Optional []string
}

// Permissions asks the API server which permissions of Role the user of client lacks. An error means that it could
// not be asked.
func Permissions(ctx context.Context, client kubernetes.Interface) (Missing, error) {
	everything, err := may(ctx, client, authorization.ResourceAttributes{Verb: "*", Group: "*", Resource: "*"})
	if err != nil || everything {
		return Missing{}, err
	}
	denied := make([][]bool, len(needs)) // by need and verb
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(inParallel)
	for i, n := range needs {
		denied[i] = make([]bool, len(n.verbs))
		for j, verb := range n.verbs {
			group.Go(func() error {
				allowed, err := may(groupCtx, client, n.attributes(verb))
				denied[i][j] = !allowed
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return Missing{}, err
	}
	var missing Missing
	for i, n := range needs {
		var verbs []string
		for j, verb := range n.verbs {
			if denied[i][j] {
				verbs = append(verbs, verb)
			}
		}
		switch what := strings.Join(verbs, ", ") + " " + n.String(); {
		case len(verbs) == 0:
		case n.without == "":
			missing.Needed = append(missing.Needed, what)
		default:
			missing.Optional = append(missing.Optional, what+" (without: "+n.without+")")
		}
	}
	if len(missing.Needed)+len(missing.Optional) == 0 {
		return Missing{}, nil
	}
	// A server before Kubernetes 1.28 does not tell: then the cure names nobody.
	if self, err := client.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authentication.SelfSubjectReview{}, metav1.CreateOptions{}); err == nil {
		missing.User = self.Status.UserInfo.Username
	}
	return missing, nil
}

// may tells whether the user of client may do something.
func may(ctx context.Context, client kubernetes.Interface, what authorization.ResourceAttributes) (bool, error) {
	answer, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx,
		&authorization.SelfSubjectAccessReview{Spec: authorization.SelfSubjectAccessReviewSpec{ResourceAttributes: &what}}, metav1.CreateOptions{})
	if err != nil {
		return false, fmt.Errorf("ask the API server what elbsim may do: %w", err)
	}
	return answer.Status.Allowed, nil
}

// Err is an error that names all that is missing if something is without which nothing works.
func (m Missing) Err() error {
	if len(m.Needed) == 0 {
		return nil
	}
	return fmt.Errorf("the user %q of the kubeconfig may not do in the cluster what elbsim needs:\n  %s\n%s",
		m.User, strings.Join(append(m.Needed, m.Optional...), "\n  "), m.Cure())
}

// Cure is the command that gives all that is missing.
func (m Missing) Cure() string {
	user := m.User
	if user == "" {
		user = "USER"
	}
	return "whoever administers the cluster gives it by: elbsim role '" + strings.ReplaceAll(user, "'", `'\''`) + "' | kubectl apply -f -"
}
