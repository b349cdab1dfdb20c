// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// webACLOperations put a web ACL in front of a load balancer. An open account has any web ACL that is
// well named, as it has any certificate; none filters anything.
func (a *AWS) webACLOperations() []operation {
	return []operation{
		changes(a.associateWebACL), changes(a.disassociateWebACL), reads(a.getWebACLForResource),
		reads(a.listWebACLs),
	}
}

// listWebACLs shows the declared ones, under the names in their ARNs.
func (a *AWS) listWebACLs(*wafv2.ListWebACLsInput) (*wafv2.ListWebACLsOutput, error) {
	out := &wafv2.ListWebACLsOutput{}
	for _, arn := range a.opts.WebACLs {
		if webACLARN.MatchString(arn) {
			out.WebACLs = append(out.WebACLs, types.WebACLSummary{ARN: aws.String(arn), Name: aws.String(nameIn(arn, "webacl"))})
		}
	}
	return out, nil
}

var webACLARN = regexp.MustCompile("^arn:aws[a-z-]*:wafv2:([a-z0-9-]+):[0-9]{12}:regional/webacl/[^/]+/[^/]+$")

func (a *AWS) associateWebACL(in *wafv2.AssociateWebACLInput) (*wafv2.AssociateWebACLOutput, error) {
	lb, err := a.loadBalancer(in.ResourceArn)
	if err != nil {
		return nil, noItem("the load balancer '%s' does not exist", aws.ToString(in.ResourceArn))
	}
	acl := aws.ToString(in.WebACLArn)
	if m := webACLARN.FindStringSubmatch(acl); m == nil || m[1] != a.opts.Region {
		return nil, noItem("the web ACL '%s' does not exist; it must be a regional one of %s", acl, a.opts.Region)
	}
	if a.opts.Closed && !slices.Contains(a.opts.WebACLs, acl) {
		return nil, noItem("the web ACL '%s' does not exist", acl)
	}
	lb.webACL = acl
	return &wafv2.AssociateWebACLOutput{}, nil
}

func (a *AWS) disassociateWebACL(in *wafv2.DisassociateWebACLInput) (*wafv2.DisassociateWebACLOutput, error) {
	lb, err := a.loadBalancer(in.ResourceArn)
	if err != nil {
		return nil, noItem("the load balancer '%s' does not exist", aws.ToString(in.ResourceArn))
	}
	lb.webACL = ""
	return &wafv2.DisassociateWebACLOutput{}, nil
}

func (a *AWS) getWebACLForResource(in *wafv2.GetWebACLForResourceInput) (*wafv2.GetWebACLForResourceOutput, error) {
	out := &wafv2.GetWebACLForResourceOutput{}
	if lb, err := a.loadBalancer(in.ResourceArn); err == nil && lb.webACL != "" {
		out.WebACL = &types.WebACL{ARN: aws.String(lb.webACL)}
	}
	return out, nil
}

func noItem(format string, args ...any) error {
	return &types.WAFNonexistentItemException{Message: aws.String("AWS WAF couldn't perform the operation: " + fmt.Sprintf(format, args...))}
}
