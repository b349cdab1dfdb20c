// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

func (a *account) register(group *string, ids ...string) {
	a.t.Helper()
	_, err := a.elb.RegisterTargets(a.t.Context(), &elbv2.RegisterTargetsInput{TargetGroupArn: group, Targets: targets(ids)})
	require.NoError(a.t, err)
}

func (a *account) deregister(group *string, ids ...string) {
	a.t.Helper()
	_, err := a.elb.DeregisterTargets(a.t.Context(), &elbv2.DeregisterTargetsInput{TargetGroupArn: group, Targets: targets(ids)})
	require.NoError(a.t, err)
}

func targets(ids []string) []types.TargetDescription {
	var out []types.TargetDescription
	for _, id := range ids {
		out = append(out, types.TargetDescription{Id: aws.String(id), Port: aws.Int32(8080)})
	}
	return out
}

// health returns "state reason" by target.
func (a *account) health(group *string, ids ...string) map[string]string {
	a.t.Helper()
	out, err := a.elb.DescribeTargetHealth(a.t.Context(), &elbv2.DescribeTargetHealthInput{TargetGroupArn: group, Targets: targets(ids)})
	require.NoError(a.t, err)
	states := map[string]string{}
	for _, d := range out.TargetHealthDescriptions {
		states[*d.Target.Id] = string(d.TargetHealth.State) + " " + string(d.TargetHealth.Reason)
	}
	return states
}

// inUse is a target group behind a listener, with this deregistration delay in seconds.
func (a *account) inUse(delay string) *string {
	a.t.Helper()
	group := a.group("g", "HTTP")
	a.listener(a.lb("lb", alb), 80, "HTTP", forward(group))
	_, err := a.elb.ModifyTargetGroupAttributes(a.t.Context(), &elbv2.ModifyTargetGroupAttributesInput{
		TargetGroupArn: group, Attributes: []types.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String(delay)}},
	})
	require.NoError(a.t, err)
	return group
}

func TestTargetHealth(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	idle := a.group("idle", "HTTP")
	a.register(idle, "10.244.0.9")
	assert.Equal(t, "unused Target.NotInUse", a.health(idle)["10.244.0.9"], "no listener forwards to the group")

	group := a.inUse("300")
	a.register(group, "10.244.0.1", "10.244.0.2")
	assert.Equal(t, "initial Elb.RegistrationInProgress", a.health(group)["10.244.0.1"], "nobody checks yet")

	a.SetHealth(func(arn string, x elb.Target) elb.Health {
		a.Calls() // it may ask the account: no lock is held
		if arn == *group && x.Address == "10.244.0.1" && x.Port == 8080 {
			return elb.Health{State: elb.Healthy}
		}
		return elb.Health{State: elb.Unhealthy, Reason: "Target.Timeout", Description: "Request timed out"}
	})
	assert.Equal(t, map[string]string{"10.244.0.1": "healthy ", "10.244.0.2": "unhealthy Target.Timeout"}, a.health(group))
	assert.Equal(t, map[string]string{"10.244.0.2": "unhealthy Target.Timeout"}, a.health(group, "10.244.0.2"), "only those asked for")
	assert.Equal(t, "unused Target.NotRegistered", a.health(group, "10.244.0.3")["10.244.0.3"])

	described := a.LoadBalancers()[0].TargetGroups[0].Targets
	require.Len(t, described, 2)
	assert.Equal(t, elb.Health{State: elb.Unhealthy, Reason: "Target.Timeout", Description: "Request timed out"}, described[1].Health)
}

func TestADeregisteredTargetDrainsForTheDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, fakeaws.Options{})
		group := a.inUse("30")
		a.register(group, "10.244.0.1")
		a.deregister(group, "10.244.0.1")
		assert.Equal(t, "draining Target.DeregistrationInProgress", a.health(group)["10.244.0.1"])
		changed, stop := a.Subscribe()
		defer stop()
		time.Sleep(29 * time.Second) // of the bubble's clock
		assert.Len(t, a.health(group), 1)
		assert.Empty(t, changed)
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Empty(t, a.health(group))
		assert.Len(t, changed, 1, "the end of draining is a change")
	})
}

func TestATargetThatComesBackIsNotRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, fakeaws.Options{})
		group := a.inUse("30")
		a.register(group, "10.244.0.1")
		a.deregister(group, "10.244.0.1")
		time.Sleep(10 * time.Second)
		a.register(group, "10.244.0.1")
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, "initial Elb.RegistrationInProgress", a.health(group)["10.244.0.1"])
	})
}

func TestDelayZeroRemovesAtOnce(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	group := a.inUse("0")
	a.register(group, "10.244.0.1")
	a.deregister(group, "10.244.0.1")
	assert.Empty(t, a.health(group))
}

func TestInstancesAreFoundByIDAndPodsByTheirNode(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	a.SetInstances([]fakeaws.Instance{
		{ID: "i-0a", Address: "172.19.0.3", Zone: "eu-west-1a", PodCIDRs: []string{"10.244.1.0/24"}},
		{ID: "i-0b", Address: "172.19.0.4", Zone: "eu-west-1b", PodCIDRs: []string{"10.244.2.0/24"}},
	})
	nodes, err := a.tryGroup("nodes", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.TargetType = types.TargetTypeEnumInstance })
	require.NoError(t, err)
	pods := a.group("pods", "HTTP")
	lb := a.lb("lb", alb)
	a.listener(lb, 80, "HTTP", forward(nodes))
	a.listener(lb, 81, "HTTP", forward(pods))
	a.register(nodes, "i-0b")
	a.register(pods, "10.244.1.7")

	byName := map[string]elb.Target{}
	for _, tg := range a.LoadBalancers()[0].TargetGroups {
		require.Len(t, tg.Targets, 1)
		byName[tg.Targets[0].ID] = tg.Targets[0]
	}
	assert.Equal(t, "172.19.0.4", byName["i-0b"].Address)
	assert.Equal(t, "eu-west-1b", byName["i-0b"].Zone)
	assert.Equal(t, "10.244.1.7", byName["10.244.1.7"].Address)
	assert.Equal(t, "eu-west-1a", byName["10.244.1.7"].Zone)

	_, err = a.elb.RegisterTargets(t.Context(), &elbv2.RegisterTargetsInput{TargetGroupArn: nodes, Targets: targets([]string{"i-0c"})})
	code(t, err, "InvalidTarget", "'i-0c'")
	a.deregister(nodes, "i-0a") // which is not registered
}

func TestALoadBalancerIsActiveWhenItHasAddresses(t *testing.T) {
	a := newAccount(t, fakeaws.Options{Provisioning: true})
	arn := a.lb("lb", nlb)
	lb := a.LoadBalancers()[0]
	assert.Equal(t, "provisioning", lb.State)
	assert.NotEmpty(t, lb.DNSName)
	a.SetAddresses(*arn, []elb.Address{{Zone: "eu-west-1a", IP: "172.19.128.1"}})
	lb = a.LoadBalancers()[0]
	assert.Equal(t, "active", lb.State)
	require.Len(t, lb.Addresses, 1)
	assert.Equal(t, "172.19.128.1", lb.Addresses[0].IP)
	a.SetAddresses("arn:gone", nil)

	b := newAccount(t, fakeaws.Options{})
	b.lb("lb", nlb)
	assert.Equal(t, "active", b.LoadBalancers()[0].State, "by default at once")
}
