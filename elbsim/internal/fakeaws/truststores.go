// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// trustStoreOperations find trust stores by name, which the controller asks for. An open account has any
// that is asked for, as it has any certificate.
func (a *AWS) trustStoreOperations() []operation { return []operation{reads(a.describeTrustStores)} }

func (a *AWS) describeTrustStores(in *elbv2.DescribeTrustStoresInput) (*elbv2.DescribeTrustStoresOutput, error) {
	out := &elbv2.DescribeTrustStoresOutput{}
	for _, name := range in.Names {
		if err := checkName("trust store", name); err != nil {
			return nil, err
		}
		arn, declared := find(a.opts.TrustStores, func(arn string) bool { return nameIn(arn, "truststore") == name })
		if !declared {
			if a.opts.Closed {
				return nil, trustStoreNotFound(name)
			}
			sum := sha256.Sum256([]byte(name))
			arn = a.arn("elasticloadbalancing", "truststore/"+name+"/"+hex.EncodeToString(sum[:8]))
		}
		out.TrustStores = append(out.TrustStores, types.TrustStore{Name: aws.String(name), Status: types.TrustStoreStatusActive, TrustStoreArn: aws.String(arn)})
	}
	return out, nil
}

func (a *AWS) checkTrustStore(m *types.MutualAuthenticationAttributes) error {
	if m == nil || aws.ToString(m.Mode) != "verify" || !a.opts.Closed || slices.Contains(a.opts.TrustStores, aws.ToString(m.TrustStoreArn)) {
		return nil
	}
	return trustStoreNotFound(aws.ToString(m.TrustStoreArn))
}

func trustStoreNotFound(name string) error {
	return &types.TrustStoreNotFoundException{Message: aws.String(fmt.Sprintf("Trust store '%s' not found", name))}
}
