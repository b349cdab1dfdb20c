// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The quotas that are checked, by their names at Service Quotas.
const (
	albsPerRegion         = "Application Load Balancers per Region"
	nlbsPerRegion         = "Network Load Balancers per Region"
	targetGroupsPerRegion = "Target Groups per Region"
	listenersPerALB       = "Listeners per Application Load Balancer"
	listenersPerNLB       = "Listeners per Network Load Balancer"
	rulesPerALB           = "Rules per Application Load Balancer"
	certificatesPerALB    = "Certificates per Application Load Balancer"
	certificatesPerNLB    = "Certificates per Network Load Balancer"
	targetGroupsPerALB    = "Target Groups per Application Load Balancer"
	targetGroupsPerAction = "Target Groups per Action per Application Load Balancer"
	targetsPerTargetGroup = "Targets per Target Group per Region"
	targetsPerALB         = "Targets per Application Load Balancer"
	targetsPerNLB         = "Targets per Network Load Balancer"
	registrationsPerALB   = "Number of times a target can be registered per Application Load Balancer"
	securityGroupsPerVPC  = "VPC security groups per Region"
	rulesPerSecurityGroup = "Inbound or outbound rules per security group"
	groupsPerInterface    = "Security groups per network interface"
)

// Quotas returns the quotas that are checked, with AWS's default values. Source: user guides, "Quotas for your
// Application Load Balancers", "Quotas for your Network Load Balancers" and "Amazon VPC quotas".
func Quotas() map[string]int {
	return map[string]int{
		albsPerRegion:         50,
		nlbsPerRegion:         50,
		targetGroupsPerRegion: 3000,
		listenersPerALB:       50,
		listenersPerNLB:       50,
		rulesPerALB:           100, // default rules not counted
		certificatesPerALB:    25,  // default certificates not counted
		certificatesPerNLB:    25,
		targetGroupsPerALB:    100,
		targetGroupsPerAction: 5,
		targetsPerTargetGroup: 1000,
		targetsPerALB:         1000,
		targetsPerNLB:         3000,
		registrationsPerALB:   100,
		securityGroupsPerVPC:  2500,
		rulesPerSecurityGroup: 60, // inbound ones; those for IPv4 and for IPv6 are counted apart
		groupsPerInterface:    5,
	}
}

func withQuotas(changed map[string]int) map[string]int {
	out := Quotas()
	maps.Copy(out, changed)
	return out
}

// quotaReached is the message about a quota.
func (a *AWS) quotaReached(name string) *string {
	return aws.String(fmt.Sprintf("The quota '%s' has been reached: %d", name, a.opts.Quotas[name]))
}
