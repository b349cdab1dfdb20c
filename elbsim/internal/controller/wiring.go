// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package controller

import (
	"context"
	"fmt"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/record"
	elbv2controller "sigs.k8s.io/aws-load-balancer-controller/controllers/elbv2"
	"sigs.k8s.io/aws-load-balancer-controller/controllers/ingress"
	"sigs.k8s.io/aws-load-balancer-controller/controllers/service"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/aws/services"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/config"
	elbv2deploy "sigs.k8s.io/aws-load-balancer-controller/pkg/deploy/elbv2"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/inject/pod_readiness"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/k8s"
	awsmetrics "sigs.k8s.io/aws-load-balancer-controller/pkg/metrics/aws"
	lbcmetrics "sigs.k8s.io/aws-load-balancer-controller/pkg/metrics/lbc"
	metricsutil "sigs.k8s.io/aws-load-balancer-controller/pkg/metrics/util"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/networking"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/shared_utils"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/targetgroupbinding"
	corewebhook "sigs.k8s.io/aws-load-balancer-controller/webhooks/core"
	elbv2webhook "sigs.k8s.io/aws-load-balancer-controller/webhooks/elbv2"
	networkingwebhook "sigs.k8s.io/aws-load-balancer-controller/webhooks/networking"
	ctrl "sigs.k8s.io/controller-runtime"
)

// wiring holds what several of LBC's constructors share.
type wiring struct {
	cfg      config.ControllerConfig
	manager  ctrl.Manager
	cloud    services.Cloud
	log      logr.Logger
	metrics  lbcmetrics.MetricCollector
	counters *metricsutil.ReconcileCounters
	targets  awsmetrics.TargetGroupCollector
}

// newWiring makes the metrics in a registry of their own: nobody reads them, but LBC measures by running its
// steps inside the collector, so there has to be a real one.
func newWiring(cfg config.ControllerConfig, manager ctrl.Manager, cloud services.Cloud, log logr.Logger) *wiring {
	registry, counters := prometheus.NewRegistry(), metricsutil.NewReconcileCounters()
	return &wiring{
		cfg: cfg, manager: manager, cloud: cloud, log: log,
		metrics:  lbcmetrics.NewCollector(registry, manager, counters, log.WithName("controller_metrics")),
		counters: counters,
		targets:  awsmetrics.NewTargetGroupCollector(registry),
	}
}

// events writes Kubernetes events for a controller.
func (w *wiring) events(name string) record.EventRecorder {
	//lint:ignore SA1019 LBC's constructors take recorders of this type only
	return w.manager.GetEventRecorderFor(name)
}

