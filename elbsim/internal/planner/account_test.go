// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

// subnetIn is an internal subnet with its role tag.
func subnetIn(zone, cidr string, free int32) fakeaws.Subnet {
	return fakeaws.Subnet{ID: "subnet-" + zone, Zone: "eu-west-1" + zone, CIDR: cidr, FreeAddresses: free, Tags: map[string]string{"kubernetes.io/role/internal-elb": "1"}}
}

func TestWhatTheAccountLacksIsRejectedWithTheCure(t *testing.T) {
	a, b := subnetIn("a", "192.168.1.0/24", 251), subnetIn("b", "192.168.2.0/24", 251)
	untagged := a
	untagged.Public, untagged.Tags = true, nil
	other := a
	other.Tags = map[string]string{"kubernetes.io/role/internal-elb": "1", "kubernetes.io/cluster/other": "owned"}
	both := func(more fakeaws.Options) fakeaws.Options {
		more.Subnets, more.Closed = []fakeaws.Subnet{a, b}, true
		return more
	}
	pending := fakeaws.Certificate{ARN: certificate, Domains: []string{"app.example.com"}, Status: fakeaws.Pending}
	const usa = "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
	const public = "internet-facing"
	for _, c := range []struct {
		name             string
		account          fakeaws.Options
		manifests        string
		stage            string
		says, whatToDoIs string
	}{
		{"no subnet with the role tag and none of the right reachability", fakeaws.Options{Subnets: []fakeaws.Subnet{untagged}}, web(), "model", "Evaluated 0 subnets", "tag a subnet in each of two zones with kubernetes.io/role/elb=1"},
		{"subnets of another cluster", fakeaws.Options{Subnets: []fakeaws.Subnet{other}}, nlb(), "model", "1 are tagged for other clusters", "kubernetes.io/cluster/NAME of this cluster"},
		{"an ALB in one zone", fakeaws.Options{Subnets: []fakeaws.Subnet{a}}, web(), "model", "less than minimal required count: 1 < 2", "tag one in a second zone"},
		{"too few free addresses, found by tag", fakeaws.Options{Subnets: []fakeaws.Subnet{subnetIn("a", "192.168.1.0/28", 7)}}, nlb(), "model", "1 have insufficient available IP addresses", "8 in each"},
		{"too few free addresses, by name", fakeaws.Options{Subnets: []fakeaws.Subnet{subnetIn("a", "192.168.1.0/28", 7)}}, nlb("aws-load-balancer-subnets", "subnet-a"), "AWS", "InvalidSubnet: Not enough IP space available in subnet-a", "8 have to be free"},
		{"a subnet that is unknown", both(fakeaws.Options{}), nlb("aws-load-balancer-subnets", "subnet-c"), "AWS", "InvalidSubnetID.NotFound", "name subnets of the VPC"},
		{"a certificate that is unknown", both(fakeaws.Options{}), web("certificate-arn", certificate), "AWS", "CertificateNotFound: Certificate '" + certificate + "' not found", "under certificates in the file of --account"},
		{"a certificate of another region", both(fakeaws.Options{}), web("certificate-arn", usa), "AWS", "it is of region us-east-1, and the load balancer of eu-west-1", "in the load balancer's region as well"},
		{"a certificate that is not issued yet", both(fakeaws.Options{Certificates: []fakeaws.Certificate{pending}}), web("certificate-arn", certificate), "AWS", "UnsupportedCertificate", "wait until it is issued"},
		{"no certificate is found for a host", both(fakeaws.Options{Certificates: []fakeaws.Certificate{pending}}), web("listen-ports", `[{"HTTPS": 443}]`), "model", "no certificate found for host: app.example.com", "list the certificate in the file of --account"},
		{"a security group that is unknown", both(fakeaws.Options{}), web("security-groups", "sg-1"), "model", "InvalidGroup.NotFound", "name security groups of the VPC"},
		{"a security group by a name that none has", both(fakeaws.Options{}), web("security-groups", "office"), "model", "requested names [office] but found []", "name security groups of the VPC"},
		{"a prefix list that is unknown", both(fakeaws.Options{}), web("security-group-prefix-lists", "pl-1"), "AWS", "InvalidPrefixListID.NotFound", "name a prefix list"},
		{"too few Elastic IPs", both(fakeaws.Options{}), nlb("aws-load-balancer-scheme", public, "aws-load-balancer-subnets", "subnet-a,subnet-b", "aws-load-balancer-eip-allocations", "eipalloc-1"), "model", "count of EIP allocations (1) and subnets (2) must match", "name one for each subnet"},
		{"an Elastic IP that is unknown", both(fakeaws.Options{}), nlb("aws-load-balancer-scheme", public, "aws-load-balancer-subnets", "subnet-a", "aws-load-balancer-eip-allocations", "eipalloc-1"), "AWS", "AllocationIdNotFound", "allocate an Elastic IP address"},
		{"an Elastic IP in use", both(fakeaws.Options{ElasticIPs: []fakeaws.ElasticIP{{AllocationID: "eipalloc-1", InUse: true}}}), nlb("aws-load-balancer-scheme", public, "aws-load-balancer-subnets", "subnet-a", "aws-load-balancer-eip-allocations", "eipalloc-1"), "AWS", "ResourceInUse: The allocation ID 'eipalloc-1' is in use", "nothing else has"},
		{"a private address in use", fakeaws.Options{Subnets: []fakeaws.Subnet{{ID: "subnet-a", Zone: "eu-west-1a", CIDR: "192.168.1.0/24", FreeAddresses: 100, Taken: []string{"192.168.1.10"}}}}, nlb("aws-load-balancer-subnets", "subnet-a", "aws-load-balancer-private-ipv4-addresses", "192.168.1.10"), "AWS", "ResourceInUse: The address '192.168.1.10'", "that is free"},
		{"a web ACL that is unknown", both(fakeaws.Options{}), web("wafv2-acl-arn", "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/x/y"), "AWS", "WAFNonexistentItemException", "REGIONAL"},
		{"a web ACL of CloudFront", both(fakeaws.Options{}), web("wafv2-acl-arn", "arn:aws:wafv2:us-east-1:111122223333:global/webacl/x/y"), "AWS", "WAFNonexistentItemException", "REGIONAL"},
		{"a web ACL by a name that none has", both(fakeaws.Options{}), web("wafv2-acl-name", "shop"), "model", "couldn't find WAFv2 WebACL with name: shop", "list the web ACL in the file of --account"},
		{"a trust store that is unknown", both(fakeaws.Options{Certificates: []fakeaws.Certificate{{ARN: certificate, Domains: []string{"app.example.com"}}}}), web("certificate-arn", certificate, "listen-ports", `[{"HTTPS": 443}]`, "mutual-authentication", `[{"port": 443, "mode": "verify", "trustStore": "partners"}]`), "AWS", "TrustStoreNotFound", "make the trust store"},
		{"a name that another has", both(fakeaws.Options{LoadBalancers: []string{"arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/intranet/0123456789abcdef"}}), web("load-balancer-name", "intranet"), "AWS", "DuplicateLoadBalancerName", "choose another name"},
		{"a quota", both(fakeaws.Options{Quotas: map[string]int{"Target Groups per Region": 0}}), web(), "AWS", "TooManyTargetGroups: The quota 'Target Groups per Region' has been reached: 0", "ask AWS for more at Service Quotas"},
		{"an IPAM pool that is unknown", both(fakeaws.Options{}), web("ipam-ipv4-pool-id", "ipam-pool-1", "scheme", public, "subnets", "subnet-a,subnet-b"), "AWS", "The address pool 'ipam-pool-1' does not exist", "addressPools"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plan(t, c.manifests, planner.Options{Account: c.account})
			assert.Empty(t, p.LoadBalancers)
			require.Len(t, p.Rejections, 1)
			r := p.Rejections[0]
			assert.Equal(t, c.stage, r.Stage, r.Message)
			assert.Contains(t, r.Message, c.says)
			assert.Contains(t, r.Message[strings.Index(r.Message, c.says)+len(c.says):], c.whatToDoIs)
			assert.True(t, strings.HasSuffix(r.Message, ")"), r.Message)
		})
	}
}

