// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// furnish fills an account with one of everything and returns the target group.
func furnish(a *account) *string {
	a.t.Helper()
	a.SetInstances([]fakeaws.Instance{{ID: "i-1", Address: "172.18.0.3", Zone: "eu-west-1a", PodCIDRs: []string{"10.244.1.0/24"}}})
	group := a.group("g", "HTTP")
	lb := a.lb("lb", alb, types.Tag{Key: aws.String("ingress.k8s.aws/stack"), Value: aws.String("shop/web")})
	a.SetAddresses(*lb, []elb.Address{{Zone: "eu-west-1a", IP: "127.64.0.1"}})
	l, err := a.tryListener(lb, 443, "HTTPS", forward(group), func(in *elbv2.CreateListenerInput) {
		in.Certificates = []types.Certificate{{CertificateArn: aws.String(certificate)}}
	})
	require.NoError(a.t, err)
	_, err = a.tryRule(l, 1, paths("/a"), answer("200"))
	require.NoError(a.t, err)
	_, err = a.elb.ModifyLoadBalancerAttributes(a.t.Context(), &elbv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: lb,
		Attributes: []types.LoadBalancerAttribute{{Key: aws.String("idle_timeout.timeout_seconds"), Value: aws.String("120")}}})
	require.NoError(a.t, err)
	sg, err := a.ec2.CreateSecurityGroup(a.t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("front"), Description: aws.String("test"), VpcId: aws.String(a.VPC())})
	require.NoError(a.t, err)
	_, err = a.ec2.AuthorizeSecurityGroupIngress(a.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: sg.GroupId, IpPermissions: []ec2types.IpPermission{
		{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}},
	}})
	require.NoError(a.t, err)
	a.register(group, "10.244.1.5", "10.244.1.6")
	a.deregister(group, "10.244.1.6")
	return group
}

// restarted is a new account with the state of a, as a file would keep it.
func restarted(t *testing.T, a *account) *account {
	t.Helper()
	raw, err := json.Marshal(a.State())
	require.NoError(t, err)
	var s fakeaws.State
	require.NoError(t, json.Unmarshal(raw, &s))
	b := newAccount(t, fakeaws.Options{Provisioning: true})
	require.NoError(t, b.Restore(s))
	return b
}

func TestARestartedAccountIsTheSame(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	group := furnish(a)
	b := restarted(t, a)
	assert.Equal(t, a.LoadBalancers(), b.LoadBalancers())
	assert.Equal(t, a.State(), b.State())
	assert.Equal(t, "draining Target.DeregistrationInProgress", b.health(group)["10.244.1.6"])

	groups, err := b.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{})
	require.NoError(t, err)
	assert.Len(t, groups.SecurityGroups, 2, "the nodes' and the one that was made")
	assert.NotEqual(t, *a.group("later", "HTTP"), *group)
	assert.Equal(t, *a.lb("next", alb), func() string { b.group("later", "HTTP"); return *b.lb("next", alb) }(), "IDs go on where they were")
}

func TestAnEmptyAccountStaysEmpty(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	assert.Equal(t, a.State(), restarted(t, a).State())
}

func TestADrainingTargetGoesWhenItWouldHaveGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, fakeaws.Options{})
		group := furnish(a) // the delay is AWS's 300 seconds
		time.Sleep(100 * time.Second)
		state := a.State()
		time.Sleep(100 * time.Second) // nobody runs
		b := newAccount(t, fakeaws.Options{})
		require.NoError(t, b.Restore(state))
		time.Sleep(99 * time.Second)
		assert.Contains(t, b.health(group), "10.244.1.6")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.NotContains(t, b.health(group), "10.244.1.6")
		assert.Contains(t, b.health(group), "10.244.1.5")
	})
}

func TestADrainThatEndedMeanwhileIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, fakeaws.Options{})
		group := furnish(a)
		state := a.State()
		time.Sleep(time.Hour)
		b := newAccount(t, fakeaws.Options{})
		require.NoError(t, b.Restore(state))
		synctest.Wait()
		assert.NotContains(t, b.health(group), "10.244.1.6")
	})
}

func TestStatesThatDoNotFitAreRefused(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	furnish(a)
	for _, c := range []struct {
		name   string
		change func(*fakeaws.State)
		want   string
	}{
		{name: "another region", change: func(s *fakeaws.State) { s.Region = "us-east-1" }, want: `it is of region "us-east-1" (--aws-region), and this account is of region "eu-west-1" (--aws-region)`},
		{name: "another account", change: func(s *fakeaws.State) { s.Account = "1" }, want: `account "1"`},
		{name: "another VPC", change: func(s *fakeaws.State) { s.VPC = "vpc-1" }, want: `VPC "vpc-1"`},
		{name: "other zones", change: func(s *fakeaws.State) { s.Zones = []string{"eu-west-1a"} }, want: `zones "eu-west-1a"`},
		{name: "a security group without ID", change: func(s *fakeaws.State) { s.SecurityGroups[0].GroupId = nil }, want: "security group 0 has no ID"},
		{name: "a load balancer without ARN", change: func(s *fakeaws.State) { s.LoadBalancers[0].SDK.LoadBalancerArn = nil }, want: "load balancer 0 has no ARN"},
		{name: "a listener of no load balancer", change: func(s *fakeaws.State) { s.LoadBalancers = nil }, want: "listener 0 has no ARN or is of no load balancer"},
		{name: "a rule of no listener", change: func(s *fakeaws.State) { s.Listeners = nil }, want: "rule 0 has no ARN or priority, or is of no listener"},
		{name: "a target group without ARN", change: func(s *fakeaws.State) { s.TargetGroups[0].SDK.TargetGroupArn = nil }, want: "target group 0 has no ARN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := a.State()
			c.change(&s)
			b := newAccount(t, fakeaws.Options{})
			before := b.State()
			require.ErrorContains(t, b.Restore(s), c.want)
			assert.Equal(t, before, b.State(), "nothing of it is taken")
		})
	}
}

// What objects of the cluster refer to must outlive the process that told of it, all else the controller mends.
func TestWhatTheClusterRefersToIsCommittedBeforeTheAnswer(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	commits := 0
	a.SetCommit(func() {
		a.State() // no lock is held
		commits++
	})
	for _, step := range []struct {
		name string
		do   func()
		want int
	}{
		{"create a target group", func() { a.group("g", "HTTP") }, 1},
		{"create a load balancer", func() { a.lb("lb", alb) }, 1},
		{"describe", func() { a.subnets(1) }, 0},
		{"a call that fails", func() {
			_, err := a.tryGroup("-", "HTTP", nil)
			require.Error(t, err)
		}, 0},
		{"delete a target group", func() {
			_, err := a.elb.DeleteTargetGroup(t.Context(), &elbv2.DeleteTargetGroupInput{TargetGroupArn: aws.String(a.TargetGroupARNs()[0])})
			require.NoError(t, err)
		}, 1},
		{"delete a load balancer", func() {
			_, err := a.elb.DeleteLoadBalancer(t.Context(), &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: aws.String(a.LoadBalancers()[0].ARN)})
			require.NoError(t, err)
		}, 1},
	} {
		commits = 0
		step.do()
		assert.Equal(t, step.want, commits, step.name)
	}
}