// setupReconcilers registers the reconcilers of Ingresses, Services and TargetGroupBindings.
func (w *wiring) setupReconcilers(ctx context.Context, clients *kubernetes.Clientset, pods k8s.PodInfoRepo, deferred elbv2controller.DeferredTargetGroupBindingReconciler) error {
	cfg, cloud, kube, gates := w.cfg, w.cloud, w.manager.GetClient(), w.cfg.FeatureGates

	finalizers := k8s.NewDefaultFinalizerManager(kube, w.log)
	sgManager := networking.NewDefaultSecurityGroupManager(cloud.EC2(), w.log)
	sgReconciler := networking.NewDefaultSecurityGroupReconciler(sgManager, w.log)
	sgResolver := networking.NewDefaultSecurityGroupResolver(cloud.EC2(), cloud.VpcID())
	zones := networking.NewDefaultAZInfoProvider(cloud.EC2(), w.log.WithName("az-info-provider"))
	vpcs := networking.NewDefaultVPCInfoProvider(cloud.EC2(), w.log.WithName("vpc-info-provider"))
	subnets := networking.NewDefaultSubnetsResolver(zones, cloud.EC2(), cloud.VpcID(), cfg.ClusterName,
		gates.Enabled(config.SubnetsClusterTagCheck), gates.Enabled(config.ALBSingleSubnet), gates.Enabled(config.SubnetDiscoveryByReachability),
		w.log.WithName("subnets-resolver"))
	nodes := networking.NewDefaultNodeInfoProvider(cloud.EC2(), w.log)
	podENIs := networking.NewDefaultPodENIInfoResolver(kube, cloud.EC2(), nodes, cloud.VpcID(), w.log)
	nodeENIs := networking.NewDefaultNodeENIInfoResolver(nodes, w.log)
	targetNetworking := networking.NewDefaultNetworkingManager(kube, podENIs, nodeENIs, sgManager, sgReconciler, cloud.VpcID(), cfg.ClusterName,
		cfg.ServiceTargetENISGTags, w.log, cfg.DisableRestrictedSGRules)
	backendSGs := networking.NewBackendSGProvider(cfg.ClusterName, cfg.BackendSecurityGroup, cloud.VpcID(), cloud.EC2(), kube, cfg.DefaultTags,
		false, w.log.WithName("backend-sg-provider"))
	tagging := elbv2deploy.NewDefaultTaggingManager(cloud.ELBV2(), cloud.VpcID(), gates, cloud.RGT(), w.log)

	ingresses := ingress.NewGroupReconciler(cloud, kube, w.events("ingress"), finalizers, sgManager, targetNetworking,
		sgReconciler, subnets, tagging, cfg, backendSGs, sgResolver, w.log.WithName("controllers").WithName("ingress"),
		w.metrics, w.counters, w.targets, shared_utils.NewTargetGroupNameToArnMapper(cloud.ELBV2()))
	if err := ingresses.SetupWithManager(ctx, w.manager, clients); err != nil {
		return fmt.Errorf("set up reconciler of Ingresses: %w", err)
	}

	svcs := service.NewServiceReconciler(cloud, kube, w.events("service"), finalizers, targetNetworking, sgManager,
		sgReconciler, subnets, vpcs, tagging, cfg, backendSGs, sgResolver, w.log.WithName("controllers").WithName("service"),
		w.metrics, w.counters, w.targets)
	if gates.Enabled(config.EnableServiceController) {
		if err := svcs.SetupWithManager(ctx, w.manager); err != nil {
			return fmt.Errorf("set up reconciler of Services: %w", err)
		}
	}

	multiCluster := targetgroupbinding.NewMultiClusterManager(kube, w.manager.GetAPIReader(), w.log)
	targets := targetgroupbinding.NewDefaultResourceManager(kube, cloud.ELBV2(), pods, targetNetworking, vpcs, multiCluster, w.metrics,
		cloud.VpcID(), gates.Enabled(config.EndpointsFailOpen), cfg.EnableEndpointSlices, w.events("targetGroupBinding"),
		w.log, cfg.MaxTargetsPerTargetGroup, cfg.TargetGroupBindingRequeueDuration)
	bindings := elbv2controller.NewTargetGroupBindingReconciler(kube, w.events("targetGroupBinding"), finalizers, targets,
		cfg, deferred, w.log.WithName("controllers").WithName("targetGroupBinding"), w.metrics, w.counters)
	if err := bindings.SetupWithManager(ctx, w.manager); err != nil {
		return fmt.Errorf("set up reconciler of TargetGroupBindings: %w", err)
	}
	return nil
}

// setupWebhooks registers the admission webhooks that package install tells the API server of.
func (w *wiring) setupWebhooks() {
	kube, m := w.manager.GetClient(), w.metrics
	gate := pod_readiness.NewPodReadinessGate(w.cfg.PodWebhookConfig, kube, w.log.WithName("pod-readiness-gate-injector"))
	corewebhook.NewPodReadinessGateMutator(gate, m).SetupWithManager(w.manager)
	corewebhook.NewServiceMutator(w.cfg.ServiceConfig.LoadBalancerClass, w.log, m).SetupWithManager(w.manager)
	elbv2webhook.NewIngressClassParamsValidator(m).SetupWithManager(w.manager)
	elbv2webhook.NewTargetGroupBindingMutator(w.cloud.ELBV2(), w.log, m).SetupWithManager(w.manager)
	elbv2webhook.NewTargetGroupBindingValidator(kube, w.cloud.ELBV2(), w.cloud.VpcID(), w.log, m).SetupWithManager(w.manager)
	networkingwebhook.NewIngressValidator(kube, w.cfg.IngressConfig, w.log, m).SetupWithManager(w.manager)
}
