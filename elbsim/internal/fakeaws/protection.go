// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/shield"
	shieldtypes "github.com/aws/aws-sdk-go-v2/service/shield/types"
	"github.com/aws/aws-sdk-go-v2/service/wafregional"
	waftypes "github.com/aws/aws-sdk-go-v2/service/wafregional/types"
)

// protectionOperations are what the controller asks of Shield and of WAF Classic. Neither protects anything.
func (a *AWS) protectionOperations() []operation {
	return []operation{
		reads(a.getSubscriptionState), reads(a.describeProtection), changes(a.createProtection), changes(a.deleteProtection),
		reads(a.getClassicWebACL), changes(a.associateClassicWebACL), changes(a.disassociateClassicWebACL),
	}
}

func (a *AWS) getSubscriptionState(*shield.GetSubscriptionStateInput) (*shield.GetSubscriptionStateOutput, error) {
	state := shieldtypes.SubscriptionStateInactive
	if a.opts.ShieldAdvanced {
		state = shieldtypes.SubscriptionStateActive
	}
	return &shield.GetSubscriptionStateOutput{SubscriptionState: state}, nil
}

// protected finds a load balancer by its own ARN or the ID of its protection.
func (a *AWS) protected(arn, id *string) (*loadBalancer, error) {
	if !a.opts.ShieldAdvanced {
		return nil, &shieldtypes.ResourceNotFoundException{Message: aws.String("The subscription does not exist.")}
	}
	for _, lb := range a.lbs.values() {
		if aws.ToString(arn) == *lb.sdk.LoadBalancerArn || id != nil && *id == lb.protection {
			return lb, nil
		}
	}
	return nil, &shieldtypes.ResourceNotFoundException{Message: aws.String("The referenced protection does not exist.")}
}

func (a *AWS) describeProtection(in *shield.DescribeProtectionInput) (*shield.DescribeProtectionOutput, error) {
	lb, err := a.protected(in.ResourceArn, in.ProtectionId)
	if err != nil {
		return nil, err
	}
	if lb.protection == "" {
		return nil, &shieldtypes.ResourceNotFoundException{Message: aws.String("The referenced protection does not exist.")}
	}
	return &shield.DescribeProtectionOutput{Protection: &shieldtypes.Protection{
		Id: aws.String(lb.protection), Name: aws.String("managed by aws-load-balancer-controller"), ResourceArn: lb.sdk.LoadBalancerArn,
	}}, nil
}

func (a *AWS) createProtection(in *shield.CreateProtectionInput) (*shield.CreateProtectionOutput, error) {
	lb, err := a.protected(in.ResourceArn, nil)
	if err != nil {
		return nil, err
	}
	if lb.protection != "" {
		return nil, &shieldtypes.ResourceAlreadyExistsException{Message: aws.String("The referenced protection already exists.")}
	}
	id := a.id(32)
	lb.protection = fmt.Sprintf("%s-%s-%s-%s-%s", id[:8], id[8:12], id[12:16], id[16:20], id[20:])
	return &shield.CreateProtectionOutput{ProtectionId: aws.String(lb.protection)}, nil
}

func (a *AWS) deleteProtection(in *shield.DeleteProtectionInput) (*shield.DeleteProtectionOutput, error) {
	lb, err := a.protected(nil, in.ProtectionId)
	if err != nil {
		return nil, err
	}
	lb.protection = ""
	return &shield.DeleteProtectionOutput{}, nil
}

func (a *AWS) getClassicWebACL(in *wafregional.GetWebACLForResourceInput) (*wafregional.GetWebACLForResourceOutput, error) {
	out := &wafregional.GetWebACLForResourceOutput{}
	if lb, err := a.loadBalancer(in.ResourceArn); err == nil && lb.classicACL != "" {
		out.WebACLSummary = &waftypes.WebACLSummary{WebACLId: aws.String(lb.classicACL), Name: aws.String(lb.classicACL)}
	}
	return out, nil
}

// associateClassicWebACL accepts any web ACL: the account has each one that is asked for.
func (a *AWS) associateClassicWebACL(in *wafregional.AssociateWebACLInput) (*wafregional.AssociateWebACLOutput, error) {
	lb, err := a.loadBalancer(in.ResourceArn)
	if err != nil {
		return nil, &waftypes.WAFNonexistentItemException{Message: aws.String("The referenced item does not exist.")}
	}
	lb.classicACL = aws.ToString(in.WebACLId)
	return &wafregional.AssociateWebACLOutput{}, nil
}

func (a *AWS) disassociateClassicWebACL(in *wafregional.DisassociateWebACLInput) (*wafregional.DisassociateWebACLOutput, error) {
	lb, err := a.loadBalancer(in.ResourceArn)
	if err != nil {
		return nil, &waftypes.WAFNonexistentItemException{Message: aws.String("The referenced item does not exist.")}
	}
	lb.classicACL = ""
	return &wafregional.DisassociateWebACLOutput{}, nil
}
