// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/istio-aws/istio-aws/internal/render"
)

func TestSelectorsMatchTheLabelsOfExactlyOneGateway(t *testing.T) {
	eachPreset(t, func(t *testing.T, release *render.Release) {
		edges := map[string]bool{} // gateways behind a load balancer
		for _, service := range ours(t, release) {
			names := gatewaysOf(t, release, service.Spec.Selector)
			require.Len(t, names, 1, "selector of Service %s", service.Name)
			assert.True(t, strings.HasPrefix(service.Name, names[0]), "Service %s selects %s", service.Name, names[0])
			edges[names[0]] = true
		}
		require.NotEmpty(t, edges)
		configured := map[string]bool{}
		for _, gateway := range release.Kind("Gateway") {
			names := gatewaysOf(t, release, selectorOf(t, gateway))
			require.Len(t, names, 1, "selector of Gateway %s", gateway.GetName())
			configured[names[0]] = true
		}
		assert.Equal(t, edges, configured, "each gateway behind a load balancer has a Gateway")
	})
}

func TestServersOfAGatewayAreServicePortsOfItsPods(t *testing.T) {
	eachPreset(t, func(t *testing.T, release *render.Release) {
		traffic, servers := map[string][]int64{}, map[string][]int64{} // by gateway
		for _, service := range ours(t, release) {
			gateway := gatewaysOf(t, release, service.Spec.Selector)[0]
			for _, port := range service.Spec.Ports {
				if port.Name != "status-port" && port.Protocol != corev1.ProtocolUDP {
					traffic[gateway] = append(traffic[gateway], int64(port.Port))
				}
			}
		}
		for _, object := range release.Kind("Gateway") {
			gateway := gatewaysOf(t, release, selectorOf(t, object))[0]
			list, _, err := unstructured.NestedSlice(object.Object, "spec", "servers")
			require.NoError(t, err)
			for _, server := range list {
				number, _, err := unstructured.NestedInt64(server.(map[string]any), "port", "number")
				require.NoError(t, err)
				servers[gateway] = append(servers[gateway], number)
			}
		}
		for _, numbers := range []map[string][]int64{traffic, servers} {
			for gateway := range numbers {
				slices.Sort(numbers[gateway])
				numbers[gateway] = slices.Compact(numbers[gateway])
			}
		}
		assert.Equal(t, traffic, servers, "istiod finds the pods' port by the Service's port")
	})
}

func TestBackendsOfIngressesExist(t *testing.T) {
	eachPreset(t, func(t *testing.T, release *render.Release) {
		for _, object := range release.Kind("Ingress") {
			ingress, err := render.Get[networkingv1.Ingress](release, "Ingress", object.GetName())
			require.NoError(t, err)
			if class := *ingress.Spec.IngressClassName; class != "alb" {
				_, found := release.Find("IngressClass", class)
				assert.True(t, found, "class %s is neither the controller's own nor in the release", class)
			}
			require.NotEmpty(t, ingress.Spec.Rules)
			for _, rule := range ingress.Spec.Rules {
				for _, path := range rule.HTTP.Paths {
					if path.Backend.Service.Port.Name == "use-annotation" {
						assert.Contains(t, ingress.Annotations, "alb.ingress.kubernetes.io/actions."+path.Backend.Service.Name)
						continue
					}
					service, err := render.Get[corev1.Service](release, "Service", path.Backend.Service.Name)
					require.NoError(t, err)
					assert.True(t, slices.ContainsFunc(service.Spec.Ports, func(p corev1.ServicePort) bool { return p.Name == path.Backend.Service.Port.Name }),
						"port %s of Service %s", path.Backend.Service.Port.Name, service.Name)
				}
			}
		}
	})
}

func TestHealthCheckPortResolves(t *testing.T) {
	eachPreset(t, func(t *testing.T, release *render.Release) {
		for _, service := range ours(t, release) {
			if service.Spec.Type == corev1.ServiceTypeLoadBalancer || behindIngress(t, release, service.Name) {
				require.NoError(t, healthPort(service), "Service %s", service.Name)
			}
		}
	})
}

func TestHealthCheckPortCheckerIsSeenFailing(t *testing.T) {
	good := corev1.Service{Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeClusterIP, Ports: []corev1.ServicePort{{Name: "status-port", Port: 15021, TargetPort: intstr.FromInt32(15021)}}}}
	good.Annotations = map[string]string{"alb.ingress.kubernetes.io/healthcheck-port": "status-port", "alb.ingress.kubernetes.io/target-type": "ip"}
	require.NoError(t, healthPort(good))

	named := *good.DeepCopy()
	named.Spec.Ports[0].TargetPort = intstr.FromString("status")
	assert.ErrorContains(t, healthPort(named), "not a number")
	clusterIP := *good.DeepCopy()
	clusterIP.Annotations["alb.ingress.kubernetes.io/target-type"] = "instance"
	assert.ErrorContains(t, healthPort(clusterIP), "no node port")
	absent := *good.DeepCopy()
	absent.Spec.Ports[0].Name = "status"
	assert.ErrorContains(t, healthPort(absent), `no port "status-port"`)
	unset := *good.DeepCopy()
	unset.Annotations = nil
	assert.ErrorContains(t, healthPort(unset), "no health check port")
}

