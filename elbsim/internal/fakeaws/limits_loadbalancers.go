// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
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
	if err := a.checkPools(in); err != nil {
		return err
	}
	return a.checkGroups(in.SecurityGroups)
}

// nameTaken tells whether a load balancer has the name, of whoever it is.
func (a *AWS) nameTaken(name string) bool {
	return a.lbs.has(name) || slices.ContainsFunc(a.opts.LoadBalancers, func(arn string) bool { return declaredName(arn) == name })
}

// declaredName is the name in a load balancer's ARN, which ends with loadbalancer/app/name/ID.
func declaredName(arn string) string {
	_, rest, _ := strings.Cut(arn, ":loadbalancer/")
	_, rest, _ = strings.Cut(rest, "/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func (a *AWS) checkLoadBalancerQuota(kind types.LoadBalancerTypeEnum) error {
	quota, infix := albsPerRegion, ":loadbalancer/app/"
	if kind == types.LoadBalancerTypeEnumNetwork {
		quota, infix = nlbsPerRegion, ":loadbalancer/net/"
	}
	n := 0
	for _, arn := range a.opts.LoadBalancers {
		if strings.Contains(arn, infix) {
			n++
		}
	}
	for _, lb := range a.lbs.values() {
		if lb.sdk.Type == kind {
			n++
		}
	}
	if n >= a.opts.Quotas[quota] {
		return &types.TooManyLoadBalancersException{Message: a.quotaReached(quota)}
	}
	return nil
}

// checkPools looks for the pools of a closed account. AWS's documents name no code for one that is missing.
func (a *AWS) checkPools(in *elbv2.CreateLoadBalancerInput) error {
	pools := []string{aws.ToString(in.CustomerOwnedIpv4Pool)}
	if in.IpamPools != nil {
		pools = append(pools, aws.ToString(in.IpamPools.Ipv4IpamPoolId))
	}
	for _, id := range pools {
		if id != "" && a.opts.Closed && !slices.Contains(a.opts.AddressPools, id) {
			return refused("The address pool '%s' does not exist", id)
		}
	}
	return nil
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
	if limit := a.opts.Quotas[groupsPerInterface]; len(ids) > limit {
		return refused("A load balancer cannot have more than %d security groups (quota '%s'), got %d", limit, groupsPerInterface, len(ids))
	}
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

// minFreeAddresses is what AWS wants to be free in a subnet (user guide, "Subnets for your load balancer").
const minFreeAddresses = 8

func checkFreeAddresses(s ec2types.Subnet) error {
	if free := aws.ToInt32(s.AvailableIpAddressCount); free < minFreeAddresses {
		return &types.InvalidSubnetException{Message: aws.String(fmt.Sprintf(
			"Not enough IP space available in %s, which has %d free addresses. ELB requires at least %d free IP addresses in each subnet", *s.SubnetId, free, minFreeAddresses))}
	}
	return nil
}
