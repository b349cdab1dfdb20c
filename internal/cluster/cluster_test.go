// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"github.com/istio-aws/istio-aws/internal/host"
	"github.com/istio-aws/istio-aws/internal/image"
)

func TestNodes(t *testing.T) {
	nodes := Nodes("lab")
	t.Run("two workers stand in two zones beside one control plane", func(t *testing.T) {
		var got []string
		for _, node := range nodes {
			got = append(got, fmt.Sprintf("%s %s %s", node.Name, node.Role, node.Zone))
		}
		assert.Equal(t, []string{
			"lab-control-plane control-plane eu-west-1a", "lab-worker worker eu-west-1a", "lab-worker2 worker eu-west-1b",
		}, got)
	})
	t.Run("instance IDs look like EC2's, differ, and stay the same", func(t *testing.T) {
		seen := map[string]bool{}
		for i, node := range nodes {
			assert.Regexp(t, "^i-[0-9a-f]{17}$", node.InstanceID)
			assert.False(t, seen[node.InstanceID])
			seen[node.InstanceID] = true
			assert.Equal(t, node.InstanceID, Nodes("lab")[i].InstanceID)
			assert.Equal(t, "aws:///"+node.Zone+"/"+node.InstanceID, node.providerID())
		}
	})
}

func TestKindConfig(t *testing.T) {
	t.Run("an ordinary host needs no patch of the kubelet", func(t *testing.T) {
		assert.Empty(t, kubeletPatch(host.Host{}))
	})
	t.Run("each restriction is answered by its own setting", func(t *testing.T) {
		v1 := kubeletPatch(host.Host{CgroupV1: true})
		assert.Contains(t, v1, "failCgroupV1: false")
		assert.NotContains(t, v1, "featureGates")
		caps := kubeletPatch(host.Host{MissingSysResource: true})
		assert.Contains(t, caps, "KubeletInUserNamespace: true")
		assert.NotContains(t, caps, "failCgroupV1")
	})
	config, err := kindConfig("lab", Nodes("lab"), host.Host{}, "/certs")
	require.NoError(t, err)
	require.Len(t, config.Nodes, 3)
	assert.Empty(t, config.KubeadmConfigPatches)
	assert.True(t, config.Networking.DisableDefaultCNI)
	for i, kind := range []string{"InitConfiguration", "JoinConfiguration", "JoinConfiguration"} {
		node := config.Nodes[i]
		require.Len(t, node.KubeadmConfigPatchesJSON6902, 1)
		patch := node.KubeadmConfigPatchesJSON6902[0]
		assert.Equal(t, kind, patch.Kind)
		assert.JSONEq(t, fmt.Sprintf(`[
			{"op":"test","path":"/nodeRegistration/kubeletExtraArgs/1/name","value":"provider-id"},
			{"op":"replace","path":"/nodeRegistration/kubeletExtraArgs/1/value","value":%q}]`, Nodes("lab")[i].providerID()), patch.Patch)
		assert.Equal(t, Nodes("lab")[i].Zone, node.Labels["topology.kubernetes.io/zone"])
		assert.Equal(t, []v1alpha4.Mount{{HostPath: "/certs", ContainerPath: image.CertsDir, Readonly: true}}, node.ExtraMounts)
	}
}

func TestNetwork(t *testing.T) {
	network := Network{netip.MustParsePrefix("172.28.3.0/24")}
	t.Run("the parts of a network do not overlap", func(t *testing.T) {
		assert.Equal(t, "172.28.3.0/26", network.containers().String())
		assert.Equal(t, "172.28.3.128/25", network.LoadBalancers().String())
		assert.False(t, network.containers().Overlaps(network.LoadBalancers()))
		for _, fixed := range []netip.Addr{network.Registry(), network.Elbsim()} {
			assert.True(t, network.Subnet.Contains(fixed))
			assert.False(t, network.containers().Contains(fixed) || network.LoadBalancers().Contains(fixed))
		}
		assert.NotEqual(t, network.Registry(), network.Elbsim())
	})
	for _, tt := range []struct {
		name string
		used []string
		want string
	}{
		{name: "the first network of a machine without any", want: "172.28.0.0/24"},
		{name: "a network in use is passed over", used: []string{"172.28.0.0/24", "10.0.0.0/8"}, want: "172.28.1.0/24"},
		{name: "a larger network in use is passed over whole", used: []string{"172.28.0.0/16"}, want: "172.29.0.0/24"},
		{name: "no network is left", used: []string{"172.16.0.0/12"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var used []netip.Prefix
			for _, prefix := range tt.used {
				used = append(used, netip.MustParsePrefix(prefix))
			}
			got, err := freeSubnet(used)
			if tt.want == "" {
				assert.ErrorContains(t, err, "docker network prune")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got.String())
		})
	}
	t.Run("a bridge's name is the lab's where the kernel takes it", func(t *testing.T) {
		assert.Equal(t, "istio-aws-lab", bridge("istio-aws-lab"))
		long, other := bridge("istio-aws-lab-of-mine"), bridge("istio-aws-lab-of-yours")
		assert.Len(t, long, 15)
		assert.NotEqual(t, long, other)
	})
}

