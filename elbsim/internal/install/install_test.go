// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package install

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"
)

// apiServer answers applies with what was applied and keeps it by name; get answers reads.
type apiServer struct {
	*httptest.Server
	get    func(path string, count int) (status int, body string)
	create func(path string) (status int, body string)

	mu      sync.Mutex
	applied map[string]map[string]any // by "<resource>/<name>"
	queries []string
	gets    map[string]int
}

func newAPIServer(t *testing.T) *apiServer {
	t.Helper()
	s := &apiServer{applied: map[string]map[string]any{}, gets: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		status, body := http.StatusMethodNotAllowed, `{}`
		switch r.Method {
		case http.MethodPatch:
			raw, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			var object map[string]any
			assert.NoError(t, yaml.Unmarshal(raw, &object))
			s.applied[path.Base(path.Dir(r.URL.Path))+"/"+path.Base(r.URL.Path)] = object
			s.queries = append(s.queries, r.URL.RawQuery)
			answer, err := json.Marshal(object)
			assert.NoError(t, err)
			status, body = http.StatusOK, string(answer)
		case http.MethodGet:
			s.gets[r.URL.Path]++
			status, body = s.get(r.URL.Path, s.gets[r.URL.Path])
		case http.MethodPost:
			assert.Equal(t, "All", r.URL.Query().Get("dryRun"), "nothing may be stored")
			status, body = s.create(r.URL.Path)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, err := io.WriteString(w, body)
		assert.NoError(t, err)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *apiServer) dynamic(t *testing.T) dynamic.Interface {
	t.Helper()
	client, err := dynamic.NewForConfig(&rest.Config{Host: s.URL})
	require.NoError(t, err)
	return client
}

func (s *apiServer) typed(t *testing.T) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(&rest.Config{Host: s.URL})
	require.NoError(t, err)
	return client
}

const (
	newCRD         = `{"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","metadata":{"name":"x"}}`
	establishedCRD = `{"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","metadata":{"name":"x"},"status":{"conditions":[{"type":"NamesAccepted","status":"True"},{"type":"Established","status":"True"}]}}`
	notFound       = `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,"message":"gone"}`
)

func TestCRDsAreAppliedAndWaitedFor(t *testing.T) {
	api := newAPIServer(t)
	api.get = func(_ string, count int) (int, string) {
		if count < 3 {
			return http.StatusOK, newCRD
		}
		return http.StatusOK, establishedCRD
	}
	require.NoError(t, CRDs(t.Context(), api.dynamic(t)))
	for _, name := range []string{"ingressclassparams.elbv2.k8s.aws", "targetgroupbindings.elbv2.k8s.aws"} {
		assert.Contains(t, api.applied, "customresourcedefinitions/"+name)
		assert.Equal(t, 3, api.gets["/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"+name], "waited for %s", name)
	}
	assert.Len(t, api.applied, 2)
	assert.Equal(t, "fieldManager=elbsim&force=true", api.queries[0])
}

func TestCRDThatGoesAwayIsNamed(t *testing.T) {
	api := newAPIServer(t)
	api.get = func(string, int) (int, string) { return http.StatusNotFound, notFound }
	require.ErrorContains(t, CRDs(t.Context(), api.dynamic(t)), `wait until CRD "ingressclassparams.elbv2.k8s.aws" is established: gone`)
}

func TestIngressClassComesWithEmptyParams(t *testing.T) {
	api := newAPIServer(t)
	require.NoError(t, IngressClass(t.Context(), api.dynamic(t), "alb"))
	assert.Equal(t, map[string]any{"controller": "ingress.k8s.aws/alb"}, api.applied["ingressclasses/alb"]["spec"])
	assert.Contains(t, api.applied, "ingressclassparams/alb")
	assert.NotContains(t, api.applied["ingressclassparams/alb"], "spec")
}

func TestProbe(t *testing.T) {
	const (
		plainService = `{"kind":"Service","apiVersion":"v1","spec":{"type":"LoadBalancer"}}`
		withClass    = `{"kind":"Service","apiVersion":"v1","spec":{"type":"LoadBalancer","loadBalancerClass":"service.k8s.aws/nlb"}}`
		ingress      = `{"kind":"Ingress","apiVersion":"networking.k8s.io/v1"}`
		denied       = `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"denied the request"}`
		unreachable  = `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"InternalError","code":500,"message":"failed calling webhook: connection refused"}`
	)
	type answer struct {
		status int
		body   string
	}
	for _, c := range []struct {
		name              string
		services, ingress answer
		wantError         string
	}{
		{name: "a Service with class and a refused Ingress prove both", services: answer{201, withClass}, ingress: answer{403, denied}},
		{name: "a Service without class was not seen", services: answer{201, plainService}, wantError: "does not ask the webhook of Services yet"},
		{name: "an accepted Ingress was not seen", services: answer{201, withClass}, ingress: answer{201, ingress}, wantError: "does not ask the webhook of Ingresses yet"},
		{name: "a webhook that the API server does not reach is told", services: answer{500, unreachable}, wantError: "try the webhook of Services: failed calling webhook: connection refused"},
		{name: "so for Ingresses", services: answer{201, withClass}, ingress: answer{500, unreachable}, wantError: "try the webhook of Ingresses: failed calling webhook: connection refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			api := newAPIServer(t)
			api.create = func(path string) (int, string) {
				if strings.HasSuffix(path, "/services") {
					return c.services.status, c.services.body
				}
				return c.ingress.status, c.ingress.body
			}
			err := Probe(t.Context(), api.typed(t), "service.k8s.aws/nlb")
			if c.wantError == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.wantError)
			}
		})
	}
}

func TestEstablished(t *testing.T) {
	for _, c := range []struct {
		name, crd string
		want      bool
	}{
		{name: "the condition counts", crd: establishedCRD, want: true},
		{name: "no status is not established", crd: newCRD},
		{name: "a false condition is not established", crd: `{"kind":"A","status":{"conditions":[{"type":"Established","status":"False"}]}}`},
		{name: "a status of another shape is not established", crd: `{"kind":"A","status":{"conditions":"none"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			objects, err := decode([]byte(c.crd))
			require.NoError(t, err)
			require.Len(t, objects, 1)
			assert.Equal(t, c.want, established(objects[0]))
		})
	}
}

func TestDecode(t *testing.T) {
	objects, err := decode([]byte("# only a comment\n---\nkind: A\n---\nkind: B\n"))
	require.NoError(t, err)
	require.Len(t, objects, 2)
	assert.Equal(t, "B", objects[1].GetKind())
	_, err = decode([]byte("kind: [A\n"))
	assert.ErrorContains(t, err, "did not find expected ',' or ']'")
}
