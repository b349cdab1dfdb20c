// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// surroundings are the objects that a cluster has beside a release: the release's pods as injected, the
// namespaces, the Services, pods and Secrets that its routes and gateways name. Without them istioctl would
// report each as missing. What the release itself has to provide is never among them: a Gateway whose
// selector no pod of the release has, or a route on a Gateway that is not there, stays a finding.
func surroundings(release []unstructured.Unstructured) ([]unstructured.Unstructured, error) {
	image, err := proxyImage(release)
	if err != nil {
		return nil, err
	}
	s := &standIns{release: release, image: image, services: map[string]*service{}, secrets: map[string]bool{}}
	namespaces := map[string]bool{}
	for _, object := range release {
		if namespace := object.GetNamespace(); namespace != "" {
			namespaces[namespace] = true
		}
		switch object.GetKind() {
		case "Deployment", "DaemonSet":
			s.pod(object)
		case "VirtualService":
			for section, routes := range nested(object, "spec") {
				s.destinations(object.GetNamespace(), section, routes)
			}
		case "DestinationRule":
			s.subsets(object)
		case "Gateway":
			if err := s.credentials(object); err != nil {
				return nil, err
			}
		}
	}
	for _, service := range s.services {
		namespaces[service.namespace] = true
		s.objects = append(s.objects, service.objects(image)...)
	}
	for namespace := range namespaces {
		labels := map[string]any{}
		if namespace != istioNamespace {
			labels["istio-injection"] = "enabled"
		}
		s.add("v1", "Namespace", "", namespace, map[string]any{"metadata": map[string]any{"labels": labels}})
	}
	return s.objects, nil
}

const istioNamespace = "istio-system"

// standIns collects objects that stand in for those of a cluster.
type standIns struct {
	release  []unstructured.Unstructured
	image    string              // of the proxy
	services map[string]*service // by namespace/name
	secrets  map[string]bool     // by namespace/name
	objects  []unstructured.Unstructured
}

func (s *standIns) add(apiVersion, kind, namespace, name string, content map[string]any) {
	s.objects = append(s.objects, newObject(apiVersion, kind, namespace, name, content))
}

func newObject(apiVersion, kind, namespace, name string, content map[string]any) unstructured.Unstructured {
	object := unstructured.Unstructured{Object: content}
	object.SetAPIVersion(apiVersion)
	object.SetKind(kind)
	object.SetName(name)
	if namespace != "" {
		object.SetNamespace(namespace)
	}
	return object
}

// pod adds one pod of a workload, with the image that the injection webhook gives a gateway.
func (s *standIns) pod(workload unstructured.Unstructured) {
	template := nested(*workload.DeepCopy(), "spec", "template")
	spec, _ := template["spec"].(map[string]any)
	containers, _ := spec["containers"].([]any)
	for _, container := range containers {
		if container := container.(map[string]any); container["image"] == "auto" {
			container["image"] = s.image
		}
	}
	s.add("v1", "Pod", workload.GetNamespace(), workload.GetName(), template)
}

// service stands in for an application: its Service and a pod for each subset.
type service struct {
	namespace, name string
	ports           map[int64]string // name by number
	subsets         map[string]any   // labels by name
}

// service returns the stand-in for the Service of a host, or nil when the host is no Service or one of the
// release's own.
func (s *standIns) service(namespace, host string) *service {
	labels := strings.Split(strings.TrimSuffix(host, ".svc.cluster.local"), ".")
	if strings.Contains(host, "*") || len(labels) > 2 || len(labels) == 2 && !strings.HasSuffix(host, ".svc.cluster.local") {
		return nil
	}
	if len(labels) == 2 {
		namespace = labels[1]
	}
	for _, object := range s.release {
		if object.GetKind() == "Service" && object.GetNamespace() == namespace && object.GetName() == labels[0] {
			return nil
		}
	}
	key := namespace + "/" + labels[0]
	if s.services[key] == nil {
		s.services[key] = &service{namespace, labels[0], map[int64]string{}, map[string]any{}}
	}
	return s.services[key]
}

