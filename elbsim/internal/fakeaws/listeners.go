// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// defaultPolicy is the security policy of a listener that names none (API: CreateListener).
const defaultPolicy = "ELBSecurityPolicy-2016-08"

type listener struct {
	sdk        types.Listener // Certificates holds the default one only
	extra      []string       // ARNs of certificates for SNI
	attributes attributes
}

func (l *listener) keys() []string {
	return append(targetGroupsIn(l.sdk.DefaultActions), *l.sdk.LoadBalancerArn)
}

func (a *AWS) listenerOperations() []operation {
	return []operation{
		reads(a.describeListeners), changes(a.createListener), changes(a.modifyListener), changes(a.deleteListener),
	}
}

func (a *AWS) listener(arn *string) (*listener, error) {
	if l := a.listeners.get(aws.ToString(arn)); l != nil {
		return l, nil
	}
	return nil, &types.ListenerNotFoundException{Message: aws.String(fmt.Sprintf("Listener '%s' not found", aws.ToString(arn)))}
}

// listenersOf returns a load balancer's listeners.
func (a *AWS) listenersOf(lbARN string) []*listener {
	return a.listeners.by(lbARN)
}

func (a *AWS) describeListeners(in *elbv2.DescribeListenersInput) (*elbv2.DescribeListenersOutput, error) {
	out := &elbv2.DescribeListenersOutput{}
	if in.LoadBalancerArn != nil {
		if _, err := a.loadBalancer(in.LoadBalancerArn); err != nil {
			return nil, err
		}
		for _, l := range a.listenersOf(*in.LoadBalancerArn) {
			out.Listeners = append(out.Listeners, l.sdk)
		}
		return out, nil
	}
	for _, arn := range in.ListenerArns {
		l, err := a.listener(&arn)
		if err != nil {
			return nil, err
		}
		out.Listeners = append(out.Listeners, l.sdk)
	}
	return out, nil
}

func (a *AWS) createListener(in *elbv2.CreateListenerInput) (*elbv2.CreateListenerOutput, error) {
	lb, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	arn := strings.Replace(*in.LoadBalancerArn, ":loadbalancer/", ":listener/", 1) + "/" + a.id(16)
	l := &listener{
		sdk: types.Listener{
			ListenerArn: aws.String(arn), LoadBalancerArn: in.LoadBalancerArn, Port: in.Port, Protocol: in.Protocol,
			Certificates: in.Certificates, SslPolicy: in.SslPolicy, DefaultActions: completeActions(in.DefaultActions),
			AlpnPolicy: in.AlpnPolicy, MutualAuthentication: in.MutualAuthentication,
		},
		attributes: newAttributes(listenerAttributes(in.Protocol)),
	}
	defaultTLS(&l.sdk)
	for _, other := range a.listenersOf(*in.LoadBalancerArn) {
		same := other.sdk
		same.ListenerArn = l.sdk.ListenerArn
		if reflect.DeepEqual(same, l.sdk) { // API: it is idempotent
			return &elbv2.CreateListenerOutput{Listeners: []types.Listener{other.sdk}}, nil
		}
	}
	if err := a.checkListener(lb, arn, l.sdk); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	a.listeners.put(arn, l)
	a.setTags(arn, in.Tags)
	return &elbv2.CreateListenerOutput{Listeners: []types.Listener{l.sdk}}, nil
}

func (a *AWS) modifyListener(in *elbv2.ModifyListenerInput) (*elbv2.ModifyListenerOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	lb, err := a.loadBalancer(l.sdk.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	next := l.sdk
	if in.Port != nil {
		next.Port = in.Port
	}
	if in.Protocol != "" {
		next.Protocol = in.Protocol
	}
	if in.Certificates != nil {
		next.Certificates = in.Certificates
	}
	if in.SslPolicy != nil {
		next.SslPolicy = in.SslPolicy
	}
	if in.DefaultActions != nil {
		next.DefaultActions = completeActions(in.DefaultActions)
	}
	if in.AlpnPolicy != nil {
		next.AlpnPolicy = in.AlpnPolicy
	}
	if in.MutualAuthentication != nil {
		next.MutualAuthentication = in.MutualAuthentication
	}
	defaultTLS(&next)
	if err := a.checkListener(lb, *l.sdk.ListenerArn, next); err != nil {
		return nil, err
	}
	if next.Protocol != l.sdk.Protocol {
		l.attributes = newAttributes(listenerAttributes(next.Protocol))
		if !encrypted(next.Protocol) {
			l.extra = nil
		}
	}
	l.sdk = next
	a.listeners.put(*l.sdk.ListenerArn, l)
	return &elbv2.ModifyListenerOutput{Listeners: []types.Listener{l.sdk}}, nil
}

// defaultTLS fills in the policy of an encrypted listener and clears the settings of a plain one.
func defaultTLS(l *types.Listener) {
	if !encrypted(l.Protocol) {
		l.SslPolicy, l.Certificates, l.AlpnPolicy, l.MutualAuthentication = nil, nil, nil, nil
	} else if l.SslPolicy == nil {
		l.SslPolicy = aws.String(defaultPolicy)
	}
}

func encrypted(p types.ProtocolEnum) bool {
	return p == types.ProtocolEnumHttps || p == types.ProtocolEnumTls
}

func (a *AWS) deleteListener(in *elbv2.DeleteListenerInput) (*elbv2.DeleteListenerOutput, error) {
	if _, err := a.listener(in.ListenerArn); err != nil {
		return nil, err
	}
	a.dropListener(*in.ListenerArn)
	return &elbv2.DeleteListenerOutput{}, nil
}

func (a *AWS) dropListener(arn string) {
	for _, r := range a.rulesOf(arn) {
		a.dropRule(*r.sdk.RuleArn)
	}
	a.listeners.drop(arn)
	a.tags.drop(arn)
}
