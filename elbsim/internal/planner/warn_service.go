// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/annotations"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/service"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// warnService names settings of a Service without effect. lb is its Network Load Balancer, nil if it is not built; routed is whether an
// Ingress names it.
func (p *plan) warnService(name string, svc *corev1.Service, lb *elb.LoadBalancer, routed bool) {
	s := newSettings(serviceAnnotations, svc.Annotations)
	if !p.handled[name] {
		if asked := s.suffixes(awsSuffix); len(asked) > 0 && svc.Spec.Type != corev1.ServiceTypeLoadBalancer {
			p.warning(name, "annotation %s%s has no effect: no load balancer is made of a Service of type %s; write type: LoadBalancer", s.prefix, asked[0], svc.Spec.Type)
		}
		p.warnTargets(name, svc)
		return
	}
	p.warnTaken(name, s, svc)
	if alb := ingressSettings(svc.Annotations); !routed {
		for _, suffix := range alb.suffixes("") {
			if readFromService(suffix) {
				p.warning(name, "%s has no effect on its Network Load Balancer, and no Ingress of the manifests routes to it; use the annotation under %s%s", alb.named(suffix), s.prefix, awsSuffix)
			}
		}
	} else {
		p.warnTargets(name, svc)
	}
	p.warnTags(name, s, annotations.SvcLBSuffixAdditionalTags)
	p.warnCapacity(name, s, annotations.SvcLBSuffixLoadBalancerCapacityReservation)
	p.warnStickiness(name, s, annotations.SvcLBSuffixTargetGroupAttributes)
	p.warnValues(name, s)
	p.warnReach(name, s)
	p.warnPorts(name, s, svc)
	if lb != nil {
		p.warnNetwork(name, s, lb)
		p.warnLostPorts(name, s, svc, lb)
	}
}

// warnTargets names details of ALB target groups that a Service describes.
func (p *plan) warnTargets(name string, svc *corev1.Service) {
	s := ingressSettings(svc.Annotations)
	p.warnTags(name, s, annotations.IngressSuffixTags)
	p.warnStickiness(name, s, annotations.IngressSuffixTargetGroupAttributes)
}

// warnTaken says of a Service that gets a load balancer what it may not be meant to get.
func (p *plan) warnTaken(name string, s settings, svc *corev1.Service) {
	kind := s.value(annotations.SvcLBSuffixLoadBalancerType)
	switch {
	case svc.Spec.Type != corev1.ServiceTypeLoadBalancer:
		p.warning(name, "type %s: it gets a Network Load Balancer all the same by its annotations; write type: LoadBalancer, or take %s%s out", svc.Spec.Type, s.prefix, annotations.SvcLBSuffixLoadBalancerType)
	case p.unclassed[name] && len(s.suffixes("")) == 0:
		p.warning(name, "no loadBalancerClass is set, so the controller's webhook takes it: it gets an internal Network Load Balancer; set loadBalancerClass: %s to say so, or that of another controller", lbcNLB)
	}
	if kind != "" && kind != service.LoadBalancerTypeExternal && kind != service.LoadBalancerTypeNLBIP {
		p.idle(name, s, "the Service is the controller's by its class, "+lbcNLB+"; take it out, or set the loadBalancerClass of another controller", annotations.SvcLBSuffixLoadBalancerType)
	}
}

