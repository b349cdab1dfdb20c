// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package controller is the AWS Load Balancer Controller itself, its reconcilers and admission webhooks, run
// in this process on the AWS clients it is given. It wires the controller's own constructors as the
// controller's main function does, without the Gateway API and Global Accelerator, and decides nothing.
package controller

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	k8sruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
	elbv2api "sigs.k8s.io/aws-load-balancer-controller/apis/elbv2/v1beta1"
	elbv2controller "sigs.k8s.io/aws-load-balancer-controller/controllers/elbv2"
	lbcaws "sigs.k8s.io/aws-load-balancer-controller/pkg/aws"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/aws/provider"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/config"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/k8s"
	ctrl "sigs.k8s.io/controller-runtime"
	ctrlcache "sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

// pollInterval is how often the webhook server is asked whether it answers.
const pollInterval = 50 * time.Millisecond

// Options are what the controller is to run on.
type Options struct {
	Clients     provider.AWSClientsProvider
	VPC         string // ID of the VPC that the clients show
	WebhookHost string // address that the webhook server listens on
	Certificate *tls.Certificate
	Log         slog.Handler
	// Nodes changes the nodes that the controller sees, before it sees them; nil leaves them.
	Nodes cache.TransformFunc
}

// podRepo is what LBC's index of pods can do.
type podRepo interface {
	k8s.PodInfoRepo
	Start(ctx context.Context) error
	WaitForCacheSync(ctx context.Context) error
}

// Controller is a manager with all that LBC runs in it.
type Controller struct {
	manager  ctrl.Manager
	pods     podRepo
	deferred elbv2controller.DeferredTargetGroupBindingReconciler
	queue    workqueue.TypedDelayingInterface[any]
}

// New makes the controller. It reads what the API server offers, and starts nothing. As
// controller-runtime has one logger for a process, so has this package: that of the last call.
func New(ctx context.Context, cfg *Config, opts Options) (*Controller, error) {
	log := logr.FromSlogHandler(opts.Log)
	ctrl.SetLogger(log)
	klog.SetLoggerWithOptions(log, klog.ContextualLogger(true))

	cfg.lbc.AWSConfig.VpcID = opts.VPC
	cloud, err := lbcaws.NewCloud(cfg.lbc.AWSConfig, cfg.lbc.ClusterName, nil, log, opts.Clients, lbcaws.DefaultLbStabilizationTime)
	if err != nil {
		return nil, fmt.Errorf("open simulated AWS: %w", err)
	}
	restConfig, err := RESTConfig(cfg)
	if err != nil {
		return nil, err
	}
	manager, err := newManager(cfg, restConfig, opts)
	if err != nil {
		return nil, err
	}
	clients, err := kubernetes.NewForConfig(restConfig)
	if err != nil {
		return nil, fmt.Errorf("make Kubernetes client: %w", err)
	}
	c := &Controller{
		manager: manager,
		pods:    k8s.NewDefaultPodInfoRepo(clients.CoreV1().RESTClient(), cfg.lbc.RuntimeConfig.WatchNamespace, cfg.lbc.ServerIDInjectionConfig.EnvironmentVariableName, log),
		queue:   workqueue.NewTypedDelayingQueueWithConfig(workqueue.TypedDelayingQueueConfig[any]{Name: "delayed-target-group-binding"}),
	}
	w := newWiring(cfg.lbc, manager, cloud, log)
	c.deferred = elbv2controller.NewDeferredTargetGroupBindingReconciler(c.queue, cfg.lbc.RuntimeConfig.SyncPeriod, manager.GetClient(), log.WithName("deferredTGBQueue"))
	if err := w.setupReconcilers(ctx, clients, c.pods, c.deferred); err != nil {
		return nil, err
	}
	w.setupWebhooks()
	return c, nil
}

// RESTConfig is how the cluster of --kubeconfig is reached, or without one the cluster that this runs in.
func RESTConfig(cfg *Config) (*rest.Config, error) {
	restConfig, err := config.BuildRestConfig(cfg.lbc.RuntimeConfig)
	if errors.Is(err, rest.ErrNotInCluster) {
		return nil, errors.New("which cluster? Name its kubeconfig file by --kubeconfig")
	}
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig %q: %w", cfg.lbc.RuntimeConfig.KubeConfig, err)
	}
	return restConfig, nil
}

func newManager(cfg *Config, restConfig *rest.Config, opts Options) (ctrl.Manager, error) {
	scheme := k8sruntime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), elbv2api.AddToScheme(scheme)); err != nil {
		return nil, fmt.Errorf("register API types: %w", err)
	}
	options, err := config.BuildRuntimeOptions(cfg.lbc.RuntimeConfig, scheme)
	if err != nil {
		return nil, fmt.Errorf("configure controller manager: %w", err)
	}
	if opts.Nodes != nil {
		options.Cache.ByObject = map[client.Object]ctrlcache.ByObject{&corev1.Node{}: {Transform: opts.Nodes}}
	}
	// An object on which the controller panics is logged and tried again; the others go on. So do webhooks.
	recoverPanic := true
	options.Controller.RecoverPanic = &recoverPanic
	options.WebhookServer = webhook.NewServer(webhook.Options{
		Host: opts.WebhookHost,
		Port: cfg.WebhookPort(),
		TLSOpts: []func(*tls.Config){func(c *tls.Config) {
			c.MinVersion = tls.VersionTLS12
			c.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return opts.Certificate, nil }
		}},
	})
	manager, err := ctrl.NewManager(restConfig, options)
	if err != nil {
		return nil, fmt.Errorf("make controller manager: %w", err)
	}
	return manager, nil
}

// Run runs the controller until ctx ends or a part of it fails.
func (c *Controller) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.pods.Start(ctx) })
	group.Go(func() error {
		c.deferred.Run()
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		c.queue.ShutDown() // ends deferred.Run
		return nil
	})
	group.Go(func() error {
		if err := c.pods.WaitForCacheSync(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("read the cluster's pods: %w", err)
		}
		err := c.manager.Start(ctx)
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("serve webhooks: %w; give another port by --webhook-bind-port", err)
		}
		if err != nil {
			return fmt.Errorf("run controller manager: %w", err)
		}
		return nil
	})
	return group.Wait()
}

// WaitReady returns once the controller's caches are filled, its reconcilers run and its webhook server
// answers, or with ctx's error.
func (c *Controller) WaitReady(ctx context.Context) error {
	select {
	case <-c.manager.Elected(): // without leader election: the reconcilers are being started
	case <-ctx.Done():
		return ctx.Err()
	}
	if !c.manager.GetCache().WaitForCacheSync(ctx) {
		return ctx.Err()
	}
	answers := c.manager.GetWebhookServer().StartedChecker()
	return wait.PollUntilContextCancel(ctx, pollInterval, true, func(context.Context) (bool, error) {
		return answers(nil) == nil, nil
	})
}
