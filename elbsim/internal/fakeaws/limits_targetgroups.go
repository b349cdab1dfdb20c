// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// maxHealthPath is the length of a health check path (API: CreateTargetGroup).
const maxHealthPath = 1024

func (a *AWS) checkNewTargetGroup(in *elbv2.CreateTargetGroupInput) error {
	if err := checkName("target group", aws.ToString(in.Name)); err != nil {
		return err
	}
	if p := aws.ToInt32(in.Port); p < 1 || p > 65535 {
		return invalid("Target group port '%d' must be between 1 and 65535", p)
	}
	if aws.ToString(in.VpcId) != a.opts.VPC {
		return invalid("The VPC ID '%s' is not found", aws.ToString(in.VpcId))
	}
	if v := aws.ToString(in.ProtocolVersion); v != "" && !slices.Contains([]string{"HTTP1", "HTTP2", "GRPC"}, v) {
		return invalid("Protocol version '%s' must be one of HTTP1, HTTP2, GRPC", v)
	}
	if in.TargetType == types.TargetTypeEnumAlb && in.Protocol != types.ProtocolEnumTcp {
		return invalid("The protocol '%s' is not supported by target groups of the target type 'alb'; it must be 'TCP'", in.Protocol)
	}
	return checkTags(in.Tags)
}

// checkHealthCheck applies AWS's limits to health checks (API: CreateTargetGroup). The rule that
// the timeout is below the interval is an ALB's only.
func checkHealthCheck(tg types.TargetGroup) error {
	alb := overHTTP(tg.Protocol)
	for _, c := range []struct {
		what     string
		value    *int32
		min, max int32
	}{
		{"Health check interval", tg.HealthCheckIntervalSeconds, 5, 300},
		{"Health check timeout", tg.HealthCheckTimeoutSeconds, 2, 120},
		{"Healthy threshold count", tg.HealthyThresholdCount, 2, 10},
		{"Unhealthy threshold count", tg.UnhealthyThresholdCount, 2, 10},
	} {
		if v := aws.ToInt32(c.value); v < c.min || v > c.max {
			return invalid("%s '%d' must be between '%d' and '%d'", c.what, v, c.min, c.max)
		}
	}
	if alb && *tg.HealthCheckTimeoutSeconds >= *tg.HealthCheckIntervalSeconds {
		return invalid("Health check interval must be greater than the timeout")
	}
	if port := *tg.HealthCheckPort; port != "traffic-port" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return invalid("Health check port '%s' must be 'traffic-port' or between 1 and 65535", port)
		}
	}
	if !overHTTP(tg.HealthCheckProtocol) {
		if alb || tg.HealthCheckProtocol != types.ProtocolEnumTcp {
			return invalid("Health check protocol '%s' is not supported by target groups with protocol '%s'", tg.HealthCheckProtocol, tg.Protocol)
		}
		return nil
	}
	if p := *tg.HealthCheckPath; !strings.HasPrefix(p, "/") || len(p) > maxHealthPath {
		return invalid("Health check path '%s' must begin with a '/' and have at most %d characters", p, maxHealthPath)
	}
	return checkMatcher(alb, *tg.Matcher)
}

var matcherSyntax = regexp.MustCompile("^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$")

// checkMatcher knows success codes: "200", "200,202", "200-299" in the range of the kind of group.
func checkMatcher(alb bool, m types.Matcher) error {
	codes, min, max := aws.ToString(m.HttpCode), 200, 599
	if alb {
		max = 499
	}
	if m.GrpcCode != nil {
		codes, min, max = *m.GrpcCode, 0, 99
	}
	if !matcherSyntax.MatchString(codes) {
		return invalid("Health check success codes '%s' must be codes or ranges such as '200', '200,202' or '200-299'", codes)
	}
	for _, part := range strings.FieldsFunc(codes, func(r rune) bool { return r == ',' || r == '-' }) {
		if n, err := strconv.Atoi(part); err != nil || n < min || n > max {
			return invalid("Health check success code '%s' must be between %d and %d", part, min, max)
		}
	}
	return nil
}
