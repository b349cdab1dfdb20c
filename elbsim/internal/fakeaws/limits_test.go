// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

const (
	alb = types.LoadBalancerTypeEnumApplication
	nlb = types.LoadBalancerTypeEnumNetwork
)

func TestLoadBalancerLimits(t *testing.T) {
	for _, c := range []struct {
		name, lb   string
		kind       types.LoadBalancerTypeEnum
		subnets    int
		tags       []types.Tag
		code, what string
	}{
		{"33 characters", strings.Repeat("a", 33), alb, 2, nil, "ValidationError", "cannot be longer than '32'"},
		{"an underscore", "my_lb", alb, 2, nil, "ValidationError", "alphanumeric characters and hyphens"},
		{"a hyphen at the end", "lb-", alb, 2, nil, "ValidationError", "begin or end with a hyphen"},
		{"the reserved prefix", "internal-lb", alb, 2, nil, "ValidationError", "cannot begin with 'internal-'"},
		{"an ALB in one zone", "lb", alb, 1, nil, "ValidationError", "two different Availability Zones"},
		{"no subnet", "lb", nlb, 0, nil, "ValidationError", "At least one subnet"},
		{"two subnets of one zone", "lb", nlb, 4, nil, "InvalidConfigurationRequest", "same Availability Zone"},
		{"a name that is taken", "taken", nlb, 2, nil, "DuplicateLoadBalancerName", "'taken'"},
		{"a reserved tag", "lb", alb, 2, []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("")}}, "ValidationError", "reserved"},
		{"a tag twice", "lb", alb, 2, []types.Tag{{Key: aws.String("a")}, {Key: aws.String("a")}}, "DuplicateTagKeys", "'a'"},
		{"a long tag", "lb", alb, 2, []types.Tag{{Key: aws.String("a"), Value: aws.String(strings.Repeat("x", 257))}}, "ValidationError", "256"},
		{"51 tags", "lb", alb, 2, manyTags(51), "TooManyTags", "50"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{})
			a.lb("taken", alb)
			_, err := a.tryLB(c.lb, c.kind, c.subnets, c.tags...)
			code(t, err, c.code, c.what)
		})
	}
	a := newAccount(t, fakeaws.Options{})
	_, err := a.tryLB("one-zone", nlb, 1)
	require.NoError(t, err, "one zone is enough for an NLB")
}

func manyTags(n int) []types.Tag {
	out := make([]types.Tag, n)
	for i := range out {
		out[i] = types.Tag{Key: aws.String("key" + strconv.Itoa(i))}
	}
	return out
}

func TestTargetGroupLimits(t *testing.T) {
	n := aws.Int32
	for _, c := range []struct {
		name     string
		protocol types.ProtocolEnum
		change   func(*elbv2.CreateTargetGroupInput)
		code     string // empty: AWS takes it
		what     string
	}{
		{"defaults", "HTTP", nil, "", ""},
		{"interval 4", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.HealthCheckIntervalSeconds = n(4) }, "ValidationError", "interval '4' must be between '5' and '300'"},
		{"interval 301", "TCP", func(g *elbv2.CreateTargetGroupInput) { g.HealthCheckIntervalSeconds = n(301) }, "ValidationError", "'301'"},
		{"timeout 1", "TCP", func(g *elbv2.CreateTargetGroupInput) { g.HealthCheckTimeoutSeconds = n(1) }, "ValidationError", "timeout '1'"},
		{"threshold 1", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.HealthyThresholdCount = n(1) }, "ValidationError", "Healthy threshold count '1'"},
		{"threshold 11", "TCP", func(g *elbv2.CreateTargetGroupInput) { g.UnhealthyThresholdCount = n(11) }, "ValidationError", "Unhealthy threshold count '11'"},
		{"timeout as long as the interval, ALB", "HTTP", func(g *elbv2.CreateTargetGroupInput) {
			g.HealthCheckIntervalSeconds, g.HealthCheckTimeoutSeconds = n(10), n(10)
		}, "ValidationError", "interval must be greater than the timeout"},
		{"timeout as long as the interval, NLB", "TCP", func(g *elbv2.CreateTargetGroupInput) {
			g.HealthCheckIntervalSeconds, g.HealthCheckTimeoutSeconds = n(10), n(10)
		}, "", ""},
		{"health port 70000", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.HealthCheckPort = aws.String("70000") }, "ValidationError", "'70000'"},
		{"health port by name", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.HealthCheckPort = aws.String("http") }, "ValidationError", "'http'"},
		{"health path without slash", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.HealthCheckPath = aws.String("ready") }, "ValidationError", "'ready'"},
		{"TCP check of HTTP", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.HealthCheckProtocol = "TCP" }, "ValidationError", "'TCP' is not supported"},
		{"HTTP check of TCP", "TCP", func(g *elbv2.CreateTargetGroupInput) { g.HealthCheckProtocol = "HTTP" }, "", ""},
		{"success code 500, ALB", "HTTP", matcher("200,500"), "ValidationError", "'500' must be between 200 and 499"},
		{"success code 500, NLB", "TCP", func(g *elbv2.CreateTargetGroupInput) {
			g.HealthCheckProtocol = "HTTP"
			matcher("200-599")(g)
		}, "", ""},
		{"success codes that are none", "HTTP", matcher("2xx"), "ValidationError", "'2xx'"},
		{"port 0", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.Port = n(0) }, "ValidationError", "port '0'"},
		{"a long name", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.Name = aws.String(strings.Repeat("a", 33)) }, "ValidationError", "32"},
		{"a name that is taken", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.Name, g.Port = aws.String("taken"), n(81) }, "DuplicateTargetGroupName", "'taken'"},
		{"another VPC", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.VpcId = aws.String("vpc-1") }, "ValidationError", "'vpc-1'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{})
			a.group("taken", "HTTP")
			_, err := a.tryGroup("new", c.protocol, c.change)
			if c.code == "" {
				require.NoError(t, err)
				return
			}
			code(t, err, c.code, c.what)
		})
	}
}

