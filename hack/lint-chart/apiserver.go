// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"encoding/json"
	"net/http"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// apiServer answers as the API server of a cluster that holds these objects, as far as programs read: get,
// list, and a watch during which nothing happens. `istioctl analyze` leaves a third of its analyzers out
// when it is given files, all that need Services, Pods, Namespaces or Secrets; of a cluster it runs all.
type apiServer struct {
	version string // of Kubernetes
	objects map[schema.GroupResource][]unstructured.Unstructured
}

// newAPIServer serves these objects. CRDs among them tell the plurals of their kinds.
func newAPIServer(version string, objects []unstructured.Unstructured) apiServer {
	plurals := map[schema.GroupKind]string{}
	for _, object := range objects {
		if object.GetKind() == "CustomResourceDefinition" {
			text := func(path ...string) string {
				value, _, _ := unstructured.NestedString(object.Object, append([]string{"spec"}, path...)...)
				return value
			}
			plurals[schema.GroupKind{Group: text("group"), Kind: text("names", "kind")}] = text("names", "plural")
		}
	}
	s := apiServer{version: version, objects: map[schema.GroupResource][]unstructured.Unstructured{}}
	for _, object := range objects {
		kind := object.GroupVersionKind()
		resource, _ := meta.UnsafeGuessKindToResource(kind)
		if plural := plurals[kind.GroupKind()]; plural != "" {
			resource.Resource = plural
		}
		s.objects[resource.GroupResource()] = append(s.objects[resource.GroupResource()], object)
	}
	return s
}

func (s apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, ok := parseQuery(r)
	switch {
	case r.URL.Path == "/version":
		minor := strings.Split(strings.TrimPrefix(s.version, "v"), ".")
		answer(w, http.StatusOK, map[string]any{"major": minor[0], "minor": minor[1], "gitVersion": s.version})
	case !ok || r.Method != http.MethodGet:
		fail(w, http.StatusNotFound, metav1.StatusReasonNotFound)
	case r.URL.Query().Get("sendInitialEvents") == "true":
		fail(w, http.StatusUnprocessableEntity, metav1.StatusReasonInvalid) // clients then list
	case r.URL.Query().Get("watch") != "":
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	case q.name != "":
		found := s.find(q)
		if len(found) == 0 {
			fail(w, http.StatusNotFound, metav1.StatusReasonNotFound)
			return
		}
		answer(w, http.StatusOK, found[0])
	default:
		s.list(w, q, strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList"))
	}
}

// query is what a request asks for.
type query struct {
	resource        schema.GroupVersionResource
	namespace, name string // empty: all
	labels          labels.Selector
	fields          fields.Selector
}

// parseQuery reads /api/v1/… and /apis/GROUP/VERSION/…; ok is false for other paths.
func parseQuery(r *http.Request) (q query, ok bool) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(parts) >= 3 && parts[0] == "api":
		q.resource.Version, parts = parts[1], parts[2:]
	case len(parts) >= 4 && parts[0] == "apis":
		q.resource.Group, q.resource.Version, parts = parts[1], parts[2], parts[3:]
	default:
		return q, false
	}
	if len(parts) >= 3 && parts[0] == "namespaces" {
		q.namespace, parts = parts[1], parts[2:]
	}
	q.resource.Resource = parts[0]
	if len(parts) > 1 {
		q.name = parts[1]
	}
	var labelsErr, fieldsErr error
	q.labels, labelsErr = labels.Parse(r.URL.Query().Get("labelSelector"))
	q.fields, fieldsErr = fields.ParseSelector(r.URL.Query().Get("fieldSelector"))
	return q, labelsErr == nil && fieldsErr == nil && len(parts) <= 2
}

// find returns the objects asked for, in the version asked for.
func (s apiServer) find(q query) []map[string]any {
	found := []map[string]any{}
	for _, object := range s.objects[q.resource.GroupResource()] {
		if q.namespace != "" && object.GetNamespace() != q.namespace || q.name != "" && object.GetName() != q.name ||
			!q.labels.Matches(labels.Set(object.GetLabels())) ||
			!q.fields.Matches(fields.Set{"metadata.name": object.GetName(), "metadata.namespace": object.GetNamespace()}) {
			continue
		}
		object = *object.DeepCopy()
		object.SetGroupVersionKind(q.resource.GroupVersion().WithKind(object.GetKind()))
		found = append(found, object.Object)
	}
	return found
}

func (s apiServer) list(w http.ResponseWriter, q query, onlyMetadata bool) {
	items := s.find(q)
	list := map[string]any{"metadata": map[string]any{"resourceVersion": "1"}, "items": items}
	if onlyMetadata {
		list["apiVersion"], list["kind"] = "meta.k8s.io/v1", "PartialObjectMetadataList"
		for i, item := range items {
			items[i] = map[string]any{"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": item["metadata"]}
		}
	}
	answer(w, http.StatusOK, list)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that has gone needs no answer
}

func fail(w http.ResponseWriter, status int32, reason metav1.StatusReason) {
	answer(w, int(status), metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Code: status, Reason: reason,
	})
}
