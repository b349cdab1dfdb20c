// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"maps"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

func (a *AWS) acmOperations() []operation {
	return []operation{reads(a.listCertificates), reads(a.describeCertificate)}
}

var certificateARN = regexp.MustCompile(
	"^arn:aws[a-z-]*:acm:[a-z]{2}-[a-z-]+-[0-9]:[0-9]{12}:certificate/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")

// hasCertificate says whether a listener may use an ARN: one that is declared, or any well-formed.
func (a *AWS) hasCertificate(arn string) bool {
	_, declared := a.opts.Certificates[arn]
	return declared || certificateARN.MatchString(arn)
}

// Certificates returns the declared certificates, ARN to domain names.
func (a *AWS) Certificates() map[string][]string { return clone(a.opts.Certificates) }

func (a *AWS) listCertificates(*acm.ListCertificatesInput) (*acm.ListCertificatesOutput, error) {
	out := &acm.ListCertificatesOutput{}
	for _, arn := range slices.Sorted(maps.Keys(a.opts.Certificates)) {
		s := types.CertificateSummary{CertificateArn: aws.String(arn), Status: types.CertificateStatusIssued}
		if names := a.opts.Certificates[arn]; len(names) > 0 {
			s.DomainName = aws.String(names[0])
		}
		out.CertificateSummaryList = append(out.CertificateSummaryList, s)
	}
	return out, nil
}

func (a *AWS) describeCertificate(in *acm.DescribeCertificateInput) (*acm.DescribeCertificateOutput, error) {
	names, declared := a.opts.Certificates[aws.ToString(in.CertificateArn)]
	if !declared {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Could not find certificate " + aws.ToString(in.CertificateArn))}
	}
	return &acm.DescribeCertificateOutput{Certificate: &types.CertificateDetail{
		CertificateArn: in.CertificateArn, SubjectAlternativeNames: names,
		Type: types.CertificateTypeAmazonIssued, Status: types.CertificateStatusIssued,
	}}, nil
}