func matcher(codes string) func(*elbv2.CreateTargetGroupInput) {
	return func(g *elbv2.CreateTargetGroupInput) { g.Matcher = &types.Matcher{HttpCode: aws.String(codes)} }
}

func TestListenerLimits(t *testing.T) {
	cert := func(arn string) func(*elbv2.CreateListenerInput) {
		return func(l *elbv2.CreateListenerInput) {
			l.Certificates = []types.Certificate{{CertificateArn: aws.String(arn)}}
		}
	}
	for _, c := range []struct {
		name       string
		kind       types.LoadBalancerTypeEnum
		port       int32
		protocol   types.ProtocolEnum
		group      types.ProtocolEnum
		change     func(*elbv2.CreateListenerInput)
		code, what string
	}{
		{"HTTP", alb, 80, "HTTP", "HTTP", nil, "", ""},
		{"HTTPS with a certificate", alb, 443, "HTTPS", "HTTP", cert(certificate), "", ""},
		{"HTTPS without", alb, 443, "HTTPS", "HTTP", nil, "CertificateNotFound", "A certificate must be specified"},
		{"TLS without", nlb, 443, "TLS", "TCP", nil, "CertificateNotFound", "A certificate must be specified"},
		{"an IAM certificate", alb, 443, "HTTPS", "HTTP", cert("arn:aws:iam::111122223333:server-certificate/x"), "CertificateNotFound", "server-certificate/x"},
		{"an unknown policy", alb, 443, "HTTPS", "HTTP", func(l *elbv2.CreateListenerInput) {
			cert(certificate)(l)
			l.SslPolicy = aws.String("ELBSecurityPolicy-TLS13")
		}, "SSLPolicyNotFound", "'ELBSecurityPolicy-TLS13'"},
		{"a port that is taken", alb, 8080, "HTTP", "HTTP", nil, "DuplicateListener", "port 8080"},
		{"port 0", alb, 0, "HTTP", "HTTP", nil, "ValidationError", "'0'"},
		{"port 65536", alb, 65536, "HTTP", "HTTP", nil, "ValidationError", "'65536'"},
		{"TCP on an ALB", alb, 80, "TCP", "TCP", nil, "UnsupportedProtocol", "'TCP'"},
		{"HTTP on an NLB", nlb, 80, "HTTP", "HTTP", nil, "UnsupportedProtocol", "'HTTP'"},
		{"a TCP group behind HTTP", alb, 80, "HTTP", "TCP", nil, "IncompatibleProtocols", "'TCP'"},
		{"a TCP group behind TLS", nlb, 443, "TLS", "TCP", cert(certificate), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{})
			lb := a.lb("lb", c.kind)
			if c.kind == alb {
				a.listener(lb, 8080, "HTTP", answer("404"))
			}
			_, err := a.tryListener(lb, c.port, c.protocol, forward(a.group("g", c.group)), c.change)
			if c.code == "" {
				require.NoError(t, err)
				return
			}
			code(t, err, c.code, c.what)
		})
	}
}

func TestSecurityPolicies(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	lb := a.lb("lb", alb)
	for i, policy := range []string{
		"ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-FS-1-2-Res-2020-10", "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06",
		"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
	} {
		_, err := a.tryListener(lb, int32(1000+i), "HTTPS", answer("200"), func(l *elbv2.CreateListenerInput) {
			l.Certificates = []types.Certificate{{CertificateArn: aws.String(certificate)}}
			l.SslPolicy = aws.String(policy)
		})
		require.NoError(t, err, policy)
	}
}

func TestRow73GroupsOfAnNLBCannotBeAddedLater(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	group, err := a.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("g"), Description: aws.String("g"), VpcId: aws.String(a.VPC())})
	require.NoError(t, err)
	_, err = a.elb.SetSecurityGroups(t.Context(), &elbv2.SetSecurityGroupsInput{LoadBalancerArn: a.lb("net", nlb), SecurityGroups: []string{*group.GroupId}})
	code(t, err, "InvalidConfigurationRequest", "from its creation or never")
}

func TestAttributeLimits(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	app, net := a.lb("app", alb), a.lb("net", nlb)
	for _, c := range []struct {
		name       string
		lb         *string
		key, value string
		what       string // empty: AWS takes it
	}{
		{"an unknown key", app, "idle_timeout", "60", "'idle_timeout' is not recognized"},
		{"an ALB's key on an NLB", net, "idle_timeout.timeout_seconds", "60", "is not recognized"},
		{"too long", app, "idle_timeout.timeout_seconds", "4001", "between 1 and 4000"},
		{"no number", app, "idle_timeout.timeout_seconds", "60s", "'60s'"},
		{"no bool", app, "routing.http2.enabled", "yes", "one of true, false"},
		{"no mode", app, "routing.http.xff_header_processing.mode", "drop", "append, preserve, remove"},
		{"in range", app, "idle_timeout.timeout_seconds", "4000", ""},
		{"an NLB's key", net, "dns_record.client_routing_policy", "availability_zone_affinity", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := a.elb.ModifyLoadBalancerAttributes(t.Context(), &elbv2.ModifyLoadBalancerAttributesInput{
				LoadBalancerArn: c.lb, Attributes: []types.LoadBalancerAttribute{{Key: aws.String(c.key), Value: aws.String(c.value)}},
			})
			if c.what == "" {
				require.NoError(t, err)
				return
			}
			code(t, err, "ValidationError", c.what)
		})
	}
}
