// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"encoding/json"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	elbv2api "sigs.k8s.io/aws-load-balancer-controller/apis/elbv2/v1beta1"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/ingress"

	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
)

// EKS Auto Mode has a load balancer controller of its own, which is AWS's and closed. Its objects are planned as if they were the AWS Load
// Balancer Controller's: what that one would make of the same wishes. Whether Auto Mode makes the same cannot be known from here, so each
// object that becomes a load balancer in this way carries a warning.
const (
	autoModeGroup   = "eks.amazonaws.com"
	autoModeVersion = autoModeGroup + "/v1"
	autoModeALB     = autoModeGroup + "/alb"
	autoModeNLB     = autoModeGroup + "/nlb"
	autoModeWarning = "EKS Auto Mode makes its load balancer, with a controller that is AWS's own and closed: this is what the AWS Load Balancer Controller would make of it"

	lbcNLB = "service.k8s.aws/nlb"
)

// translateParams puts IngressClassParams of EKS Auto Mode into the AWS Load Balancer Controller's words. The notes are about fields that
// have no such words.
func translateParams(in manifest.Object) (out manifest.Object, notes []string) {
	if in.APIVersion != autoModeVersion || in.Kind != "IngressClassParams" {
		return in, nil
	}
	out = in
	out.APIVersion = elbv2api.GroupVersion.String()
	var params map[string]any
	if err := json.Unmarshal(in.JSON, &params); err != nil {
		return out, nil // decode says what is wrong
	}
	params["apiVersion"] = out.APIVersion
	if spec, ok := params["spec"].(map[string]any); ok {
		if _, found := spec["certificateArn"]; found {
			delete(spec, "certificateArn")
			notes = append(notes, "spec.certificateArn is a field of the AWS Load Balancer Controller's, not of EKS Auto Mode's; write certificateARNs")
		}
		if arns, found := spec["certificateARNs"]; found {
			spec["certificateArn"] = arns
			delete(spec, "certificateARNs")
		}
		if subnets, ok := spec["subnets"].(map[string]any); ok && subnets["matchTags"] != nil {
			delete(spec, "subnets")
			notes = append(notes, "spec.subnets.matchTags is not planned: the plan takes the subnets that are found without it")
		}
	}
	content, err := json.Marshal(params)
	if err != nil {
		return out, notes
	}
	out.JSON = content
	return out, notes
}

// paramsName keeps the parameters of EKS Auto Mode apart from the AWS Load Balancer Controller's, which may have the same name: no object
// has a blank in its.
func paramsName(name string) string { return name + " of " + autoModeGroup }

// translate does the same with a typed object, and remembers whose it is.
func (p *plan) translate(o object, from string) {
	switch x := o.Object.(type) {
	case *elbv2api.IngressClassParams:
		if from == autoModeVersion {
			x.Name = paramsName(x.Name)
		}
	case *networkingv1.IngressClass:
		if x.Spec.Controller != autoModeALB {
			return
		}
		p.autoModeClasses[x.Name] = true
		x.Spec.Controller = ingress.IngressClassControllerALB
		if params := x.Spec.Parameters; params != nil && params.APIGroup != nil && *params.APIGroup == autoModeGroup {
			*params.APIGroup, params.Name = elbv2api.GroupVersion.Group, paramsName(params.Name)
		}
	case *corev1.Service:
		if class := x.Spec.LoadBalancerClass; class != nil && *class == autoModeNLB {
			p.autoModeServices[o.name] = true
			*class = lbcNLB
		}
	}
}

// warnAutoMode says of what is planned that it is another controller's.
func (p *plan) warnAutoMode(o object) {
	auto := p.autoModeServices[o.name]
	if ing, ok := o.Object.(*networkingv1.Ingress); ok {
		auto = p.autoModeClasses[classOf(ing)]
	}
	if auto {
		p.warning(o.name, autoModeWarning)
	}
}

// classOf is the name of the class of an Ingress; the old annotation goes first.
func classOf(ing *networkingv1.Ingress) string {
	if class := ing.Annotations["kubernetes.io/ingress.class"]; class != "" {
		return class
	}
	if ing.Spec.IngressClassName == nil {
		return ""
	}
	return *ing.Spec.IngressClassName
}
