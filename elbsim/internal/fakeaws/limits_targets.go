// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func (a *AWS) checkTarget(tg *targetGroup, d types.TargetDescription) error {
	id := aws.ToString(d.Id)
	refuse := func(format string, args ...any) error {
		return &types.InvalidTargetException{Message: aws.String(fmt.Sprintf(format, args...))}
	}
	if p := tg.portOf(d); p < 1 || p > 65535 {
		return invalid("Port '%d' of target '%s' must be between 1 and 65535", p, id)
	}
	switch tg.sdk.TargetType {
	case types.TargetTypeEnumInstance:
		if _, ok := a.instance(id); !ok {
			return refuse("The following targets are not valid instances: '%s'", id)
		}
	case types.TargetTypeEnumAlb:
		return a.checkBalancerTarget(tg, id, tg.portOf(d))
	case types.TargetTypeEnumIp:
		if _, err := netip.ParseAddr(id); err != nil {
			return refuse("The IP address '%s' is not valid", id)
		}
	}
	return checkServerID(tg.sdk.Protocol, id, aws.ToString(d.QuicServerId))
}

// checkTargetQuotas counts the targets of a group and of the load balancers that forward to it, with new ones.
func (a *AWS) checkTargetQuotas(tg *targetGroup, added []types.TargetDescription) error {
	fresh := 0
	for _, d := range added {
		if tg.find(d) == nil {
			fresh++
		}
	}
	if len(tg.targets)+fresh > a.opts.Quotas[targetsPerTargetGroup] {
		return &types.TooManyTargetsException{Message: a.quotaReached(targetsPerTargetGroup)}
	}
	for _, arn := range a.loadBalancersOf(*tg.sdk.TargetGroupArn) {
		if err := a.checkBalancerQuotas(a.lbs.get(arn), tg, added, fresh); err != nil {
			return err
		}
	}
	return nil
}

func (a *AWS) checkBalancerQuotas(lb *loadBalancer, tg *targetGroup, added []types.TargetDescription, fresh int) error {
	total, registrations := fresh, map[string]int{}
	groups := a.targetGroupsOf(lb)
	slices.Sort(groups)
	for _, arn := range slices.Compact(groups) {
		for _, t := range a.targets.get(arn).targets {
			total++
			registrations[t.id]++
		}
	}
	quota := targetsPerALB
	if lb.sdk.Type == types.LoadBalancerTypeEnumNetwork {
		quota = targetsPerNLB
	}
	if total > a.opts.Quotas[quota] {
		return &types.TooManyTargetsException{Message: a.quotaReached(quota)}
	}
	for _, d := range added {
		if tg.find(d) == nil {
			registrations[*d.Id]++
		}
		if n := registrations[*d.Id]; lb.sdk.Type == types.LoadBalancerTypeEnumApplication && n > a.opts.Quotas[registrationsPerALB] {
			return &types.TooManyRegistrationsForTargetIdException{Message: a.quotaReached(registrationsPerALB)}
		}
	}
	return nil
}

// checkBalancerTarget takes one Application Load Balancer that listens on the port: user guide, "Use an Application Load
// Balancer as a target" (row 76).
func (a *AWS) checkBalancerTarget(tg *targetGroup, id string, port int32) error {
	lb := a.lbs.get(id)
	if lb == nil || lb.sdk.Type != types.LoadBalancerTypeEnumApplication {
		return &types.InvalidTargetException{Message: aws.String(fmt.Sprintf("The target '%s' is not an Application Load Balancer", id))}
	}
	if !slices.ContainsFunc(a.listenersOf(id), func(l *listener) bool { return aws.ToInt32(l.sdk.Port) == port }) {
		return &types.InvalidTargetException{Message: aws.String(fmt.Sprintf("The Application Load Balancer '%s' has no listener on port %d", id, port))}
	}
	for _, t := range tg.targets {
		if t.id != id && t.drain == nil {
			return &types.TooManyTargetsException{Message: aws.String(fmt.Sprintf("Target group '%s' takes one Application Load Balancer, and has '%s'", *tg.sdk.TargetGroupName, t.id))}
		}
	}
	return nil
}

var serverID = regexp.MustCompile("^0x[0-9a-fA-F]{16}$")

// checkServerID asks for the server ID of a QUIC target, and for none of others (API: TargetDescription, row 75).
func checkServerID(protocol types.ProtocolEnum, target, id string) error {
	quic := protocol == types.ProtocolEnumQuic || protocol == types.ProtocolEnumTcpQuic
	switch {
	case quic && !serverID.MatchString(id):
		return invalid("Target '%s' of a target group with the protocol '%s' needs a QUIC server ID of the form 0x and 16 hexadecimal digits, got '%s'", target, protocol, id)
	case !quic && id != "":
		return invalid("Target '%s' has the QUIC server ID '%s', which target groups with the protocol '%s' do not take", target, id, protocol)
	}
	return nil
}