func TestWhatTheAccountHasIsTaken(t *testing.T) {
	account := fakeaws.Options{
		Closed: true, Subnets: []fakeaws.Subnet{subnetIn("a", "192.168.1.0/24", 251), subnetIn("b", "192.168.2.0/24", 8)},
		SecurityGroups: []fakeaws.SecurityGroup{{ID: "sg-1", Name: "office", Tags: map[string]string{"Name": "office"}, Inbound: []elb.InboundRule{{Protocol: "tcp", FromPort: 443, ToPort: 443, Source: "10.0.0.0/8"}}}},
		Certificates:   []fakeaws.Certificate{{ARN: certificate, Domains: []string{"*.example.com"}}},
		TrustStores:    []string{"arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/partners/0123456789abcdef"},
		WebACLs:        []string{"arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/1"},
	}
	p := plan(t, web("listen-ports", `[{"HTTPS": 443}]`, "security-groups", "office", "wafv2-acl-name", "shop",
		"mutual-authentication", `[{"port": 443, "mode": "verify", "trustStore": "partners"}]`), planner.Options{Account: account})
	require.Empty(t, p.Rejections)
	require.Empty(t, p.Warnings)
	lb := p.LoadBalancers[0]
	assert.Equal(t, []string{"eu-west-1a", "eu-west-1b"}, lb.Zones)
	assert.Equal(t, []elb.SecurityGroup{{ID: "sg-1", Inbound: account.SecurityGroups[0].Inbound}}, lb.SecurityGroups)
	assert.Equal(t, account.WebACLs[0], lb.WebACL)
	assert.Equal(t, []string{certificate}, lb.Listeners[0].Certificates, "found for the host")
	assert.Equal(t, account.TrustStores[0], lb.Listeners[0].TrustStore.ARN)
}