func TestPodNetwork(t *testing.T) {
	const list = `{"items":[
		{"metadata":{"name":"a"},"spec":{"podCIDR":"10.244.0.0/24"},"status":{"addresses":[{"type":"Hostname","address":"a"},{"type":"InternalIP","address":"172.28.0.2"}]}},
		{"metadata":{"name":"b"},"spec":{"podCIDR":"10.244.1.0/24"},"status":{"addresses":[{"type":"InternalIP","address":"fc00::3"},{"type":"InternalIP","address":"172.28.0.3"}]}}]}`
	t.Run("ranges are complete or an error says how many there are", func(t *testing.T) {
		ranges, err := parseRanges(list, 2)
		require.NoError(t, err)
		assert.Equal(t, []podRange{{"a", "10.244.0.0/24", "172.28.0.2"}, {"b", "10.244.1.0/24", "172.28.0.3"}}, ranges)
		_, err = parseRanges(list, 3)
		assert.ErrorContains(t, err, "2 of 3 nodes have a range for pods")
		_, err = parseRanges(`{"items":[{"metadata":{"name":"a"}}]}`, 1)
		assert.ErrorContains(t, err, "0 of 1")
	})
	t.Run("a node gets its own range and routes to the others", func(t *testing.T) {
		ranges, err := parseRanges(list, 2)
		require.NoError(t, err)
		script, err := podScript(ranges[0], ranges)
		require.NoError(t, err)
		assert.Contains(t, script, "ip route replace 10.244.1.0/24 via 172.28.0.3\n")
		assert.NotContains(t, script, "replace 10.244.0.0/24")
		assert.Contains(t, script, `"subnet": "10.244.0.0/24"`)
	})
}

func TestNodesKnowElbsimByItsHardwareAddress(t *testing.T) {
	network := Network{netip.MustParsePrefix("172.28.3.0/24")}
	assert.Equal(t, "02:42:ac:1c:03:41", network.elbsimMAC())
	script := returnRoute(network)
	assert.True(t, strings.HasPrefix(script, "set -- 172.28.3.65 02:42:ac:1c:03:41 \n"), script)
	assert.Contains(t, script, `-m mac --mac-source "$mac"`)
}

func TestMirror(t *testing.T) {
	certs := t.TempDir()
	require.NoError(t, writeMirror(certs, "http://172.28.0.64:5000"))
	text, err := os.ReadFile(filepath.Join(certs, "_default", "hosts.toml"))
	require.NoError(t, err)
	assert.Equal(t, "server = \"http://172.28.0.64:5000\"\n\n[host.\"http://172.28.0.64:5000\"]\n  capabilities = [\"pull\", \"resolve\"]\n", string(text))
}

func TestKindLog(t *testing.T) {
	var details []string
	log := kindLog{detail: func(format string, args ...any) { details = append(details, fmt.Sprintf(format, args...)) }}
	log.V(0).Infof(" • %s 📦  ...\n", "Preparing nodes")
	log.V(3).Info("what kubeadm prints")
	log.Warn("cgroup v1")
	log.V(0).Info("")
	assert.Equal(t, []string{"kind: Preparing nodes 📦", "kind: cgroup v1"}, details)
	assert.False(t, log.V(1).Enabled())
}

func TestCauses(t *testing.T) {
	cause := errors.New("no such image")
	stopped := fmt.Errorf("wait for the API server: %w", errStopped)
	assert.Equal(t, []error{cause}, causes([]error{stopped, cause}))
	assert.Equal(t, []error{nil, nil}, causes([]error{nil, nil}))
}
