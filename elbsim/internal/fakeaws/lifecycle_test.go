// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

func TestRulesAreListedWithTheDefaultRuleAndMayTradePlaces(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	l := a.listener(a.lb("lb", alb), 80, "HTTP", answer("404"))
	first, err := a.tryRule(l, 1, paths("/a"), answer("200"))
	require.NoError(t, err)
	second, err := a.tryRule(l, 2, paths("/b"), answer("201"))
	require.NoError(t, err)

	_, err = a.elb.SetRulePriorities(t.Context(), &elbv2.SetRulePrioritiesInput{RulePriorities: []types.RulePriorityPair{{RuleArn: first, Priority: aws.Int32(2)}}})
	code(t, err, "PriorityInUse", "'2'")
	_, err = a.elb.SetRulePriorities(t.Context(), &elbv2.SetRulePrioritiesInput{RulePriorities: []types.RulePriorityPair{
		{RuleArn: first, Priority: aws.Int32(2)}, {RuleArn: second, Priority: aws.Int32(1)},
	}})
	require.NoError(t, err)
	rules := a.LoadBalancers()[0].Listeners[0].Rules
	require.Len(t, rules, 2)
	assert.Equal(t, []string{"/b"}, rules[0].Conditions[0].Values, "in order of evaluation")

	out, err := a.elb.DescribeRules(t.Context(), &elbv2.DescribeRulesInput{ListenerArn: l})
	require.NoError(t, err)
	require.Len(t, out.Rules, 3)
	assert.True(t, *out.Rules[2].IsDefault)

	_, err = a.elb.DeleteRule(t.Context(), &elbv2.DeleteRuleInput{RuleArn: first})
	require.NoError(t, err)
	assert.Len(t, a.LoadBalancers()[0].Listeners[0].Rules, 1)
}

func TestAModifiedRuleKeepsWhatIsNotGiven(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	l := a.listener(a.lb("lb", alb), 80, "HTTP", answer("404"))
	r, err := a.tryRule(l, 1, paths("/a"), answer("200"))
	require.NoError(t, err)
	_, err = a.elb.ModifyRule(t.Context(), &elbv2.ModifyRuleInput{RuleArn: r, Actions: answer("201")})
	require.NoError(t, err)
	rule := a.LoadBalancers()[0].Listeners[0].Rules[0]
	assert.Equal(t, 201, rule.Actions[0].FixedResponse.StatusCode)
	assert.Equal(t, []string{"/a"}, rule.Conditions[0].Values)
}

func TestATargetGroupInUseCannotBeDeleted(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	group := a.group("g", "HTTP")
	lb := a.lb("lb", alb)
	l := a.listener(lb, 80, "HTTP", answer("404"))
	_, err := a.tryRule(l, 1, paths("/a"), forward(group))
	require.NoError(t, err)
	_, err = a.elb.DeleteTargetGroup(t.Context(), &elbv2.DeleteTargetGroupInput{TargetGroupArn: group})
	code(t, err, "ResourceInUse", "in use by a listener or a rule")

	_, err = a.elb.DeleteLoadBalancer(t.Context(), &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: lb})
	require.NoError(t, err)
	assert.Empty(t, a.LoadBalancers())
	_, err = a.elb.DescribeListeners(t.Context(), &elbv2.DescribeListenersInput{ListenerArns: []string{*l}})
	code(t, err, "ListenerNotFound", *l)
	_, err = a.elb.DeleteTargetGroup(t.Context(), &elbv2.DeleteTargetGroupInput{TargetGroupArn: group})
	require.NoError(t, err)
	_, err = a.elb.DescribeTags(t.Context(), &elbv2.DescribeTagsInput{ResourceArns: []string{*group}})
	code(t, err, "TargetGroupNotFound", *group)
}

func TestDeletionProtection(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	lb := a.lb("lb", alb)
	protect := func(value string) {
		_, err := a.elb.ModifyLoadBalancerAttributes(t.Context(), &elbv2.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: lb, Attributes: []types.LoadBalancerAttribute{{Key: aws.String("deletion_protection.enabled"), Value: aws.String(value)}},
		})
		require.NoError(t, err)
	}
	protect("true")
	_, err := a.elb.DeleteLoadBalancer(t.Context(), &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: lb})
	code(t, err, "OperationNotPermitted", "deletion protection is enabled") // LBC looks for these words
	protect("false")
	_, err = a.elb.DeleteLoadBalancer(t.Context(), &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: lb})
	require.NoError(t, err)
}

func TestListenerCertificatesAreTheDefaultAndThoseForSNI(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	const extra = "arn:aws:acm:eu-west-1:111122223333:certificate/66666666-7777-8888-9999-000000000000"
	l, err := a.tryListener(a.lb("lb", alb), 443, "HTTPS", answer("404"), func(in *elbv2.CreateListenerInput) {
		in.Certificates = []types.Certificate{{CertificateArn: aws.String(certificate)}}
	})
	require.NoError(t, err)
	certificates := []types.Certificate{{CertificateArn: aws.String(extra)}}
	_, err = a.elb.AddListenerCertificates(t.Context(), &elbv2.AddListenerCertificatesInput{ListenerArn: l, Certificates: certificates})
	require.NoError(t, err)
	assert.Equal(t, []string{certificate, extra}, a.LoadBalancers()[0].Listeners[0].Certificates)
	out, err := a.elb.DescribeListenerCertificates(t.Context(), &elbv2.DescribeListenerCertificatesInput{ListenerArn: l})
	require.NoError(t, err)
	require.Len(t, out.Certificates, 2)
	assert.True(t, *out.Certificates[0].IsDefault)
	_, err = a.elb.RemoveListenerCertificates(t.Context(), &elbv2.RemoveListenerCertificatesInput{ListenerArn: l, Certificates: certificates})
	require.NoError(t, err)
	assert.Equal(t, []string{certificate}, a.LoadBalancers()[0].Listeners[0].Certificates)
}

