// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/faults"
)

func (a *account) fault(f faults.Fault) {
	a.t.Helper()
	_, err := a.Faults().Add(f)
	require.NoError(a.t, err)
}

func TestTheControllersClientsRetryThrottledCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, fakeaws.Options{})
		a.fault(faults.Fault{Type: faults.Error, Operation: "CreateTargetGroup", Code: "Throttling", Count: 3})
		start := time.Now()
		a.group("g", "HTTP")
		assert.Positive(t, time.Since(start), "with pauses")
		assert.Equal(t, 4, a.Counts()["CreateTargetGroup"])
		calls := a.Calls()
		assert.Equal(t, "Throttling: Rate exceeded", calls[len(calls)-2].Error)
		assert.Empty(t, calls[len(calls)-1].Error)
		assert.Len(t, a.TargetGroupARNs(), 1)
	})
}

func TestAThrottleThatLastsIsGivenUpAfterTheControllersTenAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, fakeaws.Options{})
		a.fault(faults.Fault{Type: faults.Error, Operation: "*", Code: "ThrottlingException"})
		_, err := a.tryGroup("g", "HTTP", nil)
		code(t, err, "ThrottlingException", "Rate exceeded")
		assert.Equal(t, 10, a.Counts()["CreateTargetGroup"])
	})
}

func TestAnUnavailableServiceIsRetriedAndARefusalIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, fakeaws.Options{})
		a.fault(faults.Fault{Type: faults.Error, Operation: "CreateTargetGroup", Code: "ServiceUnavailable", Count: 1})
		a.group("g", "HTTP")
		assert.Equal(t, 2, a.Counts()["CreateTargetGroup"])
		a.fault(faults.Fault{Type: faults.Error, Operation: "CreateTargetGroup", Code: "AccessDenied", Message: "no", Count: 1})
		_, err := a.tryGroup("h", "HTTP", nil)
		code(t, err, "AccessDenied", "no")
		assert.Equal(t, 3, a.Counts()["CreateTargetGroup"])
	})
}

func TestLatencyHoldsUpTheCallAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, fakeaws.Options{})
		a.fault(faults.Fault{Type: faults.Latency, Operation: "CreateTargetGroup", Milliseconds: 5000})
		start, done := time.Now(), make(chan struct{})
		go func() { defer close(done); a.group("g", "HTTP") }()
		synctest.Wait()
		a.lb("lb", alb)
		assert.Zero(t, time.Since(start), "other calls")
		<-done
		assert.Equal(t, 5*time.Second, time.Since(start))
		calls := a.Calls()
		assert.Equal(t, 5*time.Second, calls[len(calls)-1].Duration)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := a.elb.CreateTargetGroup(ctx, &elbv2.CreateTargetGroupInput{Name: aws.String("h")})
		require.ErrorIs(t, err, context.DeadlineExceeded, "a caller that gives up")
	})
}

func TestWhatIsCreatedIsSeenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, fakeaws.Options{})
		a.fault(faults.Fault{Type: faults.Visibility, Operation: "*", Milliseconds: 2000})
		group := a.group("g", "HTTP")
		lb := a.lb("lb", alb)
		listener := a.listener(lb, 80, "HTTP", forward(group)) // calls that change it find it
		rule, err := a.tryRule(listener, 1, paths("/a"), answer("200"))
		require.NoError(t, err)
		sg, err := a.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("front"), Description: aws.String("d"), VpcId: aws.String(a.VPC())})
		require.NoError(t, err)

		asked := map[string]func() error{
			"LoadBalancerNotFound": func() error {
				_, err := a.elb.DescribeLoadBalancers(t.Context(), &elbv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{*lb}})
				return err
			},
			"TargetGroupNotFound": func() error {
				_, err := a.elb.DescribeTargetGroups(t.Context(), &elbv2.DescribeTargetGroupsInput{Names: []string{"g"}})
				return err
			},
			"ListenerNotFound": func() error {
				_, err := a.elb.DescribeRules(t.Context(), &elbv2.DescribeRulesInput{ListenerArn: listener})
				return err
			},
			"RuleNotFound": func() error {
				_, err := a.elb.DescribeTags(t.Context(), &elbv2.DescribeTagsInput{ResourceArns: []string{*rule}})
				return err
			},
			"InvalidGroup.NotFound": func() error {
				_, err := a.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{*sg.GroupId}})
				return err
			},
		}
		seen := func() int {
			out, err := a.elb.DescribeLoadBalancers(t.Context(), &elbv2.DescribeLoadBalancersInput{})
			require.NoError(t, err)
			return len(out.LoadBalancers)
		}
		for want, ask := range asked {
			code(t, ask(), want, "")
		}
		assert.Zero(t, seen(), "a list leaves it out")
		time.Sleep(2 * time.Second)
		for what, ask := range asked {
			require.NoError(t, ask(), what)
		}
		assert.Equal(t, 1, seen())
	})
}

func TestALoadBalancerIsProvisionedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, fakeaws.Options{Provisioning: true, ProvisioningTime: time.Second})
		a.fault(faults.Fault{Type: faults.Provisioning, Milliseconds: 2000})
		lb := a.lb("lb", alb)
		changed, unsubscribe := a.Subscribe()
		defer unsubscribe()
		assert.True(t, a.Provisioning(*lb))
		<-changed
		assert.False(t, a.Provisioning(*lb))
		a.SetAddresses(*lb, []elb.Address{{Zone: "eu-west-1a", IP: "127.0.0.1"}})
		assert.Equal(t, "active", a.LoadBalancers()[0].State)
	})
}

