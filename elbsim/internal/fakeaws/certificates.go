// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func (a *AWS) certificateOperations() []operation {
	return []operation{
		reads(a.describeListenerCertificates), changes(a.addListenerCertificates), changes(a.removeListenerCertificates),
	}
}

// describeListenerCertificates shows the default certificate and those for SNI.
func (a *AWS) describeListenerCertificates(in *elbv2.DescribeListenerCertificatesInput) (*elbv2.DescribeListenerCertificatesOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	out := &elbv2.DescribeListenerCertificatesOutput{}
	for _, c := range l.sdk.Certificates {
		out.Certificates = append(out.Certificates, types.Certificate{CertificateArn: c.CertificateArn, IsDefault: aws.Bool(true)})
	}
	for _, arn := range l.extra {
		out.Certificates = append(out.Certificates, types.Certificate{CertificateArn: aws.String(arn), IsDefault: aws.Bool(false)})
	}
	return out, nil
}

func (a *AWS) addListenerCertificates(in *elbv2.AddListenerCertificatesInput) (*elbv2.AddListenerCertificatesOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	if !encrypted(l.sdk.Protocol) {
		return nil, &types.UnsupportedProtocolException{Message: aws.String("Certificates can only be added to HTTPS and TLS listeners")}
	}
	extra := slices.Clone(l.extra)
	for _, c := range in.Certificates {
		if err := a.checkCertificate(c.CertificateArn); err != nil {
			return nil, err
		}
		if !slices.Contains(extra, *c.CertificateArn) {
			extra = append(extra, *c.CertificateArn)
		}
	}
	if err := a.checkExtraCertificates(l, extra); err != nil {
		return nil, err
	}
	l.extra = extra
	return &elbv2.AddListenerCertificatesOutput{Certificates: in.Certificates}, nil
}

func (a *AWS) removeListenerCertificates(in *elbv2.RemoveListenerCertificatesInput) (*elbv2.RemoveListenerCertificatesOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	l.extra = slices.DeleteFunc(l.extra, func(arn string) bool {
		return slices.ContainsFunc(in.Certificates, func(c types.Certificate) bool { return aws.ToString(c.CertificateArn) == arn })
	})
	return &elbv2.RemoveListenerCertificatesOutput{}, nil
}
