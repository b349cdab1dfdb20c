// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authorization "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

func TestThePoolHasNoNode(t *testing.T) {
	require.NoError(t, outside(netip.MustParsePrefix("172.18.128.0/17"), found))
	assert.EqualError(t, outside(netip.MustParsePrefix("172.18.0.0/16"), found),
		"address pool 172.18.0.0/16 contains the address 172.18.0.3 of node one: give an --address-pool that nothing else uses, such as the upper half of the nodes' network")
}

func TestPortsOfTheAPIAndOfTheWebhooksAreBothTried(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	require.NoError(t, err)
	o := &options{}
	cmd := command(o)
	require.NoError(t, cmd.Flags().Set("webhook-bind-port", port))
	s := &simulator{options: *o, own: netip.MustParseAddr("127.0.0.1"), api: taken.Addr().String()}
	err = s.ports()
	assert.ErrorContains(t, err, "another --listen")
	assert.ErrorContains(t, err, "another --webhook-bind-port")
}

func TestWhatElbsimMayNotDoEndsItOnlyIfNothingWorksWithout(t *testing.T) {
	for _, c := range []struct{ name, denied, wantError, wantLog string }{
		{name: "all is allowed"},
		{name: "no pods, no load balancers", denied: "pods", wantError: "get, list, watch pods"},
		{name: "no events, a warning", denied: "events", wantLog: "create, patch events (without: no events tell why the controller fails)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := fake.NewClientset()
			client.PrependReactor("create", "selfsubjectaccessreviews", func(a clienttesting.Action) (bool, runtime.Object, error) {
				review := a.(clienttesting.CreateAction).GetObject().(*authorization.SelfSubjectAccessReview).DeepCopy()
				review.Status.Allowed = review.Spec.ResourceAttributes.Resource != c.denied && review.Spec.ResourceAttributes.Resource != "*"
				return true, review, nil
			})
			var log bytes.Buffer
			s := &simulator{log: slog.New(slog.NewTextHandler(&log, nil)), kube: client}
			err := s.permitted(t.Context())
			if c.wantError != "" {
				require.ErrorContains(t, err, c.wantError)
				return
			}
			require.NoError(t, err)
			if c.wantLog == "" {
				assert.Empty(t, log.String())
			}
			assert.Contains(t, log.String(), c.wantLog)
		})
	}
}
