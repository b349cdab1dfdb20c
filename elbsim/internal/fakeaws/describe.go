// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// The tags by which the controller finds its own: "ingress.k8s.aws/stack" and so on.
const (
	clusterTag  = "elbv2.k8s.aws/cluster"
	resourceTag = "elbv2.k8s.aws/resource" // of the shared backend security group
	backendSG   = "backend-sg"
	frontSG     = "ManagedLBSecurityGroup"
)

var trackers = []string{"elbv2.k8s.aws/", "ingress.k8s.aws/", "service.k8s.aws/", "gateway.k8s.aws/"}

// tracking returns the value of a tracking tag, whoever the controller's object is.
func tracking(tags map[string]string, key string) string {
	for _, prefix := range trackers {
		if v, ok := tags[prefix+key]; ok {
			return v
		}
	}
	return ""
}

func withoutTracking(tags map[string]string) map[string]string {
	out := maps.Clone(tags)
	maps.DeleteFunc(out, func(k, _ string) bool {
		return slices.ContainsFunc(trackers, func(prefix string) bool { return strings.HasPrefix(k, prefix) })
	})
	if len(out) == 0 {
		return nil
	}
	return out
}

// LoadBalancers describes the account's load balancers with all that hangs off them, by stack: the
// one description that the plan and the running simulator share. The answer is the caller's own.
func (a *AWS) LoadBalancers() []elb.LoadBalancer {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := []elb.LoadBalancer{}
	for _, lb := range a.lbs.values() {
		out = append(out, a.describe(lb))
	}
	slices.SortStableFunc(out, func(x, y elb.LoadBalancer) int {
		return cmp.Or(cmp.Compare(x.Stack, y.Stack), cmp.Compare(x.Type, y.Type), cmp.Compare(x.Name, y.Name))
	})
	for i := range out {
		for j := range out[i].TargetGroups {
			tg := &out[i].TargetGroups[j]
			a.withHealth(tg.ARN, tg.Targets)
		}
		a.withDNS(&out[i])
	}
	return out
}

func (a *AWS) describe(lb *loadBalancer) elb.LoadBalancer {
	tags := a.tagsOf(*lb.sdk.LoadBalancerArn)
	out := elb.LoadBalancer{
		Stack:          tracking(tags, "stack"),
		Name:           askedName(*lb.sdk.LoadBalancerName),
		Type:           elb.Type(lb.sdk.Type),
		Scheme:         string(lb.sdk.Scheme),
		IPAddressType:  string(lb.sdk.IpAddressType),
		Zones:          []string{},
		SecurityGroups: a.describeGroups(lb.sdk.SecurityGroups),
		Attributes:     lb.attributes.changed(),
		Tags:           withoutTracking(tags),
		WebACL:         lb.webACL,
		Listeners:      []elb.Listener{},
		TargetGroups:   []elb.TargetGroup{},
		ARN:            *lb.sdk.LoadBalancerArn,
		DNSName:        aws.ToString(lb.sdk.DNSName),
		State:          string(lb.sdk.State.Code),
		Addresses:      describeAddresses(lb),
	}
	for _, z := range lb.sdk.AvailabilityZones {
		out.Zones = append(out.Zones, aws.ToString(z.ZoneName))
	}
	slices.Sort(out.Zones)
	used := map[string]bool{}
	for _, l := range a.listenersOf(out.ARN) {
		out.Listeners = append(out.Listeners, a.describeListener(l))
		for _, arn := range targetGroupsIn(l.sdk.DefaultActions) {
			used[arn] = true
		}
		for _, r := range a.rulesOf(*l.sdk.ListenerArn) {
			for _, arn := range targetGroupsIn(r.sdk.Actions) {
				used[arn] = true
			}
		}
	}
	slices.SortFunc(out.Listeners, func(x, y elb.Listener) int { return cmp.Compare(x.Port, y.Port) })
	for arn := range used {
		if tg := a.targets.get(arn); tg != nil {
			out.TargetGroups = append(out.TargetGroups, a.describeTargetGroup(tg))
		}
	}
	slices.SortFunc(out.TargetGroups, func(x, y elb.TargetGroup) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ARN, y.ARN))
	})
	return out
}

// generatedName matches the names that the controller makes up: k8s-<parts>-<10 digits of a hash>, and for the Network
// Load Balancer before an Application Load Balancer the latter's name, cut to 28 characters, with -nlb behind it (LBC
// pkg/ingress/model_build_frontend_nlb.go).
var generatedName = regexp.MustCompile("^k8s-[a-z0-9-]+-([0-9a-f]{10}|[0-9a-f]{6,10}-nlb)$")

func askedName(name string) string {
	if generatedName.MatchString(name) {
		return ""
	}
	return name
}

