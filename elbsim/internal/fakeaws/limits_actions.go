// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// AWS's limits on actions: API reference, types Action and below.
const (
	maxWeight        = 999
	maxStickySeconds = 604800
	maxBody          = 1024
	maxRedirectPart  = 128 // host, path or query
)

var (
	fixedStatus  = regexp.MustCompile("^[245][0-9][0-9]$")
	contentTypes = []string{"text/plain", "text/css", "text/html", "application/javascript", "application/json"}
	routing      = []types.ActionTypeEnum{types.ActionTypeEnumForward, types.ActionTypeEnumRedirect, types.ActionTypeEnumFixedResponse}
)

func (a *AWS) checkActions(lb *loadBalancer, protocol types.ProtocolEnum, actions []types.Action) error {
	ends := 0
	for _, x := range actions {
		if slices.Contains(routing, x.Type) {
			ends++
		} else if protocol != types.ProtocolEnumHttps {
			return invalid("Actions of type '%s' are only supported by HTTPS listeners", x.Type)
		}
		var err error
		switch {
		case x.Type == types.ActionTypeEnumForward:
			if err = a.checkForward(lb, protocol, x.ForwardConfig); err == nil && len(actions) > 1 {
				err = a.checkForwardOnly(x.ForwardConfig)
			}
		case lb.sdk.Type == types.LoadBalancerTypeEnumNetwork:
			err = &types.InvalidLoadBalancerActionException{Message: aws.String(fmt.Sprintf("Actions of type '%s' are not supported by Network Load Balancers", x.Type))}
		case x.Type == types.ActionTypeEnumRedirect:
			err = checkRedirect(protocol, x.RedirectConfig)
		case x.Type == types.ActionTypeEnumFixedResponse:
			err = checkFixedResponse(x.FixedResponseConfig)
		default:
			err = checkIdentity(x)
		}
		if err != nil {
			return err
		}
	}
	if ends != 1 {
		return &types.InvalidLoadBalancerActionException{Message: aws.String(fmt.Sprintf(
			"Exactly one action of type 'forward', 'redirect' or 'fixed-response' must be specified, got %d", ends))}
	}
	return a.checkUniqueTargetGroups(lb, actions)
}

// checkUniqueTargetGroups counts the target groups of an Application Load Balancer, with those of new actions.
func (a *AWS) checkUniqueTargetGroups(lb *loadBalancer, actions []types.Action) error {
	if lb.sdk.Type != types.LoadBalancerTypeEnumApplication {
		return nil
	}
	fresh := targetGroupsIn(actions)
	all := map[string]bool{}
	for _, arn := range append(a.targetGroupsOf(lb), fresh...) {
		all[arn] = true
	}
	if len(all) > a.opts.Quotas[targetGroupsPerALB] && len(fresh) > 0 {
		return &types.TooManyUniqueTargetGroupsPerLoadBalancerException{Message: a.quotaReached(targetGroupsPerALB)}
	}
	return nil
}

// targetGroupsOf returns the ARNs of the target groups behind a load balancer; some may be there twice.
func (a *AWS) targetGroupsOf(lb *loadBalancer) []string {
	var out []string
	for _, l := range a.listenersOf(*lb.sdk.LoadBalancerArn) {
		out = append(out, targetGroupsIn(l.sdk.DefaultActions)...)
		for _, r := range a.rulesOf(*l.sdk.ListenerArn) {
			out = append(out, targetGroupsIn(r.sdk.Actions)...)
		}
	}
	return out
}

func (a *AWS) checkForward(lb *loadBalancer, protocol types.ProtocolEnum, f *types.ForwardActionConfig) error {
	if f == nil || len(f.TargetGroups) == 0 {
		return invalid("A target group must be specified for an action of type 'forward'")
	}
	if limit := a.opts.Quotas[targetGroupsPerAction]; len(f.TargetGroups) > limit {
		return &types.TooManyTargetGroupsException{Message: aws.String(fmt.Sprintf("A forward action takes at most %d target groups (quota '%s'), got %d", limit, targetGroupsPerAction, len(f.TargetGroups)))}
	}
	if s := f.TargetGroupStickinessConfig; s != nil && aws.ToBool(s.Enabled) && lb.sdk.Type == types.LoadBalancerTypeEnumApplication {
		if d := aws.ToInt32(s.DurationSeconds); d < 1 || d > maxStickySeconds {
			return invalid("Target group stickiness duration '%d' must be between 1 and %d", d, maxStickySeconds)
		}
	}
	for _, t := range f.TargetGroups {
		if w := aws.ToInt32(t.Weight); w < 0 || w > maxWeight {
			return invalid("Target group weight '%d' must be between 0 and %d", w, maxWeight)
		}
		tg, err := a.targetGroup(t.TargetGroupArn)
		if err != nil {
			return err
		}
		if err := checkProtocols(lb.sdk.Type, protocol, tg.sdk); err != nil {
			return err
		}
		if lb.sdk.Type == types.LoadBalancerTypeEnumApplication && len(f.TargetGroups) > 1 && !stickyGroups(f) && tg.attributes.values["stickiness.enabled"] == "true" {
			return &types.InvalidLoadBalancerActionException{Message: aws.String("You must enable group stickiness on a rule if you enabled target stickiness on one of its target groups")}
		}
		if len(f.TargetGroups) > 1 && followsApplication(tg.attributes.values) {
			return refused("Stickiness of type 'app_cookie' of target group '%s' is not supported by a forward action with several target groups", *tg.sdk.TargetGroupName)
		}
		if lb.sdk.Type == types.LoadBalancerTypeEnumNetwork {
			if err := checkNetworkForward(lb, protocol, f, tg); err != nil {
				return err
			}
		}
		for _, other := range a.loadBalancersOf(*t.TargetGroupArn) {
			if other != *lb.sdk.LoadBalancerArn {
				return &types.TargetGroupAssociationLimitException{Message: aws.String(fmt.Sprintf(
					"Target group '%s' cannot be associated with more than one load balancer", *tg.sdk.TargetGroupName))}
			}
		}
	}
	return nil
}

