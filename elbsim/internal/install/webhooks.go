// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package install

import (
	"context"
	"errors"
	"fmt"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ac "k8s.io/client-go/applyconfigurations/admissionregistration/v1"
	acmeta "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// configuration is the name of both webhook configurations in the controller's chart.
const configuration = "aws-load-balancer-webhook"

// controllerName is the label app.kubernetes.io/name of the controller's own objects.
const controllerName = "aws-load-balancer-controller"

// Server is where the API server finds the webhooks.
type Server struct {
	URL      string // https://<host>:<port>
	CABundle []byte // PEM
}

// hook is one admission webhook as the controller's chart registers it, with chart defaults.
type hook struct {
	name, path string
	group      string // API group; "" is core
	version    string
	resource   string
	operations []admissionv1.OperationType
	failure    admissionv1.FailurePolicyType
	// namespaceLabel is the label with value "enabled" that a namespace must have; empty: all namespaces.
	namespaceLabel string
	// sparesController leaves the controller's own objects out.
	sparesController bool
	equivalent       bool // matchPolicy spelled out; it is the API's default too
}

var (
	create         = []admissionv1.OperationType{admissionv1.Create}
	createOrUpdate = []admissionv1.OperationType{admissionv1.Create, admissionv1.Update}
)

// The webhooks whose paths the controller package serves. The chart's others belong to controllers
// that elbsim does not run: QUIC server IDs, target control agents, global accelerators.
var (
	mutating = []hook{
		{name: "mpod.elbv2.k8s.aws", path: "/mutate-v1-pod", version: "v1", resource: "pods", operations: create, failure: admissionv1.Ignore, namespaceLabel: "elbv2.k8s.aws/pod-readiness-gate-inject", sparesController: true},
		{name: "mservice.elbv2.k8s.aws", path: "/mutate-v1-service", version: "v1", resource: "services", operations: create, failure: admissionv1.Fail, sparesController: true},
		{name: "mtargetgroupbinding.elbv2.k8s.aws", path: "/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding", group: "elbv2.k8s.aws", version: "v1beta1", resource: "targetgroupbindings", operations: createOrUpdate, failure: admissionv1.Fail},
	}
	validating = []hook{
		{name: "vingressclassparams.elbv2.k8s.aws", path: "/validate-elbv2-k8s-aws-v1beta1-ingressclassparams", group: "elbv2.k8s.aws", version: "v1beta1", resource: "ingressclassparams", operations: createOrUpdate, failure: admissionv1.Fail, sparesController: true},
		{name: "vtargetgroupbinding.elbv2.k8s.aws", path: "/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding", group: "elbv2.k8s.aws", version: "v1beta1", resource: "targetgroupbindings", operations: createOrUpdate, failure: admissionv1.Fail},
		{name: "vingress.elbv2.k8s.aws", path: "/validate-networking-v1-ingress", group: "networking.k8s.io", version: "v1", resource: "ingresses", operations: createOrUpdate, failure: admissionv1.Fail, equivalent: true},
	}
)

// Free fails when the cluster has a load balancer controller of its own: its webhooks are registered for a
// Service in the cluster, and elbsim would put itself in its place.
func Free(ctx context.Context, client kubernetes.Interface) error {
	config, err := client.AdmissionregistrationV1().MutatingWebhookConfigurations().Get(ctx, configuration, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a load balancer controller in the cluster: %w", err)
	}
	for _, w := range config.Webhooks {
		if svc := w.ClientConfig.Service; svc != nil {
			return fmt.Errorf("the cluster has an AWS Load Balancer Controller of its own (webhook %s is served by Service %s/%s): uninstall it, or use another cluster", w.Name, svc.Namespace, svc.Name)
		}
	}
	return nil
}

// Webhooks registers the webhooks. Call it when the server answers: from then on the API server refuses
// Services, Ingresses and TargetGroupBindings whenever the server does not answer.
func Webhooks(ctx context.Context, client kubernetes.Interface, server Server) error {
	options := metav1.ApplyOptions{FieldManager: fieldManager, Force: true}
	registrations := client.AdmissionregistrationV1()
	_, errMutating := registrations.MutatingWebhookConfigurations().Apply(ctx, mutatingConfiguration(server), options)
	_, errValidating := registrations.ValidatingWebhookConfigurations().Apply(ctx, validatingConfiguration(server), options)
	if err := errors.Join(errMutating, errValidating); err != nil {
		return fmt.Errorf("register webhooks of %s: %w", server.URL, err)
	}
	return nil
}

func mutatingConfiguration(server Server) *ac.MutatingWebhookConfigurationApplyConfiguration {
	config := ac.MutatingWebhookConfiguration(configuration)
	for _, h := range mutating {
		w := ac.MutatingWebhook().WithName(h.name).WithClientConfig(h.client(server)).WithRules(h.rule()).
			WithFailurePolicy(h.failure).WithSideEffects(admissionv1.SideEffectClassNone).WithAdmissionReviewVersions("v1beta1")
		w.NamespaceSelector, w.ObjectSelector, w.MatchPolicy = h.namespaces(), h.objects(), h.matchPolicy()
		config.WithWebhooks(w)
	}
	return config
}

func validatingConfiguration(server Server) *ac.ValidatingWebhookConfigurationApplyConfiguration {
	config := ac.ValidatingWebhookConfiguration(configuration)
	for _, h := range validating {
		w := ac.ValidatingWebhook().WithName(h.name).WithClientConfig(h.client(server)).WithRules(h.rule()).
			WithFailurePolicy(h.failure).WithSideEffects(admissionv1.SideEffectClassNone).WithAdmissionReviewVersions("v1beta1")
		w.NamespaceSelector, w.ObjectSelector, w.MatchPolicy = h.namespaces(), h.objects(), h.matchPolicy()
		config.WithWebhooks(w)
	}
	return config
}

func (h hook) client(server Server) *ac.WebhookClientConfigApplyConfiguration {
	return ac.WebhookClientConfig().WithURL(server.URL + h.path).WithCABundle(server.CABundle...)
}

func (h hook) rule() *ac.RuleWithOperationsApplyConfiguration {
	return ac.RuleWithOperations().WithOperations(h.operations...).WithAPIGroups(h.group).WithAPIVersions(h.version).WithResources(h.resource)
}

func (h hook) namespaces() *acmeta.LabelSelectorApplyConfiguration {
	if h.namespaceLabel == "" {
		return nil
	}
	return selector(h.namespaceLabel, metav1.LabelSelectorOpIn, "enabled")
}

func (h hook) objects() *acmeta.LabelSelectorApplyConfiguration {
	if !h.sparesController {
		return nil
	}
	return selector("app.kubernetes.io/name", metav1.LabelSelectorOpNotIn, controllerName)
}

func (h hook) matchPolicy() *admissionv1.MatchPolicyType {
	if !h.equivalent {
		return nil
	}
	policy := admissionv1.Equivalent
	return &policy
}

func selector(key string, operator metav1.LabelSelectorOperator, value string) *acmeta.LabelSelectorApplyConfiguration {
	return acmeta.LabelSelector().WithMatchExpressions(acmeta.LabelSelectorRequirement().WithKey(key).WithOperator(operator).WithValues(value))
}
