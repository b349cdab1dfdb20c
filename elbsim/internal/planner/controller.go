// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"fmt"

	"github.com/go-logr/logr"
	"github.com/spf13/pflag"
	"k8s.io/client-go/tools/record"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/annotations"
	lbcaws "sigs.k8s.io/aws-load-balancer-controller/pkg/aws"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/aws/services"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/aws/throttle"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/certs"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/config"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/deploy"
	elbv2deploy "sigs.k8s.io/aws-load-balancer-controller/pkg/deploy/elbv2"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/deploy/tracking"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/ingress"
	awsmetrics "sigs.k8s.io/aws-load-balancer-controller/pkg/metrics/aws"
	lbcmetrics "sigs.k8s.io/aws-load-balancer-controller/pkg/metrics/lbc"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/networking"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/service"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/shared_constants"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/shared_utils"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/webhook"
	corewebhook "sigs.k8s.io/aws-load-balancer-controller/webhooks/core"
	elbv2webhook "sigs.k8s.io/aws-load-balancer-controller/webhooks/elbv2"
	networkingwebhook "sigs.k8s.io/aws-load-balancer-controller/webhooks/networking"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// Prefixes of the tags by which the controller knows what it made, and of Service annotations.
const (
	ingressTags        = "ingress.k8s.aws"
	serviceTags        = "service.k8s.aws"
	serviceAnnotations = "service.beta.kubernetes.io"
)

// controller holds those parts of the AWS Load Balancer Controller that the plan runs.
type controller struct {
	cluster *cluster
	metrics lbcmetrics.MetricCollector

	serviceMutator   webhook.Mutator
	ingressValidator webhook.Validator
	paramsValidator  webhook.Validator

	groups       func(client.Client) ingress.GroupLoader
	ingressModel ingress.ModelBuilder
	ingressStack deploy.StackDeployer

	services     service.ServiceUtils
	serviceModel service.ModelBuilder
	serviceStack deploy.StackDeployer
}

// plainMetrics runs what it is to measure. LBC's mock does not, and the deployer does its work
// inside the measurement.
type plainMetrics struct{ lbcmetrics.MetricCollector }

func (plainMetrics) ObserveControllerReconcileLatency(_, _ string, f func()) { f() }

