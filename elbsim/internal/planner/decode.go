// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	kjson "sigs.k8s.io/json"

	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
)

// object is one manifest that the controller reads.
type object struct {
	client.Object
	name   string // "Ingress <namespace>/<name>", or "<kind> <name>"
	source manifest.Source
}

// decode makes typed objects. What the API server could not decode is rejected. The same object twice
// is an error, because which one counts would depend on who applies them, and so is a kind that is
// nearly one of kinds; all of them are named.
func (p *plan) decode(input []manifest.Object) error {
	seen := map[string]manifest.Source{}
	var wrong manifest.Errors
	for _, given := range input {
		in, notes := translateParams(given)
		k, ok := kinds[in.APIVersion+" "+in.Kind]
		if !ok {
			if message := misnamed(in.APIVersion, in.Kind); message != "" {
				wrong = append(wrong, fmt.Errorf("%s: %s", in.Source, message))
			}
			continue
		}
		o := object{Object: k.make(), source: in.Source}
		unknown, err := kjson.UnmarshalStrict(in.JSON, o.Object)
		if err != nil {
			p.reject(p.nameOf(in, k), admission, "the API server cannot decode it (%s): %v", in.Source, decodeMessage(err))
			continue
		}
		if o.GetName() == "" {
			p.reject(in.Kind+" without a name", admission, "metadata.name is missing (%s); generateName has no meaning in a plan", in.Source)
			continue
		}
		o.name = in.Kind + " " + o.GetName()
		if k.namespaced {
			if o.GetNamespace() == "" {
				o.SetNamespace(p.opts.Namespace)
			}
			o.name = in.Kind + " " + o.GetNamespace() + "/" + o.GetName()
		} else {
			o.SetNamespace("")
		}
		if first, twice := seen[given.APIVersion+" "+o.name]; twice {
			wrong = append(wrong, fmt.Errorf("%s is given twice, in %s and in %s; give it once", o.name, first, in.Source))
			continue
		}
		seen[given.APIVersion+" "+o.name] = in.Source
		p.translate(o, given.APIVersion)
		for _, note := range notes {
			p.warning(o.name, "%s", note)
		}
		for _, err := range unknown {
			p.warning(o.name, "%v: the API server drops the field", err)
		}
		o.SetUID(uid(o.name))
		// What `kubectl get -o yaml` shows of an object's past is not part of what is asked for.
		o.SetResourceVersion("")
		o.SetManagedFields(nil)
		o.SetDeletionTimestamp(nil)
		if secret, ok := o.Object.(*corev1.Secret); ok {
			completeSecret(secret)
		}
		p.places[o.name] = len(p.objects)
		p.objects = append(p.objects, o)
	}
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

// object returns the object of a name. IngressClassParams of two API groups may have one name; then it is the last.
func (p *plan) object(name string) (object, bool) {
	i, ok := p.places[name]
	if !ok {
		return object{}, false
	}
	return p.objects[i], true
}

// completeSecret moves text to data, as the API server does.
func completeSecret(s *corev1.Secret) {
	if s.Data == nil {
		s.Data = map[string][]byte{}
	}
	for k, v := range s.StringData {
		s.Data[k] = []byte(v)
	}
	s.StringData = nil
}

// nameOf names an object that could not be decoded whole, from as much as could.
func (p *plan) nameOf(in manifest.Object, k kind) string {
	var head struct {
		Metadata struct {
			Name      string `json:"name"`
			Namespace string `json:"namespace"`
		} `json:"metadata"`
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(in.JSON, &head); err != nil {
		return in.Kind
	}
	switch m := head.Metadata; {
	case m.Name == "":
		return in.Kind + " without a name"
	case !k.namespaced:
		return in.Kind + " " + m.Name
	case m.Namespace == "":
		return in.Kind + " " + p.opts.Namespace + "/" + m.Name
	default:
		return in.Kind + " " + m.Namespace + "/" + m.Name
	}
}

// decodeMessage adds the cure for the usual mistake.
func decodeMessage(err error) string {
	m := err.Error()
	if strings.Contains(m, "annotations") || strings.Contains(m, "labels") {
		m += "; annotations and labels must be text, so quote the value"
	}
	return m
}