// describeGroups leaves out the shared backend group: it is not a load balancer's own, and its rules
// are those of all.
func (a *AWS) describeGroups(ids []string) []elb.SecurityGroup {
	var out []elb.SecurityGroup
	for _, id := range ids {
		g := a.groups.get(id)
		if g == nil {
			continue
		}
		tags := map[string]string{}
		for _, t := range g.Tags {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		if tags[resourceTag] == backendSG {
			continue
		}
		sg := elb.SecurityGroup{ID: id, Inbound: inbound(g.IpPermissions)}
		if tags[clusterTag] != "" && tracking(tags, "resource") == frontSG {
			sg.ID, sg.Managed = "", true
		}
		out = append(out, sg)
	}
	return out
}

func inbound(permissions []types.IpPermission) []elb.InboundRule {
	var out []elb.InboundRule
	for _, p := range permissions {
		out = append(out, elb.InboundRule{
			Protocol: aws.ToString(p.IpProtocol), FromPort: aws.ToInt32(p.FromPort), ToPort: aws.ToInt32(p.ToPort), Source: permissionSource(p),
		})
	}
	slices.SortFunc(out, func(x, y elb.InboundRule) int {
		return cmp.Or(cmp.Compare(x.Protocol, y.Protocol), cmp.Compare(x.FromPort, y.FromPort), cmp.Compare(x.ToPort, y.ToPort), cmp.Compare(x.Source, y.Source))
	})
	return out
}

func (a *AWS) describeListener(l *listener) elb.Listener {
	out := elb.Listener{
		Port:           aws.ToInt32(l.sdk.Port),
		Protocol:       string(l.sdk.Protocol),
		SSLPolicy:      aws.ToString(l.sdk.SslPolicy),
		Attributes:     l.attributes.changed(),
		DefaultActions: a.describeActions(l.sdk.DefaultActions),
	}
	for _, c := range l.sdk.Certificates {
		out.Certificates = append(out.Certificates, aws.ToString(c.CertificateArn))
	}
	out.Certificates = append(out.Certificates, slices.Sorted(slices.Values(l.extra))...)
	if p := l.sdk.AlpnPolicy; len(p) > 0 && p[0] != "None" {
		out.ALPNPolicy = p[0]
	}
	if m := l.sdk.MutualAuthentication; m != nil && aws.ToString(m.Mode) != "off" {
		out.MutualTLS = aws.ToString(m.Mode)
		if aws.ToString(m.TrustStoreArn) != "" {
			out.TrustStore = &elb.TrustStore{
				ARN: *m.TrustStoreArn, IgnoreExpiry: aws.ToBool(m.IgnoreClientCertificateExpiry),
				AdvertiseNames: string(m.AdvertiseTrustStoreCaNames) == "on",
			}
		}
	}
	for _, r := range a.rulesOf(*l.sdk.ListenerArn) {
		out.Rules = append(out.Rules, elb.Rule{
			Priority: r.priority(), Conditions: describeConditions(r.sdk.Conditions),
			Transforms: describeTransforms(r.sdk.Transforms), Actions: a.describeActions(r.sdk.Actions),
		})
	}
	slices.SortFunc(out.Rules, func(x, y elb.Rule) int { return cmp.Compare(x.Priority, y.Priority) })
	return out
}

func (a *AWS) describeTargetGroup(tg *targetGroup) elb.TargetGroup {
	arn := *tg.sdk.TargetGroupArn
	out := elb.TargetGroup{
		Name:            a.targetGroupName(arn),
		TargetType:      string(tg.sdk.TargetType),
		Protocol:        string(tg.sdk.Protocol),
		ProtocolVersion: aws.ToString(tg.sdk.ProtocolVersion),
		Port:            a.knownPort(aws.ToInt32(tg.sdk.Port)),
		HealthCheck: elb.HealthCheck{
			Protocol:           string(tg.sdk.HealthCheckProtocol),
			Port:               a.knownHealthPort(aws.ToString(tg.sdk.HealthCheckPort)),
			Path:               aws.ToString(tg.sdk.HealthCheckPath),
			IntervalSeconds:    aws.ToInt32(tg.sdk.HealthCheckIntervalSeconds),
			TimeoutSeconds:     aws.ToInt32(tg.sdk.HealthCheckTimeoutSeconds),
			HealthyThreshold:   aws.ToInt32(tg.sdk.HealthyThresholdCount),
			UnhealthyThreshold: aws.ToInt32(tg.sdk.UnhealthyThresholdCount),
		},
		Attributes: tg.attributes.changed(),
		Tags:       withoutTracking(a.tagsOf(arn)),
		ARN:        arn,
	}
	if m := tg.sdk.Matcher; m != nil {
		out.HealthCheck.Matcher = cmp.Or(aws.ToString(m.HttpCode), aws.ToString(m.GrpcCode))
	}
	for _, t := range tg.targets {
		out.Targets = append(out.Targets, a.describedTarget(tg, t))
	}
	slices.SortFunc(out.Targets, func(x, y elb.Target) int { return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Port, y.Port)) })
	return out
}

// CreatedLoadBalancers returns the ARNs of all load balancers that were ever created, oldest first, after the first
// skip ones; also of those that are deleted by now.
func (a *AWS) CreatedLoadBalancers(skip int) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.created[skip:])
}
