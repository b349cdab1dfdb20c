// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"context"

	"sigs.k8s.io/aws-load-balancer-controller/pkg/aws/services"
)

// cloud is LBC's view of the account. LBC's own constructor also reads the AWS configuration of the
// user's environment, which has no meaning here and may be broken.
type cloud struct {
	account  *AWS
	provider *Provider
	elbv2    services.ELBV2
	ec2      services.EC2
}

var _ services.Cloud = (*cloud)(nil)

// Cloud returns what LBC's parts take for AWS: its own services on clients of this account.
func (a *AWS) Cloud() services.Cloud {
	c := &cloud{account: a, provider: a.Provider()}
	c.ec2 = services.NewEC2(c.provider)
	c.elbv2 = services.NewELBV2(c.provider, c, 0)
	return c
}

func (c *cloud) EC2() services.EC2         { return c.ec2 }
func (c *cloud) ELBV2() services.ELBV2     { return c.elbv2 }
func (c *cloud) ACM() services.ACM         { return services.NewACM(c.provider) }
func (c *cloud) Route53() services.Route53 { return services.NewRoute53(c.provider) }
func (c *cloud) WAFv2() services.WAFv2     { return services.NewWAFv2(c.provider) }
func (c *cloud) WAFRegional() services.WAFRegional {
	return services.NewWAFRegional(c.provider, c.Region())
}
func (c *cloud) Shield() services.Shield { return services.NewShield(c.provider) }
func (c *cloud) RGT() services.RGT       { return services.NewRGT(c.provider) }
func (c *cloud) GlobalAccelerator() services.GlobalAccelerator {
	return services.NewGlobalAccelerator(c.provider)
}
func (c *cloud) Region() string { return c.account.Region() }
func (c *cloud) VpcID() string  { return c.account.VPC() }

// GetAssumedRoleELBV2 returns the same account for every role: there is no other.
func (c *cloud) GetAssumedRoleELBV2(context.Context, string, string) (services.ELBV2, error) {
	return c.elbv2, nil
}