func controllerConfig(a *fakeaws.AWS) (config.ControllerConfig, error) {
	cfg := config.ControllerConfig{
		AWSConfig:    lbcaws.CloudConfig{ThrottleConfig: throttle.NewDefaultServiceOperationsThrottleConfig()},
		FeatureGates: config.NewFeatureGates(),
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	cfg.BindFlags(flags)
	// The controller finds what it made by tag, with one call; else it describes the whole account for each stack.
	err := flags.Parse([]string{"--cluster-name=" + a.Cluster(), "--aws-region=" + a.Region(), "--aws-vpc-id=" + a.VPC(), "--feature-gates=EnableRGTAPI=true"})
	if err != nil {
		return cfg, err
	}
	return cfg, cfg.Validate()
}

func newController(a *fakeaws.AWS, objects *cluster) (*controller, error) {
	cfg, err := controllerConfig(a)
	if err != nil {
		return nil, fmt.Errorf("configure: %w", err)
	}
	log := logr.Discard()
	c := &controller{cluster: objects, metrics: plainMetrics{lbcmetrics.NewMockCollector()}}
	c.serviceMutator = corewebhook.NewServiceMutator(cfg.ServiceConfig.LoadBalancerClass, log, c.metrics)
	c.ingressValidator = networkingwebhook.NewIngressValidator(c.cluster, cfg.IngressConfig, log, c.metrics)
	c.paramsValidator = elbv2webhook.NewIngressClassParamsValidator(c.metrics)
	c.wire(cfg, a.Cloud(), log)
	return c, nil
}

// wire makes model builders and deployers as the controller's reconcilers make them
// (controllers/ingress/group_controller.go and controllers/service/service_controller.go).
func (c *controller) wire(cfg config.ControllerConfig, cloud services.Cloud, log logr.Logger) {
	gates := cfg.FeatureGates
	events := &record.FakeRecorder{} // without a channel it drops them
	zones := networking.NewDefaultAZInfoProvider(cloud.EC2(), log)
	subnets := networking.NewDefaultSubnetsResolver(zones, cloud.EC2(), cloud.VpcID(), cfg.ClusterName,
		gates.Enabled(config.SubnetsClusterTagCheck), gates.Enabled(config.ALBSingleSubnet), gates.Enabled(config.SubnetDiscoveryByReachability), log)
	vpcs := networking.NewDefaultVPCInfoProvider(cloud.EC2(), log)
	backendSGs := networking.NewBackendSGProvider(cfg.ClusterName, cfg.BackendSecurityGroup, cloud.VpcID(), cloud.EC2(), c.cluster, cfg.DefaultTags, false, log)
	sgResolver := networking.NewDefaultSecurityGroupResolver(cloud.EC2(), cloud.VpcID())
	sgManager := networking.NewDefaultSecurityGroupManager(cloud.EC2(), log)
	sgReconciler := networking.NewDefaultSecurityGroupReconciler(sgManager, log)
	tagging := elbv2deploy.NewDefaultTaggingManager(cloud.ELBV2(), cloud.VpcID(), gates, cloud.RGT(), log)
	targetGroups := awsmetrics.NewTargetGroupCollector(nil)

	parser := annotations.NewSuffixAnnotationParser(annotations.AnnotationPrefixIngress)
	auth := ingress.NewDefaultAuthConfigBuilder(parser)
	backends := ingress.NewDefaultEnhancedBackendBuilder(c.cluster, parser, auth,
		cfg.IngressConfig.TolerateNonExistentBackendService, cfg.IngressConfig.TolerateNonExistentBackendAction)
	authorities, manageCerts := cfg.IngressConfig.AllowedCertificateAuthorityARNs, gates.Enabled(config.EnableCertificateManagement)
	classes, annotated := ingress.NewDefaultClassLoader(c.cluster, true), ingress.NewDefaultClassAnnotationMatcher(cfg.IngressConfig.IngressClass)
	c.groups = func(ingresses client.Client) ingress.GroupLoader {
		return ingress.NewDefaultGroupLoader(ingresses, events, parser, classes, annotated, cfg.IngressConfig.IngressClass == "")
	}
	c.ingressModel = ingress.NewDefaultModelBuilder(c.cluster, events, cloud.EC2(), cloud.ELBV2(), cloud.WAFv2(), cloud.ACM(), parser, subnets, auth, backends,
		tracking.NewDefaultProvider(ingressTags, cfg.ClusterName), tagging, gates, cloud.VpcID(), cfg.ClusterName, cfg.DefaultTags, cfg.ExternalManagedTags,
		cfg.DefaultSSLPolicy, cfg.DefaultTargetType, cfg.DefaultLoadBalancerScheme, backendSGs, sgResolver, cfg.EnableBackendSecurityGroup,
		cfg.EnableManageBackendSecurityGroupRules, cfg.DisableRestrictedSGRules, authorities, gates.Enabled(config.EnableIPTargetType), manageCerts,
		cfg.IngressConfig.DefaultPCAArn, shared_utils.NewTargetGroupNameToArnMapper(cloud.ELBV2()), log, c.metrics,
		certs.NewACMCertDiscovery(cloud.ACM(), authorities, manageCerts, log))

	svcParser := annotations.NewSuffixAnnotationParser(serviceAnnotations)
	c.services = service.NewServiceUtils(svcParser, shared_constants.ServiceFinalizer, cfg.ServiceConfig.LoadBalancerClass, gates)
	c.serviceModel = service.NewDefaultModelBuilder(svcParser, subnets, vpcs, cloud.VpcID(), tracking.NewDefaultProvider(serviceTags, cfg.ClusterName), tagging,
		cloud.EC2(), gates, cfg.ClusterName, cfg.DefaultTags, cfg.ExternalManagedTags, cfg.DefaultSSLPolicy, cfg.DefaultTargetType, cfg.DefaultLoadBalancerScheme,
		gates.Enabled(config.EnableIPTargetType), c.services, backendSGs, sgResolver, cfg.EnableBackendSecurityGroup, cfg.EnableManageBackendSecurityGroupRules,
		cfg.DisableRestrictedSGRules, log, c.metrics, gates.Enabled(config.EnableTCPUDPListenerType), service.NewDefaultEnhancedBackendBuilder(c.cluster, svcParser, log))

	deployer := func(tags, name string, frontendNLB bool) deploy.StackDeployer {
		// The networking manager takes security groups off nodes before they are deleted. A plan deletes none.
		return deploy.NewDefaultStackDeployer(cloud, c.cluster, nil, sgManager, sgReconciler, tagging, cfg, tags, log, c.metrics, name,
			gates.Enabled(config.EnhancedDefaultBehavior), targetGroups, frontendNLB)
	}
	c.ingressStack = deployer(ingressTags, "ingress", true)
	c.serviceStack = deployer(serviceTags, "service", false)
}
