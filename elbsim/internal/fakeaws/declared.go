// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"slices"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// What an account can hold before anything is built in it. Package account reads it from a file and checks it; here
// it is taken as it is.
type (
	// Subnet is a subnet of the VPC.
	Subnet struct {
		ID, Zone, CIDR, IPv6CIDR string // Zone by name; IPv6CIDR may be empty
		FreeAddresses            int32
		Public                   bool     // its route table leads to an internet gateway
		Taken                    []string // private IPv4 addresses that are in use
		Tags                     map[string]string
	}

	// SecurityGroup is a group that the cluster did not make. Members are CIDRs of who is in it.
	SecurityGroup struct {
		ID, Name string
		Tags     map[string]string
		Inbound  []elb.InboundRule
		Members  []string
	}

	// Certificate is one of ACM or IAM.
	Certificate struct {
		ARN     string
		Domains []string
		Status  CertificateStatus // empty is issued
		KeyType string            // as ACM spells it, such as RSA_2048; empty is EC_prime256v1
	}

	// TargetGroup is a target group that the cluster did not make.
	TargetGroup struct {
		ARN, Protocol, ProtocolVersion, TargetType string
		Port                                       int32
	}

	// ElasticIP is an allocated address.
	ElasticIP struct {
		AllocationID string
		InUse        bool
	}

	// PrefixList is a list of CIDRs. MaxEntries is what it counts for among the rules of a security group.
	PrefixList struct {
		ID         string
		Entries    []string
		MaxEntries int
	}
)

// CertificateStatus is a certificate's, as ACM spells it.
type CertificateStatus string

// The states of certificates that differ here: only an issued one is discovered, a pending one cannot be used, and
// an expired one is served although no client accepts it.
const (
	Issued  CertificateStatus = "ISSUED"
	Expired CertificateStatus = "EXPIRED"
	Pending CertificateStatus = "PENDING_VALIDATION"
)

// nameIn is the name in an ARN that ends with kind/name/ID.
func nameIn(arn, kind string) string {
	_, rest, _ := strings.Cut(arn, kind+"/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// find returns the element of which is says so.
func find[T any](all []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	var none T
	return none, false
}

// Certificate returns a declared certificate.
func (a *AWS) Certificate(arn string) (Certificate, bool) {
	return find(a.opts.Certificates, func(c Certificate) bool { return c.ARN == arn })
}

func (a *AWS) prefixList(id string) (PrefixList, bool) {
	return find(a.opts.PrefixLists, func(l PrefixList) bool { return l.ID == id })
}
