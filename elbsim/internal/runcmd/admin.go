// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"context"
	"slices"

	"github.com/istio-aws/istio-aws/elbsim/internal/admin"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/pods"
)

func (s *simulator) serveAdmin(ctx context.Context) error {
	return admin.Serve(ctx, s.api, admin.Handler(admin.Source{
		Waiting:       func() string { return *s.waiting.Load() },
		LoadBalancers: s.account.LoadBalancers,
		Calls:         s.calls,
		Faults:        s.account.Faults(),
		Pods:          s.podNames,
		Traffic:       s.traffic,
		CA:            s.store.CA(),
		Client:        s.store.Client,
	}, s.log))
}

// calls are the AWS calls that are asked for.
func (s *simulator) calls(q admin.CallQuery) any {
	calls := slices.DeleteFunc(s.account.Calls(), func(c fakeaws.Call) bool {
		return q.Operation != "" && c.Operation != q.Operation || !c.Time.After(q.Since) || q.Failed && c.Error == ""
	})
	if q.Limit > 0 && len(calls) > q.Limit {
		calls = calls[len(calls)-q.Limit:]
	}
	return calls
}

// watchPods learns the names of pods, which are only shown: that they cannot be had ends nothing.
func (s *simulator) watchPods(ctx context.Context) error {
	names, err := pods.Watch(ctx, s.kube)
	if err != nil {
		s.log.Debug("the names of pods are not known", "err", err)
		return nil
	}
	s.pods.Store(names)
	return nil
}

// podNames are what is known of them.
func (s *simulator) podNames() map[string]string {
	names := s.pods.Load()
	if names == nil {
		return map[string]string{}
	}
	byAddress, err := names.ByAddress()
	if err != nil {
		s.log.Warn("names of pods", "err", err)
		return map[string]string{}
	}
	return byAddress
}
