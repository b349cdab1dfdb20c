// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

const certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"

// account is an AWS with its clients and shorthands for what most tests need.
type account struct {
	*fakeaws.AWS
	t   *testing.T
	elb *elbv2.Client
	ec2 *ec2.Client
}

func newAccount(t *testing.T, opts fakeaws.Options) *account {
	t.Helper()
	a := &account{AWS: fakeaws.New(opts), t: t}
	t.Cleanup(a.Close)
	var err error
	a.elb, err = a.Provider().GetELBv2Client(t.Context(), "")
	require.NoError(t, err)
	a.ec2, err = a.Provider().GetEC2Client(t.Context(), "")
	require.NoError(t, err)
	return a
}

// code asserts the AWS error code of an error, and that it mentions what.
func code(t *testing.T, err error, want, what string) {
	t.Helper()
	var coded smithy.APIError
	require.ErrorAs(t, err, &coded)
	assert.Equal(t, want, coded.ErrorCode())
	assert.Contains(t, coded.ErrorMessage(), what)
}

// subnets returns n subnets of different zones.
func (a *account) subnets(n int) []types.SubnetMapping {
	out, err := a.ec2.DescribeSubnets(a.t.Context(), &ec2.DescribeSubnetsInput{})
	require.NoError(a.t, err)
	var mappings []types.SubnetMapping
	for _, s := range out.Subnets[:n] {
		mappings = append(mappings, types.SubnetMapping{SubnetId: s.SubnetId})
	}
	return mappings
}

func (a *account) tryLB(name string, kind types.LoadBalancerTypeEnum, subnets int, tags ...types.Tag) (types.LoadBalancer, error) {
	out, err := a.elb.CreateLoadBalancer(a.t.Context(), &elbv2.CreateLoadBalancerInput{
		Name: aws.String(name), Type: kind, Scheme: types.LoadBalancerSchemeEnumInternal, IpAddressType: types.IpAddressTypeIpv4,
		SubnetMappings: a.subnets(subnets), Tags: tags,
	})
	if err != nil {
		return types.LoadBalancer{}, err
	}
	return out.LoadBalancers[0], nil
}

func (a *account) lb(name string, kind types.LoadBalancerTypeEnum, tags ...types.Tag) *string {
	a.t.Helper()
	lb, err := a.tryLB(name, kind, 2, tags...)
	require.NoError(a.t, err)
	return lb.LoadBalancerArn
}

// group changes a sound request for a target group with change and sends it.
func (a *account) tryGroup(name string, protocol types.ProtocolEnum, change func(*elbv2.CreateTargetGroupInput)) (*string, error) {
	in := &elbv2.CreateTargetGroupInput{
		Name: aws.String(name), Protocol: protocol, Port: aws.Int32(80), VpcId: aws.String(a.VPC()), TargetType: types.TargetTypeEnumIp,
	}
	if change != nil {
		change(in)
	}
	out, err := a.elb.CreateTargetGroup(a.t.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.TargetGroups[0].TargetGroupArn, nil
}

func (a *account) group(name string, protocol types.ProtocolEnum) *string {
	a.t.Helper()
	arn, err := a.tryGroup(name, protocol, nil)
	require.NoError(a.t, err)
	return arn
}

func forward(groups ...*string) []types.Action {
	f := &types.ForwardActionConfig{}
	for _, g := range groups {
		f.TargetGroups = append(f.TargetGroups, types.TargetGroupTuple{TargetGroupArn: g})
	}
	return []types.Action{{Type: types.ActionTypeEnumForward, ForwardConfig: f}}
}

func answer(status string) []types.Action {
	return []types.Action{{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: aws.String(status)}}}
}

