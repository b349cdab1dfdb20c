// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	elbv2api "sigs.k8s.io/aws-load-balancer-controller/apis/elbv2/v1beta1"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/annotations"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// useAnnotation is the port name that stands for the annotation actions.<name>.
const useAnnotation = "use-annotation"

// warn names what the controller accepts and ignores, or answers with a 503.
func (p *plan) warn() {
	for _, o := range p.objects {
		p.warnAutoMode(o)
		switch x := o.Object.(type) {
		case *corev1.Service:
			p.warnAnnotations(o, serviceAnnotations+"/", serviceSuffixes, serviceDynamic)
			p.warnAnnotations(o, annotations.AnnotationPrefixIngress+"/", ingressSuffixes, ingressDynamic)
		case *elbv2api.TargetGroupBinding:
			if !p.refused[o.name] {
				p.warnBinding(o.name, x)
			}
		case *networkingv1.Ingress:
			p.warnAnnotations(o, annotations.AnnotationPrefixIngress+"/", ingressSuffixes, ingressDynamic)
			if p.handled[o.name] {
				p.warnMissing(o.name, x)
			}
		}
	}
}

// warnAnnotations names annotations that begin as the controller's do and are none. Of those under
// the Service prefix, which belongs to Kubernetes, only names that are meant for the controller.
func (p *plan) warnAnnotations(o object, prefix string, known, dynamic []string) {
	for _, key := range slices.Sorted(maps.Keys(o.GetAnnotations())) {
		suffix, ok := strings.CutPrefix(key, prefix)
		if !ok || slices.Contains(known, suffix) || slices.ContainsFunc(dynamic, func(d string) bool { return strings.HasPrefix(suffix, d+".") }) {
			continue
		}
		if prefix == serviceAnnotations+"/" && !strings.HasPrefix(suffix, "aws-load-balancer-") {
			continue
		}
		hint := ""
		if name := nearest(suffix, known); name != "" {
			hint = "; did you mean " + prefix + name + "?"
		}
		p.warning(o.name, "annotation %s is unknown to the load balancer controller, which ignores it%s", key, hint)
	}
}

// warnMissing names backends that do not exist: the controller answers for them with a 503.
func (p *plan) warnMissing(name string, ing *networkingv1.Ingress) {
	var backends []networkingv1.IngressBackend
	if b := ing.Spec.DefaultBackend; b != nil {
		backends = append(backends, *b)
	}
	for _, r := range ing.Spec.Rules {
		if r.HTTP != nil {
			for _, path := range r.HTTP.Paths {
				backends = append(backends, path.Backend)
			}
		}
	}
	seen := map[string]bool{}
	for _, b := range backends {
		if b.Service == nil || seen[b.Service.Name] {
			continue
		}
		seen[b.Service.Name] = true
		if b.Service.Port.Name == useAnnotation {
			action := annotations.AnnotationPrefixIngress + "/actions." + b.Service.Name
			if _, ok := ing.Annotations[action]; !ok {
				p.warning(name, "annotation %s is missing: requests for backend %q are answered with a 503", action, b.Service.Name)
			}
			continue
		}
		if !p.services[client.ObjectKey{Namespace: ing.Namespace, Name: b.Service.Name}] {
			p.warning(name, "Service %s/%s is not among the manifests: unless the cluster has it, requests for it are answered with a 503", ing.Namespace, b.Service.Name)
		}
	}
}

// nearest returns the known name that goes on where this one ends, or else takes the fewest edits to
// reach, if they are few.
func nearest(name string, known []string) string {
	best, found := len(name)/3+3, ""
	for _, k := range known {
		if strings.HasPrefix(k, name+"-") {
			return k
		}
		if d := distance(name, k); d < best {
			best, found = d, k
		}
	}
	return found
}

// distance is Levenshtein's: the number of letters to insert, delete or change.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
