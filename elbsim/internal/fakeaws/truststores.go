// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// trustStoreOperations find trust stores by name, which the controller asks for. The account has any
// that is asked for, as it has any certificate.
func (a *AWS) trustStoreOperations() []operation {
	return []operation{reads(func(in *elbv2.DescribeTrustStoresInput) (*elbv2.DescribeTrustStoresOutput, error) {
		out := &elbv2.DescribeTrustStoresOutput{}
		for _, name := range in.Names {
			if err := checkName("trust store", name); err != nil {
				return nil, err
			}
			sum := sha256.Sum256([]byte(name))
			out.TrustStores = append(out.TrustStores, types.TrustStore{
				Name: aws.String(name), Status: types.TrustStoreStatusActive,
				TrustStoreArn: aws.String(a.arn("elasticloadbalancing", "truststore/"+name+"/"+hex.EncodeToString(sum[:8]))),
			})
		}
		return out, nil
	})}
}
