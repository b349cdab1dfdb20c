// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/istio-aws/istio-aws/elbsim/internal/controller"
	"github.com/istio-aws/istio-aws/elbsim/internal/install"
	"github.com/istio-aws/istio-aws/elbsim/internal/nodes"
)

const (
	probeInterval = 100 * time.Millisecond
	// probeWarning is after how long it is worth saying that the API server does not reach the webhooks.
	probeWarning = 15 * time.Second
)

// control prepares the cluster, starts the load balancers and the controller in group and returns when all of it is ready.
func (s *simulator) control(ctx context.Context, group *errgroup.Group) error {
	if err := s.permitted(ctx); err != nil {
		return err
	}
	if err := install.Free(ctx, s.kube); err != nil {
		return err
	}
	s.wait("the CRDs are not installed")
	if err := install.CRDs(ctx, s.dynamic); err != nil {
		return err
	}
	if err := s.know(ctx); err != nil {
		return err
	}
	s.wait("the nodes are not known")
	if err := nodes.Watch(ctx, s.kube, s.account.Zones(), s.log, s.instancesChanged); err != nil {
		return err
	}
	// Pods can be reached from here on: load balancers of the run before would answer 502 until then.
	group.Go(func() error {
		changed, unsubscribe := s.account.Subscribe()
		defer unsubscribe()
		s.provisioner().Run(ctx, changed)
		return nil
	})
	group.Go(func() error {
		s.ways().Watch(ctx)
		return nil
	})
	s.wait("the controller has not started")
	ctrl, err := controller.New(ctx, s.config, controller.Options{
		Clients: s.account.Provider(), VPC: s.account.VPC(), WebhookHost: s.own.String(), Certificate: s.certificate, Log: s.logHandler(),
		Nodes: nodes.Transform(s.account.Zones()),
	})
	if err != nil {
		return err
	}
	group.Go(func() error { return ctrl.Run(ctx) })
	if err := ctrl.WaitReady(ctx); err != nil {
		return fmt.Errorf("wait for the controller: %w", err)
	}
	s.wait("the webhooks are not registered")
	if err := install.Webhooks(ctx, s.kube, s.webhookServer()); err != nil {
		return err
	}
	if err := s.waitForWebhooks(ctx); err != nil {
		return err
	}
	if err := install.IngressClass(ctx, s.dynamic, s.config.IngressClass()); err != nil {
		return err
	}
	s.wait("")
	s.log.Info("ready", "cluster", s.config.ClusterName(), "webhooks", s.webhookServer().URL, "pool", s.pool.Prefix().String())
	return nil
}

// waitForWebhooks returns when the API server asks the webhooks. It never gives up: the way may be opened
// later. It says so once when that takes long.
func (s *simulator) waitForWebhooks(ctx context.Context) error {
	started, warned := time.Now(), false
	return wait.PollUntilContextCancel(ctx, probeInterval, true, func(ctx context.Context) (bool, error) {
		err := install.Probe(ctx, s.kube, s.config.LoadBalancerClass())
		if err == nil {
			return true, nil
		}
		s.wait(err.Error())
		if !warned && time.Since(started) > probeWarning {
			warned = true
			s.log.Warn("the API server does not reach the webhooks; check that it can connect to this address, or give another by --address", "url", s.webhookServer().URL, "err", err)
		}
		return false, nil
	})
}

// know makes sure that the account is this cluster's: that its file is of this cluster and not of one before it
// that had the same name, and that it has what the cluster's objects refer to.
func (s *simulator) know(ctx context.Context) error {
	uid, err := install.ClusterUID(ctx, s.kube)
	if err != nil {
		return err
	}
	switch known := *s.clusterUID.Load(); known {
	case uid:
	case "":
		s.clusterUID.Store(&uid)
	default:
		return fmt.Errorf("state file %s: it is of a cluster %q that is gone: this one has the same name and another UID (%s, not %s). "+
			"Start once with --forget, or delete the file", s.file.Path(), s.config.ClusterName(), uid, known)
	}
	bindings, err := install.TargetGroupBindings(ctx, s.dynamic)
	if err != nil {
		return err
	}
	has := s.account.TargetGroupARNs()
	lost := slices.DeleteFunc(bindings, func(b install.Binding) bool { return slices.Contains(has, b.TargetGroupARN) })
	if len(lost) == 0 {
		return nil
	}
	if s.forget {
		s.log.Warn("forget the load balancers that were", "targetGroupBindings", len(lost))
		return install.Forget(ctx, s.kube, s.dynamic, lost)
	}
	return fmt.Errorf("the cluster has %d TargetGroupBindings of load balancers that this account has not, such as %s/%s: the state of the elbsim that built them is lost, "+
		"and the controller cannot take them over. Name its file by --state, or start once with --forget: it deletes these TargetGroupBindings, and the controller makes "+
		"their load balancers again, under new addresses", len(lost), lost[0].Namespace, lost[0].Name)
}