// healthPort tells how the AWS Load Balancer Controller would fail to find the health check's port
// (its pkg/ingress and pkg/service, model_build_target_group.go): by name it takes the node port
// for instance targets, the target port, which must be a number, for ip targets.
func healthPort(service corev1.Service) error {
	port, targetType := service.Annotations["alb.ingress.kubernetes.io/healthcheck-port"], service.Annotations["alb.ingress.kubernetes.io/target-type"]
	if service.Spec.Type == corev1.ServiceTypeLoadBalancer {
		port, targetType = service.Annotations["service.beta.kubernetes.io/aws-load-balancer-healthcheck-port"], service.Annotations["service.beta.kubernetes.io/aws-load-balancer-nlb-target-type"]
	}
	if port == "" {
		return fmt.Errorf("no health check port")
	}
	if port == "traffic-port" {
		return nil
	}
	i := slices.IndexFunc(service.Spec.Ports, func(p corev1.ServicePort) bool { return p.Name == port })
	switch {
	case i < 0:
		return fmt.Errorf("no port %q", port)
	case service.Spec.Ports[i].TargetPort.Type != intstr.Int:
		return fmt.Errorf("target port of %q is not a number", port)
	case targetType == "instance" && service.Spec.Type == corev1.ServiceTypeClusterIP:
		return fmt.Errorf("instance targets, but %q has no node port", port)
	}
	return nil
}

func TestReleaseTakesLessThanHalfOfASecret(t *testing.T) {
	eachPreset(t, func(t *testing.T, release *render.Release) {
		size, err := release.StoredBytes()
		require.NoError(t, err)
		t.Logf("%d KiB", size/1024)
		assert.Less(t, size, 512*1024)
		assert.Greater(t, size, 100*1024, "CRDs are part of the release")
	})
}

func TestTemplatesDefineOnlyNamesOfThisChart(t *testing.T) {
	define := regexp.MustCompile(`\{\{-?\s*define\s+"([^"]+)"`)
	count := 0
	require.NoError(t, filepath.WalkDir(filepath.Join(chartDir, "templates"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, match := range define.FindAllStringSubmatch(string(content), -1) {
			count++
			assert.True(t, strings.HasPrefix(match[1], "istio-aws."), "%s defines %q: Helm has one space of names for all charts", path, match[1])
			// The comment above it, to its end.
			_, comment, _ := strings.Cut(string(content), match[1]+": ")
			comment, _, _ = strings.Cut(comment, "{{- define ")
			for _, line := range []string{"\nTakes: ", "\nReturns: ", "\nExample: "} {
				assert.Contains(t, comment, line, "%s: %q has no comment that says this", path, match[1])
			}
		}
		return err
	}))
	assert.Greater(t, count, 10)
}

func TestAnnotationsAreStrings(t *testing.T) {
	eachPreset(t, func(t *testing.T, release *render.Release) {
		for _, object := range release.Objects {
			_, _, err := unstructured.NestedStringMap(object.Object, "metadata", "annotations")
			assert.NoError(t, err, "%s %s", object.GetKind(), object.GetName())
		}
	})
}

// ours are the Services in front of gateways, that is without istiod's.
func ours(t *testing.T, release *render.Release) []corev1.Service {
	t.Helper()
	var services []corev1.Service
	for _, object := range release.Kind("Service") {
		if object.GetLabels()["app.kubernetes.io/part-of"] == "istio-aws" {
			service, err := render.Get[corev1.Service](release, "Service", object.GetName())
			require.NoError(t, err)
			services = append(services, service)
		}
	}
	return services
}

// behindIngress is whether an Ingress leads to a Service, by itself or by an action.
func behindIngress(t *testing.T, release *render.Release, service string) bool {
	t.Helper()
	return slices.ContainsFunc(release.Kind("Ingress"), func(ingress unstructured.Unstructured) bool {
		return strings.Contains(text(t, ingress.Object), service)
	})
}

// selectorOf is the selector of a Gateway.
func selectorOf(t *testing.T, gateway unstructured.Unstructured) map[string]string {
	t.Helper()
	selector, _, err := unstructured.NestedStringMap(gateway.Object, "spec", "selector")
	require.NoError(t, err)
	return selector
}

// gatewaysOf are the names of the Deployments whose pods a selector selects.
func gatewaysOf(t *testing.T, release *render.Release, selector map[string]string) []string {
	t.Helper()
	require.NotEmpty(t, selector)
	var names []string
	for _, object := range release.Kind("Deployment") {
		deployment, err := render.Get[appsv1.Deployment](release, "Deployment", object.GetName())
		require.NoError(t, err)
		if labels.SelectorFromSet(selector).Matches(labels.Set(deployment.Spec.Template.Labels)) {
			names = append(names, deployment.Name)
		}
	}
	return names
}

// text is a value as compact JSON, for messages and comparisons.
func text(t *testing.T, value any) string {
	t.Helper()
	content, err := json.Marshal(value)
	require.NoError(t, err)
	return string(content)
}
