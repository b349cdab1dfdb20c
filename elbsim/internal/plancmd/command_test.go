// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plancmd_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/plancmd"
)

const service = `
apiVersion: v1
kind: Service
metadata: {name: tcp}
spec: {type: LoadBalancer, ports: [{port: 80}]}
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