func TestPublicSubnetsWithoutTagsAreFound(t *testing.T) {
	a, b := subnetIn("a", "192.168.1.0/24", 251), subnetIn("b", "192.168.2.0/24", 251)
	a.Public, a.Tags, b.Tags = true, nil, nil
	p := plan(t, nlb("aws-load-balancer-scheme", "internet-facing"), planner.Options{Account: fakeaws.Options{Subnets: []fakeaws.Subnet{a, b}}})
	require.Empty(t, p.Rejections)
	assert.Equal(t, []string{"eu-west-1a"}, p.LoadBalancers[0].Zones, "the one whose route table leads to an internet gateway")
}

func TestATargetGroupThatOthersMadeIsForwardedTo(t *testing.T) {
	const arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/legacy/0123456789abcdef"
	manifests := services + ingress("web", "old", "name: use-annotation", "actions.old", `{"type":"forward","targetGroupARN":"`+arn+`"}`)
	p := plan(t, manifests, planner.Options{Account: fakeaws.Options{TargetGroups: []fakeaws.TargetGroup{{ARN: arn, Protocol: "HTTP", Port: 8080, TargetType: "ip"}}}})
	require.Empty(t, p.Rejections)
	require.Len(t, p.LoadBalancers, 1)
	assert.Equal(t, arn, p.LoadBalancers[0].TargetGroups[0].Name)
	assert.Equal(t, int32(8080), p.LoadBalancers[0].TargetGroups[0].Port)
}

func TestCertificatesThatClientsWillRefuseAreWarnedOf(t *testing.T) {
	https := web("certificate-arn", certificate, "listen-ports", `[{"HTTPS": 443}]`)
	for _, c := range []struct {
		name        string
		certificate fakeaws.Certificate
		manifests   string
		want        string // empty: nothing
	}{
		{"another domain", fakeaws.Certificate{Domains: []string{"example.org", "*.example.org"}}, https, "listener HTTPS 443: the certificates cover example.org, *.example.org, so clients of host app.example.com will refuse the connection"},
		{"the domain above", fakeaws.Certificate{Domains: []string{"example.com"}}, https, "clients of host app.example.com"},
		{"a wildcard two labels above", fakeaws.Certificate{Domains: []string{"*.com"}}, https, "clients of host app.example.com"},
		{"the host itself, in capitals", fakeaws.Certificate{Domains: []string{"APP.example.com"}}, https, ""},
		{"a wildcard", fakeaws.Certificate{Domains: []string{"*.example.com"}}, https, ""},
		{"a host with a wildcard under the same one", fakeaws.Certificate{Domains: []string{"*.example.com"}}, strings.Replace(https, "host: app.", `host: "*.`, 1), ""},
		{"an expired one of an ALB", fakeaws.Certificate{Domains: []string{"app.example.com"}, Status: fakeaws.Expired}, https, "the certificate " + certificate + " is expired, so clients will refuse it; renew it"},
		{"an expired one of an NLB", fakeaws.Certificate{Domains: []string{"app.example.com"}, Status: fakeaws.Expired}, nlb("aws-load-balancer-ssl-cert", certificate), "listener TLS 80: the certificate " + certificate + " is expired"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.certificate.ARN = certificate
			manifests := strings.Replace(c.manifests, `host: "*.example.com`, `host: "*.example.com"`, 1)
			p := plan(t, manifests, planner.Options{Account: fakeaws.Options{Closed: true, Certificates: []fakeaws.Certificate{c.certificate}}})
			require.Empty(t, p.Rejections)
			if c.want == "" {
				assert.Empty(t, p.Warnings)
				return
			}
			require.Len(t, p.Warnings, 1)
			assert.Contains(t, p.Warnings[0].Message, c.want)
		})
	}
	p := plan(t, https, planner.Options{})
	assert.Empty(t, p.Warnings, "what a certificate covers that is not declared nobody knows")
}
