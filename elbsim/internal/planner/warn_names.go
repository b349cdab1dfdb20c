// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/aws-load-balancer-controller/pkg/annotations"
)

// awsSuffix begins the names of the controller's annotations under the Service prefix, which belongs to Kubernetes. All but
// load-balancer-source-ranges and actions.… have it.
const awsSuffix = "aws-load-balancer-"

// warnNames names annotations that are meant for the controller and are none, or none of this kind of object.
func (p *plan) warnNames(o object, isService bool) {
	for _, key := range slices.Sorted(maps.Keys(o.GetAnnotations())) {
		prefix, suffix, _ := strings.Cut(key, "/")
		switch {
		case key == annotations.QuicEnabledContainersAnnotation:
			p.warning(o.name, "annotation %s has no effect here: the controller reads it from Pods; move it to the template of the Pods", key)
		case prefix == annotations.AnnotationPrefixIngress && isKnown(suffix, ingressSuffixes, ingressDynamic):
			if isService && !readFromService(suffix) {
				p.warning(o.name, "annotation %s has no effect on a Service: the controller reads it from Ingresses; move it there", key)
			}
		case prefix == serviceAnnotations && isKnown(suffix, serviceSuffixes, serviceDynamic):
			if !isService && strings.HasPrefix(suffix, awsSuffix) {
				p.warning(o.name, "annotation %s has no effect on an Ingress: it makes Network Load Balancers of Services; annotations of an Application Load Balancer begin with %s/", key, annotations.AnnotationPrefixIngress)
			}
		case prefix == annotations.AnnotationPrefixIngress || meantForALB(key):
			p.warnUnknown(o.name, key, annotations.AnnotationPrefixIngress, ingressSuffixes, ingressDynamic)
		case strings.HasPrefix(suffix, awsSuffix) || strings.HasPrefix(strings.ToLower(key), serviceAnnotations+"/"+awsSuffix):
			p.warnUnknown(o.name, key, serviceAnnotations, serviceSuffixes, serviceDynamic)
		}
	}
}

// isKnown says whether the controller reads such a name; of names that go on, only with what they go on with.
func isKnown(suffix string, known, dynamic []string) bool {
	head, rest, goesOn := strings.Cut(suffix, ".")
	if slices.Contains(dynamic, head) && goesOn && rest != "" {
		return true
	}
	return slices.Contains(known, suffix) && !neverAlone(suffix)
}

// neverAlone says of a constant of the controller that it is but the beginning of a name.
func neverAlone(suffix string) bool {
	return suffix == annotations.IngressSuffixlsAttsAnnotationPrefix || suffix == annotations.IngressSuffixTargetControlPort || suffix == annotations.SvcLBSuffixlsAttsAnnotationPrefix
}

func readFromService(suffix string) bool {
	return slices.Contains(backendSuffixes, suffix) || suffix == annotations.IngressSuffixTags || suffix == annotations.IngressLBSuffixMultiClusterTargetGroup ||
		strings.HasPrefix(suffix, annotations.IngressSuffixTargetControlPort+".")
}

// meantForALB says of a name with another prefix that it means the Ingress prefix: misspelt, in capitals, or without its slash.
func meantForALB(key string) bool {
	lower := strings.ToLower(key)
	prefix, suffix, slashed := strings.Cut(lower, "/")
	if !slashed {
		return strings.HasPrefix(lower, annotations.AnnotationPrefixIngress)
	}
	return distance(prefix, annotations.AnnotationPrefixIngress) <= 2 || strings.HasPrefix(prefix, "alb.") && isKnown(suffix, ingressSuffixes, ingressDynamic)
}

func (p *plan) warnUnknown(name, key, prefix string, known, dynamic []string) {
	_, suffix, slashed := strings.Cut(key, "/")
	if !slashed {
		suffix = strings.TrimLeft(key[min(len(prefix), len(key)):], ".-_")
	}
	head, rest, goesOn := strings.Cut(suffix, ".")
	hint := ""
	switch {
	case neverAlone(suffix):
		hint = "; its name goes on, as in " + prefix + "/" + suffix + map[bool]string{true: ".<service>.<port>", false: ".<protocol>-<port>"}[suffix == annotations.IngressSuffixTargetControlPort]
	case isKnown(suffix, known, dynamic):
		hint = "; write " + prefix + "/" + suffix
	case goesOn && nearest(head, dynamic) != "":
		hint = "; did you mean " + prefix + "/" + nearest(head, dynamic) + "." + rest + "?"
	case nearest(suffix, known) != "":
		hint = "; did you mean " + prefix + "/" + nearest(suffix, known) + "?"
	}
	p.warning(name, "annotation %s is unknown to the load balancer controller, which ignores it%s", key, hint)
}

// nearest returns the known name that goes on where this one ends, or else takes the fewest edits to
// reach, if they are few.
func nearest(name string, known []string) string {
	name = strings.ToLower(name)
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
