// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

func (a *AWS) acmOperations() []operation {
	return []operation{reads(a.listCertificates), reads(a.describeCertificate)}
}

var certificateARN = regexp.MustCompile(
	"^arn:aws[a-z-]*:acm:[a-z]{2}-[a-z-]+-[0-9]:[0-9]{12}:certificate/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")

// hasCertificate says whether a listener may use an ARN: one that is declared, or in an open account any well-formed.
func (a *AWS) hasCertificate(arn string) bool {
	_, declared := a.Certificate(arn)
	return declared || !a.opts.Closed && certificateARN.MatchString(arn)
}

// listCertificates shows those of ACM that have a status asked for (API: without any, all).
func (a *AWS) listCertificates(in *acm.ListCertificatesInput) (*acm.ListCertificatesOutput, error) {
	out := &acm.ListCertificatesOutput{}
	for _, c := range a.opts.Certificates {
		status := types.CertificateStatus(cmp.Or(c.Status, Issued))
		if len(in.CertificateStatuses) > 0 && !slices.Contains(in.CertificateStatuses, status) || !strings.Contains(c.ARN, ":acm:") {
			continue
		}
		s := types.CertificateSummary{CertificateArn: aws.String(c.ARN), Status: status, KeyAlgorithm: types.KeyAlgorithm(c.KeyType)}
		if len(c.Domains) > 0 {
			s.DomainName = aws.String(c.Domains[0])
		}
		out.CertificateSummaryList = append(out.CertificateSummaryList, s)
	}
	return out, nil
}

func (a *AWS) describeCertificate(in *acm.DescribeCertificateInput) (*acm.DescribeCertificateOutput, error) {
	c, declared := a.Certificate(aws.ToString(in.CertificateArn))
	if !declared {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Could not find certificate " + aws.ToString(in.CertificateArn))}
	}
	return &acm.DescribeCertificateOutput{Certificate: &types.CertificateDetail{
		CertificateArn: in.CertificateArn, SubjectAlternativeNames: slices.Clone(c.Domains), KeyAlgorithm: types.KeyAlgorithm(c.KeyType),
		Type: types.CertificateTypeAmazonIssued, Status: types.CertificateStatus(cmp.Or(c.Status, Issued)),
	}}, nil
}
