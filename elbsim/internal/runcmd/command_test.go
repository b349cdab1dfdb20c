// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample is an account file.
const sample = "../../examples/account.yaml"

// kubeconfig is that of a cluster that refuses connections.
func kubeconfig(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	file := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://%s"}}]
contexts: [{name: c, context: {cluster: c}}]
current-context: c
`, listener.Addr()), 0o600))
	return file
}

// execute runs the command with arguments and returns its error and what it wrote.
func execute(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd, out := Command(), &bytes.Buffer{}
	cmd.SetOut(out)
	cmd.SetErr(out)
	cmd.SetContext(t.Context())
	cmd.SetArgs(append([]string{"--kubeconfig", kubeconfig(t), "--listen", "127.0.0.1:0", "--webhook-bind-port", "0", "--state", filepath.Join(t.TempDir(), "state.json")}, args...))
	err := cmd.Execute()
	return out.String(), err
}

func TestBadInputIsNamedWithTheCure(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{name: "no cluster name", want: "kubernetes cluster name must be specified"},
		{name: "kubeconfig that is not there", args: []string{"--cluster-name", "c", "--kubeconfig", "nowhere"}, want: `read kubeconfig "nowhere"`},
		{name: "no kubeconfig", args: []string{"--cluster-name", "c", "--kubeconfig", ""}, want: "Name its kubeconfig file by --kubeconfig"},
		{name: "pool that is no range", args: []string{"--cluster-name", "c", "--address-pool", "127.64.0.0"}, want: `invalid argument "127.64.0.0" for "--address-pool"`},
		{name: "pool too small", args: []string{"--cluster-name", "c", "--address-pool", "127.64.0.0/31"}, want: "want an IPv4 range of /30 or wider"},
		{name: "target type that is none", args: []string{"--cluster-name", "c", "--default-target-type", "pod"}, want: "pod"},
		{name: "feature gate that is none", args: []string{"--cluster-name", "c", "--feature-gates", "Nothing=true"}, want: "unknown feature: Nothing"},
		{name: "listen without port", args: []string{"--cluster-name", "c", "--listen", "8080"}, want: `--listen "8080": want host:port or :port`},
		{name: "account that is not there", args: []string{"--cluster-name", "c", "--account", "nowhere.yaml"}, want: "read the account: open nowhere.yaml"},
		{name: "region of another account", args: []string{"--cluster-name", "c", "--account", sample, "--aws-region", "us-east-1"}, want: "is of region eu-west-1; leave the flag out or change the file"},
		{name: "VPC of another account", args: []string{"--cluster-name", "c", "--account", sample, "--aws-vpc-id", "vpc-00000000"}, want: "has the VPC vpc-0123456789abcdef0"},
		{name: "zones of another account", args: []string{"--cluster-name", "c", "--account", sample, "--zones", "a,b"}, want: "has the zones [eu-west-1a eu-west-1b eu-west-1c]"},
		{name: "cluster that does not answer", args: []string{"--cluster-name", "c"}, want: "ask the API server what elbsim may do: Post \"https://127.0.0.1:"},
		{name: "argument", args: []string{"file.yaml"}, want: `unknown command "file.yaml"`},
		{name: "flag of the controller that has no meaning here", args: []string{"--enable-leader-election"}, want: "has no meaning here: one elbsim runs beside a cluster"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := execute(t, c.args...)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestHelpNamesDefaultsAndWhatStoppingMeans(t *testing.T) {
	out, err := execute(t, "--help")
	require.NoError(t, err)
	for _, want := range []string{
		"--address-pool", "(default 127.64.0.0/16)",
		"--account", "takenAddresses",
		"--alb-propagation-lag", "0 is none (default 1s)",
		"--nlb-propagation-lag", "two minutes and more (default 2s)",
		`Name of the ingress class this controller satisfies (default "alb")`,
		"(default NLBGatewayAPI=false,ALBGatewayAPI=false,GlobalAcceleratorController=false)",
		"kubectl delete mutatingwebhookconfiguration,validatingwebhookconfiguration aws-load-balancer-webhook",
	} {
		assert.Contains(t, out, want)
	}
}

func TestVerbosity(t *testing.T) {
	for verbosity, want := range map[int]slog.Level{0: slog.LevelWarn, 1: slog.LevelInfo, 2: slog.LevelDebug, 3: slog.LevelDebug} {
		h := options{verbosity: verbosity, stderr: &bytes.Buffer{}}.logHandler()
		assert.True(t, h.Enabled(context.Background(), want), "-v %d", verbosity)
		assert.False(t, h.Enabled(context.Background(), want-1), "-v %d", verbosity)
	}
}
