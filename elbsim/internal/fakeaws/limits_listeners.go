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

// maxExtraCertificates is the quota of certificates for SNI per load balancer.
const maxExtraCertificates = 25

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
	if policy := aws.ToString(l.SslPolicy); !knownPolicy(policy) {
		return &types.SSLPolicyNotFoundException{Message: aws.String(fmt.Sprintf("SSL policy '%s' not found", policy))}
	}
	return nil
}

func (a *AWS) checkCertificate(arn *string) error {
	if a.hasCertificate(aws.ToString(arn)) {
		return nil
	}
	return &types.CertificateNotFoundException{Message: aws.String(fmt.Sprintf(
		"Certificate ARN '%s' is not valid; it must be that of an ACM certificate, arn:aws:acm:<region>:<account>:certificate/<uuid>", aws.ToString(arn)))}
}

func checkExtraCertificates(n int) error {
	if n > maxExtraCertificates {
		return &types.TooManyCertificatesException{Message: aws.String(fmt.Sprintf("A load balancer takes at most %d certificates besides the default ones", maxExtraCertificates))}
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