func TestMissingOperationIsWarnedOfOnce(t *testing.T) {
	var out bytes.Buffer
	a := newAccount(t, fakeaws.Options{Log: slog.New(slog.NewTextHandler(&out, nil))})
	client, err := a.Provider().GetRoute53Client(t.Context(), "")
	require.NoError(t, err)
	for range 3 {
		_, err := client.ListHostedZones(t.Context(), &route53.ListHostedZonesInput{})
		code(t, err, "NotImplemented", "elbsim does not implement ListHostedZones of Route 53")
	}
	assert.Equal(t, 1, strings.Count(out.String(), "operation=ListHostedZones"), out.String())
	assert.Equal(t, 3, a.Counts()["ListHostedZones"])
}

func TestResultsAreKeptWithinBounds(t *testing.T) {
	a := newAccount(t, fakeaws.Options{Results: true, Quotas: map[string]int{"Application Load Balancers per Region": 100}})
	a.group("g", "HTTP")
	last := func() fakeaws.Call {
		calls := a.Calls()
		return calls[len(calls)-1]
	}
	var out elbv2.CreateTargetGroupOutput
	require.NoError(t, json.Unmarshal(last().Result, &out))
	assert.Equal(t, a.TargetGroupARNs()[0], *out.TargetGroups[0].TargetGroupArn)

	for i := range 100 { // more than 64 KiB of description
		a.lb("lb-"+strings.Repeat("x", i%20)+string(rune('a'+i/20)), alb)
	}
	describe := func() {
		_, err := a.elb.DescribeLoadBalancers(t.Context(), &elbv2.DescribeLoadBalancersInput{})
		require.NoError(t, err)
	}
	describe()
	assert.Contains(t, string(last().Result), "not kept: ")
	for range 9500 {
		a.subnets(1) // 5 KB each
	}
	kept := 0
	for _, c := range a.Calls() {
		kept += len(c.Result)
	}
	assert.LessOrEqual(t, kept, 32<<20)
	assert.Greater(t, kept, 31<<20, "no more than has to is given up")
}

func TestCapacityAndIPPoolsAreRemembered(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	lb := a.lb("lb", alb)
	units := func() int32 {
		out, err := a.elb.DescribeCapacityReservation(t.Context(), &elbv2.DescribeCapacityReservationInput{LoadBalancerArn: lb})
		require.NoError(t, err)
		if out.MinimumLoadBalancerCapacity == nil {
			return 0
		}
		return *out.MinimumLoadBalancerCapacity.CapacityUnits
	}
	assert.Zero(t, units())
	_, err := a.elb.ModifyCapacityReservation(t.Context(), &elbv2.ModifyCapacityReservationInput{LoadBalancerArn: lb,
		MinimumLoadBalancerCapacity: &types.MinimumLoadBalancerCapacity{CapacityUnits: aws.Int32(100)}})
	require.NoError(t, err)
	assert.Equal(t, int32(100), units())
	assert.Equal(t, int32(100), restarted(t, a).State().LoadBalancers[0].Capacity)
	_, err = a.elb.ModifyCapacityReservation(t.Context(), &elbv2.ModifyCapacityReservationInput{LoadBalancerArn: lb, ResetCapacityReservation: aws.Bool(true)})
	require.NoError(t, err)
	assert.Zero(t, units())
	_, err = a.elb.ModifyCapacityReservation(t.Context(), &elbv2.ModifyCapacityReservationInput{LoadBalancerArn: lb})
	code(t, err, "ValidationError", "CapacityUnits")

	out, err := a.elb.ModifyIpPools(t.Context(), &elbv2.ModifyIpPoolsInput{LoadBalancerArn: lb, IpamPools: &types.IpamPools{Ipv4IpamPoolId: aws.String("ipam-pool-1")}})
	require.NoError(t, err)
	assert.Equal(t, "ipam-pool-1", *out.IpamPools.Ipv4IpamPoolId)
}

func TestCreatingTheSameAgainReturnsWhatIsThere(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	group := a.group("g", "HTTP")
	lb := a.lb("lb", alb)
	listener := a.listener(lb, 80, "HTTP", forward(group))
	assert.Equal(t, group, a.group("g", "HTTP"))
	assert.Equal(t, lb, a.lb("lb", alb))
	assert.Equal(t, listener, a.listener(lb, 80, "HTTP", forward(group)))
	state := a.State()
	assert.Len(t, state.LoadBalancers, 1)
	assert.Len(t, state.TargetGroups, 1)
	assert.Len(t, state.Listeners, 1)

	_, err := a.tryLB("lb", types.LoadBalancerTypeEnumNetwork, 2)
	code(t, err, "DuplicateLoadBalancerName", "with different settings")
	_, err = a.tryGroup("g", "HTTP", func(in *elbv2.CreateTargetGroupInput) { in.Port = aws.Int32(81) })
	code(t, err, "DuplicateTargetGroupName", "with different settings")
	_, err = a.tryListener(lb, 80, "HTTP", answer("404"), nil)
	code(t, err, "DuplicateListener", "port 80")
}
