// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

type targetGroup struct {
	sdk        types.TargetGroup
	attributes attributes
	targets    []*target
}

func (tg *targetGroup) stopTimers() {
	for _, t := range tg.targets {
		t.stop()
	}
}

func (a *AWS) targetGroupOperations() []operation {
	return []operation{
		reads(a.describeTargetGroups), lasting(a.createTargetGroup), changes(a.modifyTargetGroup),
		lasting(a.deleteTargetGroup),
	}
}

// addTargetGroups makes the declared ones, with AWS's defaults for their health checks.
func (a *AWS) addTargetGroups() {
	for _, g := range a.opts.TargetGroups {
		sdk := types.TargetGroup{
			TargetGroupArn: aws.String(g.ARN), TargetGroupName: aws.String(nameIn(g.ARN, "targetgroup")), VpcId: aws.String(a.opts.VPC),
			Protocol: types.ProtocolEnum(g.Protocol), Port: aws.Int32(g.Port), TargetType: types.TargetTypeEnum(g.TargetType), HealthCheckEnabled: aws.Bool(true),
		}
		if g.ProtocolVersion != "" {
			sdk.ProtocolVersion = aws.String(g.ProtocolVersion)
		}
		completeTargetGroup(&sdk)
		a.targets.put(g.ARN, &targetGroup{sdk: sdk, attributes: newAttributes(targetGroupAttributes(sdk))})
		a.setTags(g.ARN, nil)
	}
}

func (a *AWS) targetGroup(arn *string) (*targetGroup, error) {
	if tg := a.targets.get(aws.ToString(arn)); tg != nil {
		return tg, nil
	}
	return nil, &types.TargetGroupNotFoundException{Message: aws.String(fmt.Sprintf("Target group '%s' not found", aws.ToString(arn)))}
}

