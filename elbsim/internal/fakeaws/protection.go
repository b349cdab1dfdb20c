// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"github.com/aws/aws-sdk-go-v2/service/shield"
	shieldtypes "github.com/aws/aws-sdk-go-v2/service/shield/types"
	"github.com/aws/aws-sdk-go-v2/service/wafregional"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
)

// protectionOperations are what the controller asks of WAF and Shield for load balancers that do
// without them: no web ACL anywhere, no Shield subscription.
func (a *AWS) protectionOperations() []operation {
	return []operation{
		reads(func(*wafv2.GetWebACLForResourceInput) (*wafv2.GetWebACLForResourceOutput, error) {
			return &wafv2.GetWebACLForResourceOutput{}, nil
		}),
		reads(func(*wafv2.ListWebACLsInput) (*wafv2.ListWebACLsOutput, error) {
			return &wafv2.ListWebACLsOutput{}, nil
		}),
		reads(func(*wafregional.GetWebACLForResourceInput) (*wafregional.GetWebACLForResourceOutput, error) {
			return &wafregional.GetWebACLForResourceOutput{}, nil
		}),
		reads(func(*shield.GetSubscriptionStateInput) (*shield.GetSubscriptionStateOutput, error) {
			return &shield.GetSubscriptionStateOutput{SubscriptionState: shieldtypes.SubscriptionStateInactive}, nil
		}),
	}
}
