// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package controller

import (
	"cmp"
	"fmt"

	"github.com/spf13/pflag"
	lbcaws "sigs.k8s.io/aws-load-balancer-controller/pkg/aws"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/aws/throttle"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/config"
)

// Config is the controller's own configuration, with elbsim's defaults where they differ.
type Config struct {
	lbc   config.ControllerConfig
	flags *pflag.FlagSet
}

// offered are the controller's flags that mean the same here. What concerns a real AWS account, leader
// election, metrics, certificates on disk, or controllers that elbsim does not run is not offered.
var offered = []string{
	"aws-region",
	"aws-vpc-id",
	"backend-security-group",
	"cluster-name",
	"default-load-balancer-scheme",
	"default-ssl-policy",
	"default-tags",
	"default-target-type",
	"disable-ingress-class-annotation",
	"disable-ingress-group-name-annotation",
	"disable-restricted-sg-rules",
	"enable-backend-security-group",
	"enable-endpoint-slices",
	"enable-manage-backend-security-group-rules",
	"enable-pod-readiness-gate-inject",
	"enable-shield",
	"enable-waf",
	"enable-wafv2",
	"external-managed-tags",
	"feature-gates",
	"ingress-class",
	"kubeconfig",
	"lb-stabilization-monitor-interval",
	"load-balancer-class",
	"max-targets-per-target-group",
	"sync-period",
	"targetgroupbinding-requeue-duration",
	"tolerate-non-existent-backend-action",
	"tolerate-non-existent-backend-service",
	"watch-namespace",
	"webhook-bind-port",
}

// changed are the defaults that differ from the controller's. The last line of AWS behaviour is
// never behind them: they are about speed, about what is not simulated, and about running once.
var changed = map[string]string{
	"aws-region":                          "eu-west-1",
	"enable-leader-election":              "false",
	"feature-gates":                       "NLBGatewayAPI=false,ALBGatewayAPI=false,GlobalAcceleratorController=false",
	"health-probe-bind-addr":              "0",
	"lb-stabilization-monitor-interval":   "1s",
	"metrics-bind-addr":                   "0",
	"targetgroupbinding-requeue-duration": "1s",
}

// NewConfig is the configuration with defaults.
func NewConfig() (*Config, error) {
	c := &Config{lbc: config.ControllerConfig{
		AWSConfig:    lbcaws.CloudConfig{ThrottleConfig: throttle.NewDefaultServiceOperationsThrottleConfig()},
		FeatureGates: config.NewFeatureGates(),
	}}
	c.flags = pflag.NewFlagSet("aws-load-balancer-controller", pflag.ContinueOnError)
	c.lbc.BindFlags(c.flags)
	for name, value := range changed {
		flag := c.flags.Lookup(name)
		if flag == nil {
			return nil, fmt.Errorf("the load balancer controller has no flag --%s any more", name)
		}
		if err := flag.Value.Set(value); err != nil {
			return nil, fmt.Errorf("set flag --%s of the load balancer controller to %q: %w", name, value, err)
		}
		flag.DefValue = value
	}
	return c, nil
}

// AddFlags offers those of the controller's flags that mean the same here.
func (c *Config) AddFlags(fs *pflag.FlagSet) error {
	for _, name := range offered {
		flag := c.flags.Lookup(name)
		if flag == nil {
			return fmt.Errorf("the load balancer controller has no flag --%s any more", name)
		}
		fs.AddFlag(flag)
	}
	return nil
}

// refused says why a flag of the controller has no meaning here.
var refused = map[string]string{
	"enable-leader-election":             "one elbsim runs beside a cluster",
	"leader-election-id":                 "one elbsim runs beside a cluster",
	"metrics-bind-addr":                  "GET /v1/traffic and /v1/calls of --listen tell what happens",
	"health-probe-bind-addr":             "ask GET /healthz of --listen",
	"webhook-cert-dir":                   "elbsim makes the certificate of its webhooks itself",
	"log-level":                          "elbsim logs more with -v and -vv",
	"aws-max-retries":                    "calls are tried ten times, the controller's default",
	"aws-api-endpoints":                  "AWS is simulated in this process",
	"allowed-certificate-authority-arns": "the simulated ACM has any certificate that is asked for",
}

// AddRefused makes the flags that have no meaning here say so, and why, when they are given.
func (c *Config) AddRefused(fs *pflag.FlagSet) {
	c.flags.VisitAll(func(flag *pflag.Flag) {
		if fs.Lookup(flag.Name) != nil {
			return
		}
		why := cmp.Or(refused[flag.Name], "it is about a real AWS account, a pod in the cluster or a controller that elbsim does not run")
		fs.Var(refusal{why}, flag.Name, "")
		given := fs.Lookup(flag.Name)
		given.Hidden, given.NoOptDefVal = true, flag.NoOptDefVal
	})
}

// refusal is the value of a flag that cannot be given.
type refusal struct{ why string }

func (r refusal) String() string { return "" }
func (r refusal) Type() string   { return "" }
func (r refusal) Set(string) error {
	return fmt.Errorf("this flag of the load balancer controller has no meaning here: %s", r.why)
}

// VPC is the ID of the VPC, from --aws-vpc-id; empty for the account's default.
func (c *Config) VPC() string { return c.lbc.AWSConfig.VpcID }

// Validate checks the flags as the controller checks its own.
func (c *Config) Validate() error {
	if err := c.lbc.Validate(); err != nil {
		return fmt.Errorf("flags of the load balancer controller: %w", err)
	}
	return nil
}

// ClusterName is the name of the cluster, from --cluster-name.
func (c *Config) ClusterName() string { return c.lbc.ClusterName }

// Region is the AWS region, from --aws-region.
func (c *Config) Region() string { return c.lbc.AWSConfig.Region }

// WebhookPort is the port of the webhook server, from --webhook-bind-port.
func (c *Config) WebhookPort() int { return c.lbc.RuntimeConfig.WebhookBindPort }

// IngressClass is the name of the IngressClass that the controller serves, from --ingress-class.
func (c *Config) IngressClass() string { return c.lbc.IngressConfig.IngressClass }

// LoadBalancerClass is the class that Services of type LoadBalancer get, from --load-balancer-class.
func (c *Config) LoadBalancerClass() string { return c.lbc.ServiceConfig.LoadBalancerClass }
