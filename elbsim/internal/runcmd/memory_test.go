// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// started is a simulator that is assembled from these arguments and does not run; it ends with the test.
func started(t *testing.T, args ...string) *simulator {
	t.Helper()
	s, err := tryStart(t, args...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.close()) })
	return s
}

func tryStart(t *testing.T, args ...string) (*simulator, error) {
	t.Helper()
	var o options
	cmd := command(&o)
	require.NoError(t, cmd.ParseFlags(append([]string{"--kubeconfig", kubeconfig(t), "--listen", "127.0.0.1:0", "--cluster-name", "c"}, args...)))
	o.stderr = &bytes.Buffer{}
	return assemble(o)
}

func TestARestartKeepsTheAccountAndTheAuthorities(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	before, err := tryStart(t, "--state", file)
	require.NoError(t, err)
	uid := "uid"
	before.clusterUID.Store(&uid)
	before.account.SetInstances([]fakeaws.Instance{{ID: "i-1", Zone: "eu-west-1a"}})
	require.NoError(t, before.close())

	after := started(t, "--state", file)
	assert.Equal(t, before.account.State(), after.account.State())
	assert.Equal(t, before.store.CA(), after.store.CA(), "clients go on trusting")
	assert.Equal(t, before.webhookServer(), after.webhookServer(), "the API server goes on trusting")
	assert.Equal(t, "uid", *after.clusterUID.Load())
}

func TestForgetStartsAnew(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	before, err := tryStart(t, "--state", file)
	require.NoError(t, err)
	before.account.SetInstances([]fakeaws.Instance{{ID: "i-1"}})
	require.NoError(t, before.close())
	require.NoError(t, os.WriteFile(file, []byte("damaged"), 0o600))

	_, err = tryStart(t, "--state", file)
	require.ErrorContains(t, err, "state file "+file+": cut off or damaged")
	require.ErrorContains(t, err, "start once with --forget")

	after := started(t, "--state", file, "--forget")
	assert.Empty(t, after.account.State().Instances)
}

func TestTheFileOfAnotherClusterIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	before, err := tryStart(t, "--state", file)
	require.NoError(t, err)
	require.NoError(t, before.close())

	_, err = tryStart(t, "--state", file, "--cluster-name", "other")
	require.ErrorContains(t, err, "state file "+file+`: it is of cluster "c", and --cluster-name is "other". Give another file by --state`)
	_, err = tryStart(t, "--state", file, "--aws-region", "us-east-1")
	require.ErrorContains(t, err, `it is of region "eu-west-1"`)
	started(t, "--state", file) // neither of them holds or has changed the file
}

func TestStateNoneKeepsNothing(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	s, err := tryStart(t, "--state", "none")
	require.NoError(t, err)
	require.NoError(t, s.close())
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

func TestStatePath(t *testing.T) {
	asked, err := statePath("/tmp/x.json", "c")
	require.NoError(t, err)
	assert.Equal(t, "/tmp/x.json", asked)
	own, err := statePath("", "c")
	require.NoError(t, err)
	assert.True(t, filepath.IsAbs(own), own)
	assert.Equal(t, "elbsim/c.json", filepath.Join(filepath.Base(filepath.Dir(own)), filepath.Base(own)))
}

// cluster gives a simulator a cluster with this UID and one TargetGroupBinding of the controller.
func cluster(t *testing.T, s *simulator, uid string) dynamic.ResourceInterface {
	t.Helper()
	s.kube = fake.NewClientset(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kube-system", UID: types.UID(uid)}})
	bound := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "TargetGroupBinding", "spec": map[string]any{"targetGroupARN": "arn:gone"},
		"metadata": map[string]any{"namespace": "shop", "name": "web", "labels": map[string]any{"service.k8s.aws/stack-name": "web"}},
	}}
	resource := schema.GroupVersionResource{Group: "elbv2.k8s.aws", Version: "v1beta1", Resource: "targetgroupbindings"}
	s.dynamic = dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), map[schema.GroupVersionResource]string{resource: "TargetGroupBindingList"}, bound)
	return s.dynamic.Resource(resource).Namespace("shop")
}

func TestALostStateIsToldWithTheCure(t *testing.T) {
	s := started(t, "--state", filepath.Join(t.TempDir(), "state.json"))
	bindings := cluster(t, s, "uid")
	err := s.know(t.Context())
	require.ErrorContains(t, err, "the cluster has 1 TargetGroupBindings of load balancers that this account has not, such as shop/web")
	require.ErrorContains(t, err, "start once with --forget")
	_, err = bindings.Get(t.Context(), "web", metav1.GetOptions{})
	require.NoError(t, err, "nothing is deleted unasked")
}

func TestForgetRecoversFromALostState(t *testing.T) {
	s := started(t, "--state", filepath.Join(t.TempDir(), "state.json"), "--forget")
	bindings := cluster(t, s, "uid")
	require.NoError(t, s.know(t.Context()))
	list, err := bindings.List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	assert.Empty(t, list.Items)
	require.NoError(t, s.know(t.Context()), "and all is well")
}

func TestAClusterMadeAnewUnderTheSameNameIsToldApart(t *testing.T) {
	s := started(t, "--state", filepath.Join(t.TempDir(), "state.json"))
	uid := "before"
	s.clusterUID.Store(&uid)
	cluster(t, s, "after")
	err := s.know(t.Context())
	require.ErrorContains(t, err, `it is of a cluster "c" that is gone: this one has the same name and another UID (after, not before). Start once with --forget`)
}