func TestSecurityGroups(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	made, err := a.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("front"), Description: aws.String("x"), VpcId: aws.String(a.VPC())})
	require.NoError(t, err)
	open := []ec2types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80),
		IpRanges: []ec2types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}, {CidrIp: aws.String("0.0.0.0/0")}}}}
	authorize := func() error {
		_, err := a.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: made.GroupId, IpPermissions: open})
		return err
	}
	require.NoError(t, authorize())
	code(t, authorize(), "InvalidPermission.Duplicate", "tcp 80-80")
	_, err = a.ec2.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: made.GroupId, IpPermissions: open})
	require.NoError(t, err)
	require.NoError(t, authorize())

	_, err = a.elb.CreateLoadBalancer(t.Context(), &elbv2.CreateLoadBalancerInput{
		Name: aws.String("lb"), Type: alb, Scheme: "internal", SubnetMappings: a.subnets(2), SecurityGroups: []string{*made.GroupId},
	})
	require.NoError(t, err)
	sg := a.LoadBalancers()[0].SecurityGroups
	require.Len(t, sg, 1)
	assert.Equal(t, *made.GroupId, sg[0].ID, "a group that is not the controller's keeps its ID")
	assert.Equal(t, "0.0.0.0/0", sg[0].Inbound[0].Source)
	assert.Equal(t, "10.0.0.0/8", sg[0].Inbound[1].Source)
	_, err = a.ec2.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: made.GroupId})
	code(t, err, "DependencyViolation", *made.GroupId)
	_, err = a.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{"sg-none"}})
	code(t, err, "InvalidGroup.NotFound", "sg-none")
}

func TestFiltersThatAreUnknownAreRefused(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	_, err := a.ec2.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{{Name: aws.String("colour"), Values: []string{"blue"}}}})
	code(t, err, "InvalidParameterValue", "'colour'")
	out, err := a.ec2.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{{Name: aws.String("tag:Name"), Values: []string{"private-eu-west-1b"}}}})
	require.NoError(t, err)
	require.Len(t, out.Subnets, 1)
	assert.Equal(t, "eu-west-1b", *out.Subnets[0].AvailabilityZone)
}

func TestDescriptionsHoldNoHashesAndOnlyChangedAttributes(t *testing.T) {
	tag := func(k, v string) types.Tag { return types.Tag{Key: aws.String(k), Value: aws.String(v)} }
	a := newAccount(t, fakeaws.Options{UnknownPort: func(p int32) bool { return p == 65535 }})
	lb := a.lb("k8s-shop-web-0123456789", alb, tag("ingress.k8s.aws/stack", "shop/web"), tag("elbv2.k8s.aws/cluster", "c"), tag("Team", "shop"))
	group, err := a.tryGroup("k8s-shop-web-9876543210", "HTTP", func(g *elbv2.CreateTargetGroupInput) {
		g.Port, g.HealthCheckPort = aws.Int32(65535), aws.String("65535")
		g.Tags = []types.Tag{tag("ingress.k8s.aws/stack", "shop/web"), tag("ingress.k8s.aws/resource", "shop/web-app-v2:http")}
	})
	require.NoError(t, err)
	member, err := a.tryGroup("other", "HTTP", func(g *elbv2.CreateTargetGroupInput) {
		g.Tags = []types.Tag{tag("ingress.k8s.aws/stack", "shared"), tag("ingress.k8s.aws/resource", "shop/web-app-v2:80")}
	})
	require.NoError(t, err)
	made := a.group("by-hand", "HTTP")
	a.listener(lb, 80, "HTTP", forward(group, member, made))

	got := a.LoadBalancers()[0]
	assert.Equal(t, "shop/web", got.Stack)
	assert.Empty(t, got.Name, "the controller made the name up")
	assert.Equal(t, map[string]string{"Team": "shop"}, got.Tags)
	assert.Nil(t, got.Attributes)
	require.Len(t, got.TargetGroups, 3)
	assert.Equal(t, *made, got.TargetGroups[0].Name, "without tracking tags, the ARN")
	assert.Equal(t, "shop/app-v2:http", got.TargetGroups[1].Name, "without the Ingress's name")
	assert.Equal(t, "shop/web-app-v2:80", got.TargetGroups[2].Name, "in a group, with it")
	assert.Equal(t, int32(0), got.TargetGroups[1].Port)
	assert.Equal(t, "0", got.TargetGroups[1].HealthCheck.Port)
	assert.Equal(t, "shop/app-v2:http", got.Listeners[0].DefaultActions[0].Forward[0].TargetGroup)
}