// warnValues names values that the controller takes for others.
func (p *plan) warnValues(name string, s settings) {
	one := func(suffix, instead string, known ...string) {
		if s.has(suffix) && !slices.Contains(known, s.value(suffix)) {
			p.warning(name, "%s is none of %s: %s; correct it", s.named(suffix), strings.Join(known, ", "), instead)
		}
	}
	if s.value(annotations.SvcLBSuffixLoadBalancerType) == service.LoadBalancerTypeNLBIP {
		if s.value(annotations.SvcLBSuffixTargetType) == service.LoadBalancerTargetTypeInstance {
			p.idle(name, s, service.LoadBalancerTypeNLBIP+" beats it: targets are Pods; write aws-load-balancer-type: external", annotations.SvcLBSuffixTargetType)
		}
	} else {
		one(annotations.SvcLBSuffixTargetType, "the controller takes instance", service.LoadBalancerTargetTypeIP, service.LoadBalancerTargetTypeInstance)
	}
	one(annotations.SvcLBSuffixEnableIcmpForPathMtuDiscovery, "the controller takes off", "on", "off")
	one(annotations.SvcLBSuffixBEProtocol, "the controller takes tcp", "ssl", "tcp")
	if s.has(annotations.SvcLBSuffixEnableTCPUDPListener) {
		if _, err := strconv.ParseBool(s.value(annotations.SvcLBSuffixEnableTCPUDPListener)); err != nil {
			p.idle(name, s, `it is no boolean, and the controller takes false; write "true"`, annotations.SvcLBSuffixEnableTCPUDPListener)
		}
	}
	if s.has(annotations.SvcLBSuffixScheme) && s.has(annotations.SvcLBSuffixInternal) && s.isTrue(annotations.SvcLBSuffixInternal) != (s.value(annotations.SvcLBSuffixScheme) == "internal") {
		p.idle(name, s, fmt.Sprintf("%s beats it; take it out", s.named(annotations.SvcLBSuffixScheme)), annotations.SvcLBSuffixInternal)
	}
	if !s.isTrue(annotations.SvcLBSuffixAccessLogEnabled) {
		p.idle(name, s, `nothing is logged without aws-load-balancer-access-log-enabled: "true"; set it`, annotations.SvcLBSuffixAccessLogS3BucketName, annotations.SvcLBSuffixAccessLogS3BucketPrefix)
	}
}

// warnReach names settings of security groups that the load balancer does not have.
func (p *plan) warnReach(name string, s settings) {
	none, own := s.isTrue(annotations.SvcLBSuffixDisableNLBSG), len(s.list(annotations.SvcLBSuffixLoadBalancerSecurityGroups)) > 0
	switch {
	case none:
		p.idle(name, s, "aws-load-balancer-disable-nlb-sg leaves the load balancer without security groups; take one of the two out",
			annotations.SvcLBSuffixLoadBalancerSecurityGroups, annotations.SvcLBSuffixSecurityGroupPrefixLists, annotations.SvcLBSuffixEnableIcmpForPathMtuDiscovery)
	case own:
		p.idle(name, s, "it is for the security group that the controller makes, and aws-load-balancer-security-groups takes its place; let this traffic into those groups",
			annotations.SvcLBSuffixSecurityGroupPrefixLists, annotations.SvcLBSuffixEnableIcmpForPathMtuDiscovery)
		if s.has(annotations.SvcLBSuffixSourceRanges) {
			p.warning(name, "%s lets nobody into the load balancer and keeps nobody out: aws-load-balancer-security-groups does; put these sources into those groups", s.named(annotations.SvcLBSuffixSourceRanges))
		}
	}
}

// warnPorts names listeners that are not what the ports of the Service say.
func (p *plan) warnPorts(name string, s settings, svc *corev1.Service) {
	known, tls := map[int32]bool{}, 0
	for _, port := range svc.Spec.Ports {
		known[port.Port] = true
		if port.Protocol != corev1.ProtocolUDP {
			tls++
		}
	}
	certificates := len(s.list(annotations.SvcLBSuffixSSLCertificate)) > 0
	if !certificates {
		p.idle(name, s, "no listener has TLS without aws-load-balancer-ssl-cert; set it", annotations.SvcLBSuffixSSLPorts, annotations.SvcLBSuffixSSLNegotiationPolicy, annotations.SvcLBSuffixALPNPolicy)
		if s.value(annotations.SvcLBSuffixBEProtocol) == "ssl" {
			p.idle(name, s, "only a listener with TLS encrypts again to its targets; set aws-load-balancer-ssl-cert", annotations.SvcLBSuffixBEProtocol)
		}
	} else if tls > 1 && len(s.list(annotations.SvcLBSuffixSSLPorts)) == 0 {
		p.warning(name, "annotation %s%s without aws-load-balancer-ssl-ports makes every TCP port a TLS listener; set aws-load-balancer-ssl-ports to those that shall be", s.prefix, annotations.SvcLBSuffixSSLCertificate)
	}
	for _, suffix := range s.suffixes(annotations.SvcLBSuffixTargetGroupAttributes + ".") {
		port, err := strconv.ParseInt(strings.TrimPrefix(suffix, annotations.SvcLBSuffixTargetGroupAttributes+"."), 10, 32)
		if err != nil || !known[int32(port)] {
			p.idle(name, s, "its name ends in no port of the Service; name one by number", suffix)
		}
	}
	for _, port := range s.list(annotations.SvcLBSuffixQUICEnabledPorts) {
		if !slices.ContainsFunc(svc.Spec.Ports, func(sp corev1.ServicePort) bool { return sp.Name == port || strconv.Itoa(int(sp.Port)) == port }) {
			p.warning(name, "%q in annotation %s%s has no effect: the Service has no such port; name one by name or number", port, s.prefix, annotations.SvcLBSuffixQUICEnabledPorts)
		}
	}
}

