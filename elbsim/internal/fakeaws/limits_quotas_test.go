// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// TestQuotas lowers each quota to 2: the second goes, the third does not.
func TestQuotas(t *testing.T) {
	secure := func(l *elbv2.CreateListenerInput) {
		l.Certificates = []types.Certificate{{CertificateArn: aws.String(certificate)}}
	}
	certificates := func(kind types.LoadBalancerTypeEnum, protocol types.ProtocolEnum, group types.ProtocolEnum) func(*account) func(int) error {
		return func(a *account) func(int) error {
			l, err := a.tryListener(a.lb("lb", kind), 443, protocol, forward(a.group("g", group)), secure)
			require.NoError(a.t, err)
			return func(i int) error {
				arn := fmt.Sprintf("arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-%012d", i)
				_, err := a.elb.AddListenerCertificates(a.t.Context(), &elbv2.AddListenerCertificatesInput{ListenerArn: l, Certificates: []types.Certificate{{CertificateArn: aws.String(arn)}}})
				return err
			}
		}
	}
	register := func(a *account, group *string, ip string, port int) error {
		_, err := a.elb.RegisterTargets(a.t.Context(), &elbv2.RegisterTargetsInput{TargetGroupArn: group, Targets: []types.TargetDescription{{Id: aws.String(ip), Port: aws.Int32(int32(port))}}})
		return err
	}
	balancers := func(kind types.LoadBalancerTypeEnum) func(*account) func(int) error {
		return func(a *account) func(int) error {
			return func(i int) error { _, err := a.tryLB(fmt.Sprintf("lb-%d", i), kind, 2); return err }
		}
	}
	targets := func(kind types.LoadBalancerTypeEnum, protocol types.ProtocolEnum) func(*account) func(int) error {
		return func(a *account) func(int) error {
			lb := a.lb("lb", kind)
			groups := []*string{a.group("one", protocol), a.group("two", protocol)}
			a.listener(lb, 80, protocol, forward(groups[0]))
			a.listener(lb, 81, protocol, forward(groups[1]))
			return func(i int) error { return register(a, groups[i%2], fmt.Sprintf("10.0.0.%d", i), 80) }
		}
	}
	unsecured := func(a *account) *string {
		g, err := a.ec2.CreateSecurityGroup(a.t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("g"), Description: aws.String("g"), VpcId: aws.String(a.VPC())})
		require.NoError(a.t, err)
		return g.GroupId
	}
	for _, c := range []struct {
		quota, code string
		one         func(*account) func(i int) error
	}{
		{"Application Load Balancers per Region", "TooManyLoadBalancers", balancers(alb)},
		{"Network Load Balancers per Region", "TooManyLoadBalancers", balancers(nlb)},
		{"Target Groups per Region", "TooManyTargetGroups", func(a *account) func(int) error {
			return func(i int) error { _, err := a.tryGroup(fmt.Sprintf("g-%d", i), "HTTP", nil); return err }
		}},
		{"Listeners per Application Load Balancer", "TooManyListeners", func(a *account) func(int) error {
			lb := a.lb("lb", alb)
			return func(i int) error { _, err := a.tryListener(lb, int32(80+i), "HTTP", answer("200"), nil); return err }
		}},
		{"Listeners per Network Load Balancer", "TooManyListeners", func(a *account) func(int) error {
			lb, g := a.lb("lb", nlb), a.group("g", "TCP")
			return func(i int) error { _, err := a.tryListener(lb, int32(80+i), "TCP", forward(g), nil); return err }
		}},
		{"Rules per Application Load Balancer", "TooManyRules", func(a *account) func(int) error {
			lb := a.lb("lb", alb)
			listeners := []*string{a.listener(lb, 80, "HTTP", answer("200")), a.listener(lb, 81, "HTTP", answer("200"))}
			return func(i int) error {
				_, err := a.tryRule(listeners[i%2], int32(i+1), paths("/a"), answer("200"))
				return err
			}
		}},
		{"Certificates per Application Load Balancer", "TooManyCertificates", certificates(alb, "HTTPS", "HTTP")},
		{"Certificates per Network Load Balancer", "TooManyCertificates", certificates(nlb, "TLS", "TCP")},
		{"Target Groups per Application Load Balancer", "TooManyUniqueTargetGroupsPerLoadBalancer", func(a *account) func(int) error {
			l := a.listener(a.lb("lb", alb), 80, "HTTP", answer("200"))
			return func(i int) error {
				_, err := a.tryRule(l, int32(i+1), paths("/a"), forward(a.group(fmt.Sprintf("g-%d", i), "HTTP")))
				return err
			}
		}},
		{"Target Groups per Action per Application Load Balancer", "TooManyTargetGroups", func(a *account) func(int) error {
			l := a.listener(a.lb("lb", alb), 80, "HTTP", answer("200"))
			var groups []*string
			return func(i int) error {
				groups = append(groups, a.group(fmt.Sprintf("g-%d", i), "HTTP"))
				_, err := a.tryRule(l, int32(i+1), paths("/a"), forward(groups...))
				return err
			}
		}},
		{"Targets per Target Group per Region", "TooManyTargets", func(a *account) func(int) error {
			g := a.group("g", "HTTP")
			return func(i int) error { return register(a, g, fmt.Sprintf("10.0.0.%d", i), 80) }
		}},
		{"Targets per Application Load Balancer", "TooManyTargets", targets(alb, "HTTP")},
		{"Targets per Network Load Balancer", "TooManyTargets", targets(nlb, "TCP")},
		{"Number of times a target can be registered per Application Load Balancer", "TooManyRegistrationsForTargetId", func(a *account) func(int) error {
			g := a.group("g", "HTTP")
			a.listener(a.lb("lb", alb), 80, "HTTP", forward(g))
			return func(i int) error { return register(a, g, "10.0.0.1", 80+i) }
		}},
		{"VPC security groups per Region", "SecurityGroupLimitExceeded", func(a *account) func(int) error {
			return func(i int) error { // the nodes' group is there already
				_, err := a.ec2.CreateSecurityGroup(a.t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String(fmt.Sprint("g", max(i, 1))), Description: aws.String("g"), VpcId: aws.String(a.VPC())})
				if i == 0 {
					return err
				}
				if i == 1 {
					return nil
				}
				return err
			}
		}},
		{"Inbound or outbound rules per security group", "RulesPerSecurityGroupLimitExceeded", func(a *account) func(int) error {
			g := unsecured(a)
			return func(i int) error { return a.authorize(g, cidr(80+i, "10.0.0.0/8")) }
		}},
		{"Security groups per network interface", "InvalidConfigurationRequest", func(a *account) func(int) error {
			lb := a.lb("lb", alb)
			g := *unsecured(a)
			return func(i int) error {
				all := make([]string, i+1)
				for j := range all {
					all[j] = g
				}
				_, err := a.elb.SetSecurityGroups(a.t.Context(), &elbv2.SetSecurityGroupsInput{LoadBalancerArn: lb, SecurityGroups: all})
				return err
			}
		}},
	} {
		t.Run(c.quota, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{Quotas: map[string]int{c.quota: 2}})
			one := c.one(a)
			require.NoError(t, one(0))
			require.NoError(t, one(1))
			code(t, one(2), c.code, "'"+c.quota+"'")
		})
	}
}

func TestQuotasHaveAWSsDefaults(t *testing.T) {
	q := fakeaws.Quotas()
	assert.Len(t, q, 17)
	assert.Equal(t, 50, q["Application Load Balancers per Region"])
	assert.Equal(t, 100, q["Rules per Application Load Balancer"])
	assert.Equal(t, 60, q["Inbound or outbound rules per security group"])
	assert.Equal(t, 5, q["Security groups per network interface"])
	assert.Equal(t, 3000, q["Target Groups per Region"])
}