// checkForwardOnly refuses other actions ahead of a forward to a group of protocol version HTTP2 or GRPC (user guide,
// "Action types for listener rules"; row 24).
func (a *AWS) checkForwardOnly(f *types.ForwardActionConfig) error {
	for _, t := range f.TargetGroups {
		tg, err := a.targetGroup(t.TargetGroupArn)
		if err != nil {
			return err
		}
		if v := aws.ToString(tg.sdk.ProtocolVersion); v == "HTTP2" || v == "GRPC" {
			return refused("Only 'forward' actions are supported with a target group with the protocol-version '%s'", v)
		}
	}
	return nil
}

// forwardable lists the target group protocols behind each listener protocol.
var forwardable = map[types.ProtocolEnum][]types.ProtocolEnum{
	types.ProtocolEnumHttp:    {types.ProtocolEnumHttp, types.ProtocolEnumHttps},
	types.ProtocolEnumHttps:   {types.ProtocolEnumHttp, types.ProtocolEnumHttps},
	types.ProtocolEnumTcp:     {types.ProtocolEnumTcp, types.ProtocolEnumTcpUdp},
	types.ProtocolEnumTls:     {types.ProtocolEnumTcp, types.ProtocolEnumTls},
	types.ProtocolEnumUdp:     {types.ProtocolEnumUdp, types.ProtocolEnumTcpUdp},
	types.ProtocolEnumTcpUdp:  {types.ProtocolEnumTcpUdp},
	types.ProtocolEnumQuic:    {types.ProtocolEnumQuic, types.ProtocolEnumTcpQuic},
	types.ProtocolEnumTcpQuic: {types.ProtocolEnumTcpQuic},
}

func checkProtocols(kind types.LoadBalancerTypeEnum, listener types.ProtocolEnum, tg types.TargetGroup) error {
	toALB := tg.TargetType == types.TargetTypeEnumAlb
	if !slices.Contains(forwardable[listener], tg.Protocol) || toALB && listener != types.ProtocolEnumTcp {
		return &types.IncompatibleProtocolsException{Message: aws.String(fmt.Sprintf(
			"Listener protocol '%s' of a load balancer with type '%s' is not compatible with target group protocol '%s'", listener, kind, tg.Protocol))}
	}
	if v := aws.ToString(tg.ProtocolVersion); listener == types.ProtocolEnumHttp && (v == "HTTP2" || v == "GRPC") {
		return &types.InvalidConfigurationRequestException{Message: aws.String(fmt.Sprintf(
			"Listener protocol 'HTTP' is not supported with a target group with the protocol-version '%s'", v))}
	}
	return nil
}

// checkRedirect refuses a redirect to the very same address, which would loop, and one from HTTPS to HTTP.
func checkRedirect(protocol types.ProtocolEnum, r *types.RedirectActionConfig) error {
	if r == nil || (r.StatusCode != types.RedirectActionStatusCodeEnumHttp301 && r.StatusCode != types.RedirectActionStatusCodeEnumHttp302) {
		return invalid("A redirect must have the status code 'HTTP_301' or 'HTTP_302'")
	}
	if p := *r.Protocol; p != "HTTP" && p != "HTTPS" && p != "#{protocol}" {
		return invalid("Redirect protocol '%s' must be one of 'HTTP', 'HTTPS', '#{protocol}'", p)
	}
	if protocol == types.ProtocolEnumHttps && *r.Protocol == "HTTP" {
		return invalid("Redirecting from HTTPS to HTTP is not supported")
	}
	if !strings.HasPrefix(*r.Path, "/") {
		return invalid("Redirect path '%s' must begin with '/'", *r.Path)
	}
	if p, err := strconv.ParseUint(*r.Port, 10, 16); *r.Port != "#{port}" && (err != nil || p == 0) {
		return invalid("Redirect port '%s' must be '#{port}' or between 1 and 65535", *r.Port)
	}
	for _, part := range []string{*r.Host, *r.Path, *r.Query} {
		if len(part) > maxRedirectPart {
			return invalid("Redirect part '%s' cannot be longer than %d characters", part, maxRedirectPart)
		}
	}
	if *r.Protocol == "#{protocol}" && *r.Host == "#{host}" && *r.Port == "#{port}" && *r.Path == "/#{path}" {
		return invalid("The redirect configuration must modify at least one of protocol, host, port and path")
	}
	return nil
}

func checkFixedResponse(f *types.FixedResponseActionConfig) error {
	if f == nil || !fixedStatus.MatchString(aws.ToString(f.StatusCode)) {
		return invalid("A fixed response must have a status code of 2XX, 4XX or 5XX")
	}
	if f.ContentType != nil && !slices.Contains(contentTypes, *f.ContentType) {
		return invalid("Fixed response content type '%s' must be one of %s", *f.ContentType, strings.Join(contentTypes, ", "))
	}
	if n := len(aws.ToString(f.MessageBody)); n > maxBody {
		return invalid("Fixed response body of %d bytes cannot be longer than %d", n, maxBody)
	}
	return nil
}
