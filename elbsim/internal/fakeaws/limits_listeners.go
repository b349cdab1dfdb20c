// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

var listenerProtocols = map[types.LoadBalancerTypeEnum][]types.ProtocolEnum{
	types.LoadBalancerTypeEnumApplication: {types.ProtocolEnumHttp, types.ProtocolEnumHttps},
	types.LoadBalancerTypeEnumNetwork: {types.ProtocolEnumTcp, types.ProtocolEnumTls, types.ProtocolEnumUdp, types.ProtocolEnumTcpUdp,
		types.ProtocolEnumQuic, types.ProtocolEnumTcpQuic},
}

// checkListener applies AWS's limits to a listener as it would be after a call.
func (a *AWS) checkListener(lb *loadBalancer, arn string, l types.Listener) error {
	port := aws.ToInt32(l.Port)
	if port < 1 || port > 65535 {
		return invalid("Listener port '%d' must be between 1 and 65535", port)
	}
	if !slices.Contains(listenerProtocols[lb.sdk.Type], l.Protocol) {
		return &types.UnsupportedProtocolException{Message: aws.String(fmt.Sprintf(
			"Listener protocol '%s' is not supported by load balancers with type '%s'", l.Protocol, lb.sdk.Type))}
	}
	for _, other := range a.listenersOf(*lb.sdk.LoadBalancerArn) {
		if *other.sdk.ListenerArn != arn && *other.sdk.Port == port {
			return &types.DuplicateListenerException{Message: aws.String(fmt.Sprintf(
				"A listener already exists on port %d of load balancer '%s'", port, *lb.sdk.LoadBalancerName))}
		}
	}
	if err := a.checkListenerQuota(lb, arn); err != nil {
		return err
	}
	if encrypted(l.Protocol) {
		if err := a.checkTLS(l); err != nil {
			return err
		}
	}
	return a.checkActions(lb, l.Protocol, l.DefaultActions)
}

func (a *AWS) checkTLS(l types.Listener) error {
	if len(l.Certificates) == 0 {
		return &types.CertificateNotFoundException{Message: aws.String(fmt.Sprintf("A certificate must be specified for %s listeners", l.Protocol))}
	}
	if len(l.Certificates) > 1 {
		return invalid("A listener takes one default certificate, got %d", len(l.Certificates))
	}
	if err := a.checkCertificate(l.Certificates[0].CertificateArn); err != nil {
		return err
	}
	if err := a.checkTrustStore(l.MutualAuthentication); err != nil {
		return err
	}
	if policy := aws.ToString(l.SslPolicy); !knownPolicy(policy) {
		return &types.SSLPolicyNotFoundException{Message: aws.String(fmt.Sprintf("SSL policy '%s' not found", policy))}
	}
	return nil
}

func (a *AWS) checkListenerQuota(lb *loadBalancer, arn string) error {
	quota := listenersPerALB
	if lb.sdk.Type == types.LoadBalancerTypeEnumNetwork {
		quota = listenersPerNLB
	}
	if a.listeners.get(arn) == nil && len(a.listenersOf(*lb.sdk.LoadBalancerArn)) >= a.opts.Quotas[quota] {
		return &types.TooManyListenersException{Message: a.quotaReached(quota)}
	}
	return nil
}

func (a *AWS) checkCertificate(arn *string) error {
	value := aws.ToString(arn)
	declared, _ := a.Certificate(value)
	region := certificateRegion.FindStringSubmatch(value)
	switch {
	case declared.Status == Pending:
		return apiError("UnsupportedCertificate", "The certificate '%s' must have a fully-qualified domain name, a supported signature, and a supported key size; "+
			"its status is %s", value, declared.Status)
	case a.hasCertificate(value):
		return nil
	case a.opts.Closed && region != nil && region[1] != a.opts.Region:
		return &types.CertificateNotFoundException{Message: aws.String(fmt.Sprintf("Certificate '%s' not found; it is of region %s, and the load balancer of %s", value, region[1], a.opts.Region))}
	case a.opts.Closed && certificateARN.MatchString(value):
		return &types.CertificateNotFoundException{Message: aws.String(fmt.Sprintf("Certificate '%s' not found", value))}
	}
	return &types.CertificateNotFoundException{Message: aws.String(fmt.Sprintf(
		"Certificate ARN '%s' is not valid; it must be that of an ACM certificate, arn:aws:acm:<region>:<account>:certificate/<uuid>", value))}
}

var certificateRegion = regexp.MustCompile("^arn:aws[a-z-]*:acm:([a-z0-9-]+):")

// checkExtraCertificates counts the certificates for SNI of all listeners of a load balancer, of one with these.
func (a *AWS) checkExtraCertificates(l *listener, extra []string) error {
	lb, err := a.loadBalancer(l.sdk.LoadBalancerArn)
	if err != nil {
		return err
	}
	quota := certificatesPerALB
	if lb.sdk.Type == types.LoadBalancerTypeEnumNetwork {
		quota = certificatesPerNLB
	}
	n := len(extra)
	for _, other := range a.listenersOf(*l.sdk.LoadBalancerArn) {
		if other != l {
			n += len(other.extra)
		}
	}
	if n > a.opts.Quotas[quota] {
		return &types.TooManyCertificatesException{Message: a.quotaReached(quota)}
	}
	return nil
}

// The security policies of ALBs and NLBs: user guides, "Security policies", read 2026.
var (
	policies = []string{
		"ELBSecurityPolicy-2015-05", "ELBSecurityPolicy-2016-08",
		"ELBSecurityPolicy-TLS-1-0-2015-04", "ELBSecurityPolicy-TLS-1-1-2017-01",
		"ELBSecurityPolicy-TLS-1-2-2017-01", "ELBSecurityPolicy-TLS-1-2-Ext-2018-06",
		"ELBSecurityPolicy-FS-2018-06", "ELBSecurityPolicy-FS-1-1-2019-08", "ELBSecurityPolicy-FS-1-2-2019-08",
		"ELBSecurityPolicy-FS-1-2-Res-2019-08", "ELBSecurityPolicy-FS-1-2-Res-2020-10",
	}
	policyTLS13 = regexp.MustCompile(
		"^ELBSecurityPolicy-TLS13-1-([013]|2(-Res|-Ext[0-2])?)(-2021-06|-FIPS-2023-04|(-FIPS)?-PQ-2025-09)$")
)

func knownPolicy(name string) bool {
	return slices.Contains(policies, name) || policyTLS13.MatchString(name)
}
