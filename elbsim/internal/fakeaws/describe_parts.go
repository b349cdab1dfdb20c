// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// targetGroupName derives a name without a hash from the tracking tags, which the plan and a
// cluster have alike. The resource tag is "<namespace>/<service>:<port>" for a Service and
// "<namespace>/<ingress>-<service>:<port>" for an Ingress. The stack names the Ingress unless it is
// a group; in a group the tag stays whole, which also keeps two members' target groups apart.
func (a *AWS) targetGroupName(arn string) string {
	tags := a.tagsOf(arn)
	resource, stack := tracking(tags, "resource"), tracking(tags, "stack")
	if resource == "" {
		return arn
	}
	if _, ok := tags["ingress.k8s.aws/stack"]; !ok {
		return resource
	}
	if service, ok := strings.CutPrefix(resource, stack+"-"); ok && strings.Contains(stack, "/") {
		return stack[:strings.Index(stack, "/")+1] + service
	}
	return resource
}

func (a *AWS) knownPort(port int32) int32 {
	if a.opts.UnknownPort(port) {
		return 0
	}
	return port
}

func (a *AWS) knownHealthPort(port string) string {
	if n, err := strconv.ParseInt(port, 10, 32); err == nil && a.opts.UnknownPort(int32(n)) {
		return "0"
	}
	return port
}

func (a *AWS) describeActions(actions []types.Action) []elb.Action {
	out := []elb.Action{}
	ordered := slices.Clone(actions)
	slices.SortStableFunc(ordered, func(x, y types.Action) int { return cmp.Compare(aws.ToInt32(x.Order), aws.ToInt32(y.Order)) })
	for _, x := range ordered {
		d := elb.Action{Type: string(x.Type)}
		if f := x.ForwardConfig; f != nil {
			d.Forward = a.describeForward(f.TargetGroups)
			if s := f.TargetGroupStickinessConfig; s != nil && aws.ToBool(s.Enabled) {
				d.StickySeconds = aws.ToInt32(s.DurationSeconds)
			}
		}
		if r := x.RedirectConfig; r != nil {
			d.Redirect = describeRedirect(r)
		}
		if f := x.FixedResponseConfig; f != nil {
			status, err := strconv.Atoi(aws.ToString(f.StatusCode))
			if err != nil {
				status = 0 // not reached: checkFixedResponse allows digits only
			}
			d.FixedResponse = &elb.FixedResponse{StatusCode: status, ContentType: aws.ToString(f.ContentType), Body: aws.ToString(f.MessageBody)}
		}
		d.JWT, d.Authenticate = describeJWT(x.JwtValidationConfig), describeAuthentication(x)
		out = append(out, d)
	}
	return out
}

func (a *AWS) describeForward(groups []types.TargetGroupTuple) []elb.Weighted {
	var out []elb.Weighted
	for _, t := range groups {
		w := elb.Weighted{TargetGroup: a.targetGroupName(aws.ToString(t.TargetGroupArn)), Weight: aws.ToInt32(t.Weight)}
		if len(groups) == 1 {
			w.Weight = 1
		}
		out = append(out, w)
	}
	return out
}

func describeRedirect(r *types.RedirectActionConfig) *elb.Redirect {
	part := func(v *string, kept string) string {
		if aws.ToString(v) == kept {
			return ""
		}
		return aws.ToString(v)
	}
	out := &elb.Redirect{
		Protocol: part(r.Protocol, "#{protocol}"), Host: part(r.Host, "#{host}"), Port: part(r.Port, "#{port}"),
		Path: part(r.Path, "/#{path}"), Query: part(r.Query, "#{query}"), StatusCode: 302,
	}
	if r.StatusCode == types.RedirectActionStatusCodeEnumHttp301 {
		out.StatusCode = 301
	}
	return out
}

func describeConditions(conditions []types.RuleCondition) []elb.Condition {
	out := []elb.Condition{}
	for _, c := range conditions {
		d := elb.Condition{Field: aws.ToString(c.Field), Values: slices.Clone(c.Values), Regex: slices.Clone(c.RegexValues)}
		if x := c.HostHeaderConfig; x != nil {
			d.Values, d.Regex = slices.Clone(x.Values), slices.Clone(x.RegexValues)
		}
		if x := c.PathPatternConfig; x != nil {
			d.Values, d.Regex = slices.Clone(x.Values), slices.Clone(x.RegexValues)
		}
		if x := c.HttpHeaderConfig; x != nil {
			d.Header, d.Values, d.Regex = aws.ToString(x.HttpHeaderName), slices.Clone(x.Values), slices.Clone(x.RegexValues)
		}
		if x := c.HttpRequestMethodConfig; x != nil {
			d.Values = slices.Clone(x.Values)
		}
		if x := c.SourceIpConfig; x != nil {
			d.Values = slices.Clone(x.Values)
		}
		if x := c.QueryStringConfig; x != nil {
			for _, p := range x.Values {
				d.Query = append(d.Query, elb.QueryPair{Key: aws.ToString(p.Key), Value: aws.ToString(p.Value)})
			}
		}
		out = append(out, d)
	}
	return out
}

func describeTransforms(transforms []types.RuleTransform) []elb.Transform {
	var out []elb.Transform
	for _, t := range transforms {
		d := elb.Transform{Type: string(t.Type)}
		var rewrites []types.RewriteConfig
		if x := t.HostHeaderRewriteConfig; x != nil {
			rewrites = x.Rewrites
		}
		if x := t.UrlRewriteConfig; x != nil {
			rewrites = x.Rewrites
		}
		for _, r := range rewrites {
			d.Rewrites = append(d.Rewrites, elb.Rewrite{Regex: aws.ToString(r.Regex), Replace: aws.ToString(r.Replace)})
		}
		out = append(out, d)
	}
	return out
}
