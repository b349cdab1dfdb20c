// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// AWS's limits on load balancers: API reference, CreateLoadBalancer.
const maxNameLength = 32

var nameCharacters = regexp.MustCompile("^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$")

func (a *AWS) checkLoadBalancer(in *elbv2.CreateLoadBalancerInput) error {
	name := aws.ToString(in.Name)
	if err := checkName("load balancer", name); err != nil {
		return err
	}
	if strings.HasPrefix(name, "internal-") {
		return invalid("Load balancer name '%s' cannot begin with 'internal-'", name)
	}
	if err := checkTags(in.Tags); err != nil {
		return err
	}
	return a.checkGroups(in.SecurityGroups)
}

func checkName(what, name string) error {
	if len(name) > maxNameLength {
		return invalid("The %s name '%s' cannot be longer than '%d' characters", what, name, maxNameLength)
	}
	if !nameCharacters.MatchString(name) {
		return invalid("The %s name '%s' can only contain characters that are alphanumeric characters and hyphens(-), and cannot begin or end with a hyphen", what, name)
	}
	return nil
}

func (a *AWS) checkGroups(ids []string) error {
	for _, id := range ids {
		if a.groups.get(id) == nil {
			return &types.InvalidSecurityGroupException{Message: aws.String(fmt.Sprintf("Security group '%s' does not exist", id))}
		}
	}
	return nil
}

// checkZoneCount asks for two zones of an ALB and one of an NLB.
func checkZoneCount(kind types.LoadBalancerTypeEnum, zones int) error {
	switch {
	case kind == types.LoadBalancerTypeEnumApplication && zones < 2:
		return invalid("At least two subnets in two different Availability Zones must be specified")
	case zones < 1:
		return invalid("At least one subnet must be specified")
	}
	return nil
}
