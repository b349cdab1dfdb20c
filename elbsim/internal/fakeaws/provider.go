// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/shield"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/wafregional"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/smithy-go/middleware"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/aws/provider"
)

var _ provider.AWSClientsProvider = (*Provider)(nil)

// Provider hands out AWS SDK clients whose calls end in the account: a middleware of the Initialize
// step answers the typed input, so nothing is signed, serialised or sent.
type Provider struct {
	acm               *acm.Client
	ec2               *ec2.Client
	elbv2             *elbv2.Client
	globalAccelerator *globalaccelerator.Client
	rgt               *resourcegroupstaggingapi.Client
	route53           *route53.Client
	shield            *shield.Client
	sts               *sts.Client
	wafRegional       *wafregional.Client
	wafv2             *wafv2.Client
}

// Provider returns clients of this account, in the form that LBC's aws.NewCloud takes.
func (a *AWS) Provider() *Provider {
	answer := middleware.InitializeMiddlewareFunc("fakeaws",
		func(ctx context.Context, in middleware.InitializeInput, _ middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, err := a.attempt(ctx, awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), in.Parameters)
			return middleware.InitializeOutput{Result: out}, middleware.Metadata{}, err
		})
	cfg := aws.Config{
		Region: a.opts.Region,
		APIOptions: []func(*middleware.Stack) error{
			func(s *middleware.Stack) error { return s.Initialize.Add(answer, middleware.After) },
		},
	}
	return &Provider{
		acm:               acm.NewFromConfig(cfg),
		ec2:               ec2.NewFromConfig(cfg),
		elbv2:             elbv2.NewFromConfig(cfg),
		globalAccelerator: globalaccelerator.NewFromConfig(cfg),
		rgt:               resourcegroupstaggingapi.NewFromConfig(cfg),
		route53:           route53.NewFromConfig(cfg),
		shield:            shield.NewFromConfig(cfg),
		sts:               sts.NewFromConfig(cfg),
		wafRegional:       wafregional.NewFromConfig(cfg),
		wafv2:             wafv2.NewFromConfig(cfg),
	}
}

// retryer is that of the controller's own clients (LBC's pkg/aws/aws_config.go).
var retryer = retry.NewStandard(func(o *retry.StandardOptions) {
	o.RateLimiter = ratelimit.None
	o.MaxAttempts = 10 // default of LBC's flag --aws-max-retries
})

// attempt calls until the call succeeds or fails for good. The SDK's own retries are behind the step that answers,
// so this stands for them: by the same rules and with the same pauses.
func (a *AWS) attempt(ctx context.Context, service, name string, input any) (any, error) {
	for n := 1; ; n++ {
		out, err := a.call(ctx, service, name, input)
		if err == nil || n == retryer.MaxAttempts() || !retryer.IsErrorRetryable(err) {
			return out, err
		}
		delay, errDelay := retryer.RetryDelay(n, err)
		if err := errors.Join(errDelay, pause(ctx, delay)); err != nil {
			return nil, err
		}
	}
}

// GetACMClient returns the ACM client.
func (p *Provider) GetACMClient(context.Context, string) (*acm.Client, error) { return p.acm, nil }

// GetEC2Client returns the EC2 client.
func (p *Provider) GetEC2Client(context.Context, string) (*ec2.Client, error) { return p.ec2, nil }

// GetELBv2Client returns the ELBv2 client.
func (p *Provider) GetELBv2Client(context.Context, string) (*elbv2.Client, error) {
	return p.elbv2, nil
}

// GenerateNewELBv2Client returns the same ELBv2 client: the account has no other roles.
func (p *Provider) GenerateNewELBv2Client(aws.Config) *elbv2.Client { return p.elbv2 }

// GetGlobalAcceleratorClient returns the Global Accelerator client.
func (p *Provider) GetGlobalAcceleratorClient(context.Context, string) (*globalaccelerator.Client, error) {
	return p.globalAccelerator, nil
}

// GetRGTClient returns the Resource Groups Tagging client.
func (p *Provider) GetRGTClient(context.Context, string) (*resourcegroupstaggingapi.Client, error) {
	return p.rgt, nil
}

// GetRoute53Client returns the Route 53 client.
func (p *Provider) GetRoute53Client(context.Context, string) (*route53.Client, error) {
	return p.route53, nil
}

// GetSTSClient returns the STS client.
func (p *Provider) GetSTSClient(context.Context, string) (*sts.Client, error) { return p.sts, nil }

// GetShieldClient returns the Shield client.
func (p *Provider) GetShieldClient(context.Context, string) (*shield.Client, error) {
	return p.shield, nil
}

// GetWAFRegionClient returns the WAF Classic client.
func (p *Provider) GetWAFRegionClient(context.Context, string) (*wafregional.Client, error) {
	return p.wafRegional, nil
}

// GetWAFv2Client returns the WAFv2 client.
func (p *Provider) GetWAFv2Client(context.Context, string) (*wafv2.Client, error) {
	return p.wafv2, nil
}