// loadBalancersOf returns the ARNs of the load balancers whose listeners or rules forward to a target
// group, sorted.
func (a *AWS) loadBalancersOf(tgARN string) []string {
	var out []string
	for _, l := range a.listeners.by(tgARN) {
		out = append(out, *l.sdk.LoadBalancerArn)
	}
	for _, r := range a.rules.by(tgARN) {
		out = append(out, *a.listeners.get(r.listener).sdk.LoadBalancerArn)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (a *AWS) describeTargetGroups(in *elbv2.DescribeTargetGroupsInput) (*elbv2.DescribeTargetGroupsOutput, error) {
	out := &elbv2.DescribeTargetGroupsOutput{}
	for _, tg := range some(a.targets, in.TargetGroupArns, in.Names) {
		d := tg.sdk
		d.LoadBalancerArns = a.loadBalancersOf(*d.TargetGroupArn)
		if in.LoadBalancerArn == nil || slices.Contains(d.LoadBalancerArns, *in.LoadBalancerArn) {
			out.TargetGroups = append(out.TargetGroups, d)
		}
	}
	if len(out.TargetGroups) < len(in.TargetGroupArns)+len(in.Names) {
		return nil, &types.TargetGroupNotFoundException{Message: aws.String("One or more target groups not found")}
	}
	return out, nil
}

func (a *AWS) createTargetGroup(in *elbv2.CreateTargetGroupInput) (*elbv2.CreateTargetGroupOutput, error) {
	if err := a.checkNewTargetGroup(in); err != nil {
		return nil, err
	}
	sdk := types.TargetGroup{
		TargetGroupName: in.Name, Port: in.Port, Protocol: in.Protocol, ProtocolVersion: in.ProtocolVersion, VpcId: in.VpcId,
		TargetType: in.TargetType, IpAddressType: in.IpAddressType, TargetControlPort: in.TargetControlPort,
		HealthCheckEnabled: aws.Bool(true), HealthCheckPort: in.HealthCheckPort, HealthCheckProtocol: in.HealthCheckProtocol,
		HealthCheckPath: in.HealthCheckPath, HealthCheckIntervalSeconds: in.HealthCheckIntervalSeconds,
		HealthCheckTimeoutSeconds: in.HealthCheckTimeoutSeconds, HealthyThresholdCount: in.HealthyThresholdCount,
		UnhealthyThresholdCount: in.UnhealthyThresholdCount, Matcher: in.Matcher,
	}
	completeTargetGroup(&sdk)
	if err := checkHealthCheck(sdk); err != nil {
		return nil, err
	}
	if named := a.targets.by(*in.Name); len(named) > 0 {
		same := named[0].sdk
		same.TargetGroupArn = nil
		if !reflect.DeepEqual(same, sdk) {
			return nil, &types.DuplicateTargetGroupNameException{Message: aws.String(fmt.Sprintf(
				"A target group with the same name '%s' exists, but with different settings", *in.Name))}
		}
		return &elbv2.CreateTargetGroupOutput{TargetGroups: []types.TargetGroup{named[0].sdk}}, nil // API: it is idempotent
	}
	if a.targets.len() >= a.opts.Quotas[targetGroupsPerRegion] {
		return nil, &types.TooManyTargetGroupsException{Message: a.quotaReached(targetGroupsPerRegion)}
	}
	arn := a.arn("elasticloadbalancing", fmt.Sprintf("targetgroup/%s/%s", *in.Name, a.id(16)))
	sdk.TargetGroupArn = aws.String(arn)
	a.targets.put(arn, &targetGroup{sdk: sdk, attributes: newAttributes(targetGroupAttributes(sdk))})
	a.setTags(arn, in.Tags)
	return &elbv2.CreateTargetGroupOutput{TargetGroups: []types.TargetGroup{sdk}}, nil
}

func (a *AWS) modifyTargetGroup(in *elbv2.ModifyTargetGroupInput) (*elbv2.ModifyTargetGroupOutput, error) {
	tg, err := a.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	next := tg.sdk
	replace(&next.HealthCheckPort, in.HealthCheckPort)
	replace(&next.HealthCheckPath, in.HealthCheckPath)
	replace(&next.HealthCheckIntervalSeconds, in.HealthCheckIntervalSeconds)
	replace(&next.HealthCheckTimeoutSeconds, in.HealthCheckTimeoutSeconds)
	replace(&next.HealthyThresholdCount, in.HealthyThresholdCount)
	replace(&next.UnhealthyThresholdCount, in.UnhealthyThresholdCount)
	replace(&next.Matcher, in.Matcher)
	if in.HealthCheckProtocol != "" {
		next.HealthCheckProtocol = in.HealthCheckProtocol
	}
	completeTargetGroup(&next)
	if err := checkHealthCheck(next); err != nil {
		return nil, err
	}
	tg.sdk = next
	next.LoadBalancerArns = a.loadBalancersOf(*in.TargetGroupArn)
	return &elbv2.ModifyTargetGroupOutput{TargetGroups: []types.TargetGroup{next}}, nil
}

func replace[T any](field **T, value *T) {
	if value != nil {
		*field = value
	}
}

func (a *AWS) deleteTargetGroup(in *elbv2.DeleteTargetGroupInput) (*elbv2.DeleteTargetGroupOutput, error) {
	tg := a.targets.get(aws.ToString(in.TargetGroupArn))
	if tg == nil { // AWS: deleting what does not exist succeeds
		return &elbv2.DeleteTargetGroupOutput{}, nil
	}
	if len(a.loadBalancersOf(*in.TargetGroupArn)) > 0 {
		return nil, &types.ResourceInUseException{Message: aws.String(fmt.Sprintf("Target group '%s' is currently in use by a listener or a rule", *in.TargetGroupArn))}
	}
	tg.stopTimers()
	a.targets.drop(*in.TargetGroupArn)
	a.tags.drop(*in.TargetGroupArn)
	return &elbv2.DeleteTargetGroupOutput{}, nil
}

func overHTTP(p types.ProtocolEnum) bool {
	return p == types.ProtocolEnumHttp || p == types.ProtocolEnumHttps
}

// completeTargetGroup fills in AWS's defaults (API: CreateTargetGroup). The defaults of an ALB's
// group, by protocol HTTP or HTTPS, differ from those of an NLB's.
func completeTargetGroup(tg *types.TargetGroup) {
	alb := overHTTP(tg.Protocol)
	if tg.TargetType == "" {
		tg.TargetType = types.TargetTypeEnumInstance
	}
	if tg.IpAddressType == "" {
		tg.IpAddressType = types.TargetGroupIpAddressTypeEnumIpv4
	}
	if alb && tg.ProtocolVersion == nil {
		tg.ProtocolVersion = aws.String("HTTP1")
	}
	if tg.HealthCheckProtocol == "" {
		tg.HealthCheckProtocol = types.ProtocolEnumTcp
		if alb {
			tg.HealthCheckProtocol = types.ProtocolEnumHttp
		}
	}
	grpc := aws.ToString(tg.ProtocolVersion) == "GRPC"
	timeout, path, codes := int32(10), "/", "200-399"
	if alb {
		timeout, codes = 5, "200"
	}
	orDefault(&tg.HealthCheckPort, "traffic-port")
	orDefault(&tg.HealthCheckIntervalSeconds, 30)
	orDefault(&tg.HealthyThresholdCount, 5)
	orDefault(&tg.UnhealthyThresholdCount, 2)
	if !overHTTP(tg.HealthCheckProtocol) {
		orDefault(&tg.HealthCheckTimeoutSeconds, 10)
		tg.HealthCheckPath, tg.Matcher = nil, nil
		return
	}
	orDefault(&tg.HealthCheckTimeoutSeconds, timeout)
	if grpc {
		path = "/AWS.ALB/healthcheck"
	}
	orDefault(&tg.HealthCheckPath, path)
	if tg.Matcher == nil {
		tg.Matcher = &types.Matcher{HttpCode: aws.String(codes)}
		if grpc {
			tg.Matcher = &types.Matcher{GrpcCode: aws.String("12")}
		}
	}
}

func orDefault[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}
