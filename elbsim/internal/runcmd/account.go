// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/istio-aws/istio-aws/elbsim/internal/account"
	"github.com/istio-aws/istio-aws/elbsim/internal/acm"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// described reads the file of --account. Region, VPC and zones are the file's; flags that say otherwise are refused.
func (o options) described() (account.Account, error) {
	if o.account == "" {
		return account.Account{Options: fakeaws.Options{Region: o.config.Region(), VPC: o.config.VPC(), Zones: o.zones}}, nil
	}
	a, err := account.Load(o.account)
	if err != nil {
		return a, err
	}
	if asked := o.config.Region(); o.flags.Changed("aws-region") && asked != a.Options.Region {
		return a, fmt.Errorf("--aws-region %s: the account in %s is of region %s; leave the flag out or change the file", asked, o.account, a.Options.Region)
	}
	if asked, own := o.config.VPC(), a.Options.VPC; asked != "" && own != "" && asked != own {
		return a, fmt.Errorf("--aws-vpc-id %s: the account in %s has the VPC %s; leave the flag out or change the file", asked, o.account, own)
	}
	a.Options.VPC = cmp.Or(a.Options.VPC, o.config.VPC())
	if asked := fakeaws.ZoneNames(a.Options.Region, o.zones); o.flags.Changed("zones") && !slices.Equal(asked, fakeaws.ZoneNames(a.Options.Region, a.Options.Zones)) {
		return a, fmt.Errorf("--zones %v: the account in %s has the zones %v; leave the flag out or change the file", asked, o.account, a.Options.Zones)
	}
	return a, o.flags.Set("aws-region", a.Options.Region)
}

// declared are the account's certificates and trust stores, as the data plane needs them.
func declared(a account.Account) acm.Declared {
	out := acm.Declared{Certificates: map[string]acm.Certificate{}, TrustStores: a.TrustStores}
	for _, c := range a.Options.Certificates {
		out.Certificates[c.ARN] = acm.Certificate{
			Served: a.Certificates[c.ARN], Domains: c.Domains, KeyType: c.KeyType, Expired: c.Status == fakeaws.Expired,
		}
	}
	return out
}