// destinations finds every destination below a section of a VirtualService: http, tcp or tls.
func (s *standIns) destinations(namespace, section string, value any) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			s.destinations(namespace, section, element)
		}
	case map[string]any:
		if host, ok := value["host"].(string); ok {
			if service := s.service(namespace, host); service != nil {
				port, _ := value["port"].(map[string]any)
				if number, ok := port["number"].(int64); ok {
					service.ports[number] = fmt.Sprintf("%s-%d", section, number)
				}
			}
		}
		for _, element := range value {
			s.destinations(namespace, section, element)
		}
	}
}

// subsets notes which pods a DestinationRule distinguishes.
func (s *standIns) subsets(rule unstructured.Unstructured) {
	host, _, _ := unstructured.NestedString(rule.Object, "spec", "host")
	service := s.service(rule.GetNamespace(), host)
	if service == nil {
		return
	}
	subsets, _, _ := unstructured.NestedSlice(rule.Object, "spec", "subsets")
	for _, subset := range subsets {
		subset := subset.(map[string]any)
		labels, _ := subset["labels"].(map[string]any)
		service.subsets[subset["name"].(string)] = labels
	}
}

func (a *service) objects(image string) []unstructured.Unstructured {
	var ports []any
	for _, number := range slices.Sorted(maps.Keys(a.ports)) {
		ports = append(ports, map[string]any{"name": a.ports[number], "port": number, "protocol": "TCP", "targetPort": number})
	}
	if len(ports) == 0 {
		ports = []any{map[string]any{"name": "http", "port": int64(80), "protocol": "TCP", "targetPort": int64(80)}}
	}
	objects := []unstructured.Unstructured{newObject("v1", "Service", a.namespace, a.name, map[string]any{
		"spec": map[string]any{"selector": map[string]any{"app": a.name}, "ports": ports},
	})}
	for subset, labels := range a.subsets {
		podLabels := map[string]any{"app": a.name}
		maps.Copy(podLabels, labels.(map[string]any))
		objects = append(objects, newObject("v1", "Pod", a.namespace, a.name+"-"+subset, map[string]any{
			"metadata": map[string]any{"labels": podLabels},
			"spec":     map[string]any{"containers": []any{map[string]any{"name": "istio-proxy", "image": image}}},
		}))
	}
	return objects
}

// credentials adds the Secrets whose certificates a Gateway serves.
func (s *standIns) credentials(gateway unstructured.Unstructured) error {
	servers, _, _ := unstructured.NestedSlice(gateway.Object, "spec", "servers")
	for _, server := range servers {
		name, found, _ := unstructured.NestedString(server.(map[string]any), "tls", "credentialName")
		key := gateway.GetNamespace() + "/" + name
		if !found || s.secrets[key] {
			continue
		}
		s.secrets[key] = true
		secret, err := newSecret(gateway.GetNamespace(), name)
		if err != nil {
			return err
		}
		s.objects = append(s.objects, secret)
	}
	return nil
}

// proxyImage is the image that istiod's injection webhook would put in.
func proxyImage(release []unstructured.Unstructured) (string, error) {
	for _, object := range release {
		if object.GetKind() != "ConfigMap" || object.GetName() != "istio-sidecar-injector" {
			continue
		}
		text, _, _ := unstructured.NestedString(object.Object, "data", "values")
		var values struct {
			Global struct {
				Hub, Tag string
				Proxy    struct{ Image string }
			}
		}
		if err := json.Unmarshal([]byte(text), &values); err != nil {
			return "", fmt.Errorf("read the values in ConfigMap istio-sidecar-injector: %w", err)
		}
		return fmt.Sprintf("%s/%s:%s", values.Global.Hub, values.Global.Proxy.Image, values.Global.Tag), nil
	}
	return "", fmt.Errorf("no ConfigMap istio-sidecar-injector: the release has no istiod")
}

// nested is the map below a path, empty if there is none.
func nested(object unstructured.Unstructured, path ...string) map[string]any {
	found, _, _ := unstructured.NestedMap(object.Object, path...)
	return found
}
