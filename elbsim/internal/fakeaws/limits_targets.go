// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"net/netip"

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
		if lb := a.lbs.get(id); lb == nil || lb.sdk.Type != types.LoadBalancerTypeEnumApplication {
			return refuse("The target '%s' is not an Application Load Balancer", id)
		}
	case types.TargetTypeEnumIp:
		if _, err := netip.ParseAddr(id); err != nil {
			return refuse("The IP address '%s' is not valid", id)
		}
	}
	return nil
}
