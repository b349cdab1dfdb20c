// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plancmd_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/plancmd"
	"github.com/istio-aws/istio-aws/elbsim/internal/plandiff"
)

const service = `
apiVersion: v1
kind: Service
metadata: {name: tcp}
spec: {type: LoadBalancer, loadBalancerClass: service.k8s.aws/nlb, ports: [{port: 80}]}
`

func run(t *testing.T, s plancmd.Streams, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	s.Out = &out
	if s.In == nil {
		s.In = strings.NewReader(service)
	}
	cmd := plancmd.Command(s)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestStandardInputIsReadWithAndWithoutADash(t *testing.T) {
	for _, args := range [][]string{{}, {"-"}} {
		out, err := run(t, plancmd.Streams{}, args...)
		require.NoError(t, err)
		assert.Contains(t, out, "NLB default/tcp")
	}
}

func TestJSONIsThePlan(t *testing.T) {
	out, err := run(t, plancmd.Streams{}, "-o", "json", "-n", "shop")
	require.NoError(t, err)
	var p elb.Plan
	d := json.NewDecoder(strings.NewReader(out))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&p))
	require.Len(t, p.LoadBalancers, 1)
	assert.Equal(t, "shop/tcp", p.LoadBalancers[0].Stack)
}

func TestARejectionIsAnAnswerWithItsOwnError(t *testing.T) {
	out, err := run(t, plancmd.Streams{In: strings.NewReader(strings.Replace(service, "name: tcp}", "name: tcp, annotations: {service.beta.kubernetes.io/aws-load-balancer-scheme: public}}", 1))})
	require.ErrorIs(t, err, plancmd.ErrRejected)
	assert.Contains(t, out, "unknown scheme: public")
}

func TestNoAnswer(t *testing.T) {
	for _, c := range []struct {
		name    string
		streams plancmd.Streams
		args    []string
		message string
	}{
		{"a terminal and no manifests", plancmd.Streams{InIsTerminal: true}, nil, "no manifests: name files or folders"},
		{"YAML that is none", plancmd.Streams{In: strings.NewReader("a: [")}, nil, "standard input, document 1 (line 1): not valid YAML"},
		{"a file that is missing", plancmd.Streams{}, []string{"missing.yaml"}, "missing.yaml"},
		{"an account that is none", plancmd.Streams{}, []string{"--account", "command.go"}, "command.go:"},
		{"an output that is none", plancmd.Streams{}, []string{"-o", "yaml"}, `--output "yaml": must be text or json`},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := run(t, c.streams, c.args...)
			assert.ErrorContains(t, err, c.message)
			assert.NotErrorIs(t, err, plancmd.ErrRejected)
			assert.Empty(t, out)
		})
	}
}

func TestDiff(t *testing.T) {
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	annotated := func(annotation string) string {
		return strings.Replace(service, "name: tcp}", "name: tcp, annotations: {service.beta.kubernetes.io/aws-load-balancer-"+annotation+"}}", 1)
	}
	old := file("old.yaml", service)
	for _, c := range []struct {
		name string
		now  string
		err  error
		out  []string
	}{
		{"nothing changes", service, nil, []string{"no changes\n"}},
		{"a change in place", annotated("attributes: load_balancing.cross_zone.enabled=true"), plancmd.ErrChanges,
			[]string{"~ NLB default/tcp is changed in place\n", "    + attribute load_balancing.cross_zone.enabled true\n", "1 load balancer to change in place\n"}},
		{"a replacement says why and what clients notice", annotated("scheme: internet-facing"), plancmd.ErrChanges,
			[]string{"-/+ NLB default/tcp is replaced\n", "    because scheme: internal → internet-facing; AWS cannot change it\n", "    traffic: the old load balancer is deleted", "    ~ scheme: internal → internet-facing\n"}},
		{"a new load balancer", service + "---" + strings.Replace(service, "name: tcp", "name: other", 1), plancmd.ErrChanges,
			[]string{"+ NLB default/other is made\n", "    + listener TCP 80\n", "    + target group default/other:80\n      + targets instance\n", "1 load balancer to make\n"}},
		{"a deletion", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n", plancmd.ErrChanges,
			[]string{"- NLB default/tcp is deleted\n", "    because no longer asked for: Service default/tcp\n", "1 load balancer to delete\n"}},
		{"a rejection", annotated("scheme: public"), plancmd.ErrRejected,
			[]string{"! NLB default/tcp stays as it is\n", "    because Service default/tcp is rejected (model)", "Rejected\n  Service default/tcp, by the load balancer controller (model)", "1 load balancer to stay, rejected, 1 object rejected\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := run(t, plancmd.Streams{In: strings.NewReader(c.now)}, "--diff", old, "-")
			require.ErrorIs(t, err, c.err)
			for _, want := range c.out {
				assert.Contains(t, out, want)
			}
		})
	}

	out, err := run(t, plancmd.Streams{In: strings.NewReader(annotated("scheme: internet-facing"))}, "--diff", "-o", "json", old, "-")
	require.ErrorIs(t, err, plancmd.ErrChanges)
	var d plandiff.Diff
	require.NoError(t, json.Unmarshal([]byte(out), &d))
	require.Len(t, d.Changes, 1)
	assert.Equal(t, plandiff.Replace, d.Changes[0].Action)
	assert.NotNil(t, d.Rejections, "lists are never null")
	assert.NotNil(t, d.Warnings, "lists are never null")

	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--diff", old}, "--diff compares two files or folders, got 1"},
		{[]string{"--diff", "-", "-"}, "only one of the two can come from standard input"},
		{[]string{"--diff", old, filepath.Join(folder, "nowhere.yaml")}, "nowhere.yaml"},
	} {
		_, err := run(t, plancmd.Streams{}, c.args...)
		require.ErrorContains(t, err, c.want)
	}
}

func TestTheAccountHoldsForPlansAndDifferences(t *testing.T) {
	file := filepath.Join(t.TempDir(), "account.yaml")
	require.NoError(t, os.WriteFile(file, []byte("subnets: [{id: subnet-1, zone: b, cidr: 192.168.1.0/24, tags: {kubernetes.io/role/internal-elb: \"1\"}}]\n"), 0o600))
	out, err := run(t, plancmd.Streams{}, "--account", file)
	require.NoError(t, err)
	assert.Contains(t, out, "eu-west-1b")
	assert.NotContains(t, out, "eu-west-1a")

	old := filepath.Join(t.TempDir(), "old.yaml")
	require.NoError(t, os.WriteFile(old, []byte(service), 0o600))
	public := strings.Replace(service, "name: tcp}", "name: tcp, annotations: {service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing}}", 1)
	out, err = run(t, plancmd.Streams{In: strings.NewReader(public)}, "--diff", "--account", file, old, "-")
	require.ErrorIs(t, err, plancmd.ErrRejected, out)
	assert.Contains(t, out, "unable to resolve at least one subnet")
}