func (a *account) tryListener(lb *string, port int32, protocol types.ProtocolEnum, actions []types.Action, change func(*elbv2.CreateListenerInput)) (*string, error) {
	in := &elbv2.CreateListenerInput{LoadBalancerArn: lb, Port: aws.Int32(port), Protocol: protocol, DefaultActions: actions}
	if change != nil {
		change(in)
	}
	out, err := a.elb.CreateListener(a.t.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.Listeners[0].ListenerArn, nil
}

func (a *account) listener(lb *string, port int32, protocol types.ProtocolEnum, actions []types.Action) *string {
	a.t.Helper()
	arn, err := a.tryListener(lb, port, protocol, actions, nil)
	require.NoError(a.t, err)
	return arn
}

func paths(values ...string) []types.RuleCondition {
	return []types.RuleCondition{{Field: aws.String("path-pattern"), PathPatternConfig: &types.PathPatternConditionConfig{Values: values}}}
}

// values is a condition of the old form, which every field but header and query string has.
func values(field string, values ...string) []types.RuleCondition {
	return []types.RuleCondition{{Field: aws.String(field), Values: values}}
}

func (a *account) tryRule(listener *string, priority int32, conditions []types.RuleCondition, actions []types.Action) (*string, error) {
	out, err := a.elb.CreateRule(a.t.Context(), &elbv2.CreateRuleInput{
		ListenerArn: listener, Priority: aws.Int32(priority), Conditions: conditions, Actions: actions,
	})
	if err != nil {
		return nil, err
	}
	return out.Rules[0].RuleArn, nil
}

func TestAnOperationThatIsMissingFailsByNameAndIsCounted(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	_, err := a.elb.DescribeAccountLimits(t.Context(), &elbv2.DescribeAccountLimitsInput{})
	code(t, err, "NotImplemented", "DescribeAccountLimits")
	calls := a.Calls()
	require.Len(t, calls, 1)
	assert.Equal(t, "DescribeAccountLimits", calls[0].Operation)
	assert.True(t, calls[0].Unimplemented)
	assert.Equal(t, 1, a.Counts()["DescribeAccountLimits"])
}

func TestCallsKeepInputAndError(t *testing.T) {
	a := newAccount(t, fakeaws.Options{CallLimit: 2})
	a.lb("first", types.LoadBalancerTypeEnumApplication)
	_, err := a.tryLB("first", types.LoadBalancerTypeEnumNetwork, 2)
	require.Error(t, err)
	calls := a.Calls()
	require.Len(t, calls, 2, "the oldest calls go first")
	in, ok := calls[1].Input.(*elbv2.CreateLoadBalancerInput)
	require.True(t, ok)
	assert.Equal(t, "first", *in.Name)
	assert.Contains(t, calls[1].Error, "DuplicateLoadBalancerName: ")
	assert.Equal(t, 2, a.Counts()["CreateLoadBalancer"], "counts outlive the calls")
}

func TestNobodySharesMemoryWithTheAccount(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	in := &elbv2.CreateLoadBalancerInput{
		Name: aws.String("mine"), Type: types.LoadBalancerTypeEnumApplication, Scheme: types.LoadBalancerSchemeEnumInternal, SubnetMappings: a.subnets(2),
	}
	out, err := a.elb.CreateLoadBalancer(t.Context(), in)
	require.NoError(t, err)
	*in.Name = "changed"
	*out.LoadBalancers[0].LoadBalancerName = "changed"
	described := a.LoadBalancers()
	require.Len(t, described, 1)
	assert.Equal(t, "mine", described[0].Name)
	described[0].Zones[0] = "changed"
	assert.Equal(t, []string{"eu-west-1a", "eu-west-1b"}, a.LoadBalancers()[0].Zones)
}

func TestSubscribersHearOfChangesOnly(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	changed, stop := a.Subscribe()
	a.subnets(1)
	assert.Empty(t, changed, "describing changes nothing")
	arn := a.lb("first", types.LoadBalancerTypeEnumApplication)
	a.lb("second", types.LoadBalancerTypeEnumApplication)
	assert.Len(t, changed, 1, "two changes may be one signal")
	<-changed
	_, err := a.elb.DeleteLoadBalancer(t.Context(), &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: arn})
	require.NoError(t, err)
	assert.Len(t, changed, 1)
	<-changed
	stop()
	a.lb("third", types.LoadBalancerTypeEnumApplication)
	assert.Empty(t, changed, "the subscription has ended")
}

func TestAFailedCallIsNoChange(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	changed, stop := a.Subscribe()
	defer stop()
	_, err := a.tryLB("internal-x", types.LoadBalancerTypeEnumApplication, 2)
	require.Error(t, err)
	assert.Empty(t, changed)
}

func TestErrorsAreTheSDKsOwnTypes(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	_, err := a.elb.DescribeTargetHealth(t.Context(), &elbv2.DescribeTargetHealthInput{TargetGroupArn: aws.String("arn:none")})
	var notFound *types.TargetGroupNotFoundException
	assert.True(t, errors.As(err, &notFound))
}