// warnLostPorts names protocols of a port that its one listener does not have.
func (p *plan) warnLostPorts(name string, s settings, svc *corev1.Service, lb *elb.LoadBalancer) {
	for _, l := range lb.Listeners {
		for _, port := range svc.Spec.Ports {
			if port.Port == l.Port && (port.Protocol == corev1.ProtocolUDP && (l.Protocol == "TCP" || l.Protocol == "TLS") || port.Protocol == corev1.ProtocolTCP && (l.Protocol == "UDP" || l.Protocol == "QUIC")) {
				p.warning(name, `port %d has no listener for %s, because it has one for %s; set annotation %s%s: "true"`, port.Port, port.Protocol, l.Protocol, s.prefix, annotations.SvcLBSuffixEnableTCPUDPListener)
			}
		}
	}
}

// warnNetwork names settings that do not fit the load balancer that is made.
func (p *plan) warnNetwork(name string, s settings, lb *elb.LoadBalancer) {
	p.warnListenerAttributes(name, s, annotations.SvcLBSuffixlsAttsAnnotationPrefix, lb)
	p.warnListenerAttributes(name, s, "actions", lb)
	p.warnLogs(name, s, annotations.SvcLBSuffixLoadBalancerAttributes, lb.Attributes)
	all := func(is func(elb.TargetGroup) bool) bool {
		return len(lb.TargetGroups) > 0 && !slices.ContainsFunc(lb.TargetGroups, func(g elb.TargetGroup) bool { return !is(g) })
	}
	if all(func(g elb.TargetGroup) bool { return g.HealthCheck.Protocol == "TCP" }) {
		p.idle(name, s, "the health check is of TCP, which has none; set aws-load-balancer-healthcheck-protocol: http", annotations.SvcLBSuffixHCPath, annotations.SvcLBSuffixHCSuccessCodes)
	}
	if all(func(g elb.TargetGroup) bool { return g.TargetType == "ip" }) {
		p.idle(name, s, "it selects nodes, and the targets are Pods (target type ip); take it out", annotations.SvcLBSuffixTargetNodeLabels)
	}
	for _, l := range lb.Listeners {
		if strings.Contains(l.Protocol, "QUIC") {
			p.warning(name, "listener %s:%d is planned and AWS serves it, but elbsim run does not, which knows TCP, TLS, UDP and TCP_UDP; test it on AWS", l.Protocol, l.Port)
		}
	}
	if own := s.pairs(annotations.SvcLBSuffixTargetGroupAttributes); s.value(annotations.SvcLBSuffixProxyProtocol) == "*" && own["proxy_protocol_v2.enabled"] == "false" {
		p.warning(name, "proxy_protocol_v2.enabled=false in annotation %s%s has no effect: aws-load-balancer-proxy-protocol beats it; take one of the two out", s.prefix, annotations.SvcLBSuffixTargetGroupAttributes)
	}
	const crossZone = "load_balancing.cross_zone.enabled"
	if own := s.pairs(annotations.SvcLBSuffixLoadBalancerAttributes); s.has(annotations.SvcLBSuffixCrossZoneLoadBalancingEnabled) && own[crossZone] != "" && own[crossZone] != s.value(annotations.SvcLBSuffixCrossZoneLoadBalancingEnabled) {
		p.warning(name, "%s=%s in annotation %s%s has no effect: %s beats it; take one of the two out", crossZone, own[crossZone], s.prefix, annotations.SvcLBSuffixLoadBalancerAttributes, s.named(annotations.SvcLBSuffixCrossZoneLoadBalancingEnabled))
	}
}
