// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"github.com/aws/aws-sdk-go-v2/service/shield"
	shieldtypes "github.com/aws/aws-sdk-go-v2/service/shield/types"
	"github.com/aws/aws-sdk-go-v2/service/wafregional"
)

// protectionOperations are what the controller asks of WAF Classic and Shield: there is no web ACL of
// WAF Classic and no subscription to Shield Advanced, without which the controller leaves Shield alone.
func (a *AWS) protectionOperations() []operation {
	return []operation{
		reads(func(*wafregional.GetWebACLForResourceInput) (*wafregional.GetWebACLForResourceOutput, error) {
			return &wafregional.GetWebACLForResourceOutput{}, nil
		}),
		reads(func(*shield.GetSubscriptionStateInput) (*shield.GetSubscriptionStateOutput, error) {
			return &shield.GetSubscriptionStateOutput{SubscriptionState: shieldtypes.SubscriptionStateInactive}, nil
		}),
	}
}
