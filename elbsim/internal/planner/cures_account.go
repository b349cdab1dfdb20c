// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import "regexp"

// accountCures say what to do about what the controller or AWS finds missing in the account. What they match are the
// controller's own words and AWS's error codes.
var accountCures = []cure{
	{regexp.MustCompile(`unable to resolve at least one subnet\. Evaluated 0 subnets`),
		"tag a subnet in each of two zones with kubernetes.io/role/elb=1, for internal load balancers with kubernetes.io/role/internal-elb=1"},
	{regexp.MustCompile(`unable to resolve at least one subnet\..* and [1-9]\d* have insufficient available IP addresses`),
		"free addresses in these subnets, or tag larger ones: a load balancer needs 8 in each"},
	{regexp.MustCompile(`unable to resolve at least one subnet`), "tag the subnets with kubernetes.io/cluster/NAME of this cluster, or with that of none"},
	{regexp.MustCompile(`InvalidSubnetID\.NotFound|couldn't find all subnets`), "name subnets of the VPC, or none, and the controller finds them by their tags; or list the subnet, with its zone, under subnets in the file of --account"},
	{regexp.MustCompile(`InvalidSubnet: Not enough IP space`), "free addresses in the subnet, or name a larger one: 8 have to be free"},
	{regexp.MustCompile(`InvalidSubnet: The address`), "name an address of each subnet"},
	{regexp.MustCompile(`CertificateNotFound.*it is of region`), "have ACM issue it in the load balancer's region as well"},
	{regexp.MustCompile(`CertificateNotFound: A certificate must be`), "name one by the annotation for certificates"},
	{regexp.MustCompile(`CertificateNotFound`), "name the ARN of a certificate that the account has (under certificates in the file of --account)"},
	{regexp.MustCompile(`UnsupportedCertificate`), "wait until it is issued; ACM shows the record in DNS that it waits for"},
	{regexp.MustCompile(`InvalidGroup\.NotFound|couldn't find all security groups|requested names \[.*\] but found`), "name security groups of the VPC, by ID or by their tag Name"},
	{regexp.MustCompile(`InvalidPrefixListID\.NotFound`), "name a prefix list of the account and the region"},
	{regexp.MustCompile(`AllocationIdNotFound`), "allocate an Elastic IP address in the region and name its allocation ID (eipalloc-…)"},
	{regexp.MustCompile(`ResourceInUse: The allocation ID`), "name Elastic IP addresses that nothing else has"},
	{regexp.MustCompile(`ResourceInUse: The address`), "name an address of the subnet that is free"},
	{regexp.MustCompile(`WAFNonexistentItemException`), "name a web ACL of the scope REGIONAL in the load balancer's region"},
	{regexp.MustCompile(`TrustStoreNotFound`), "make the trust store in the load balancer's region, or correct its name"},
	{regexp.MustCompile(`The address pool '[^']*' does not exist`), "name a pool that the account has (under addressPools in the file of --account)"},
	{regexp.MustCompile(`DuplicateLoadBalancerName`), "choose another name: it is another load balancer's"},
	{regexp.MustCompile(`[Qq]uota '[^']+'`), "ask AWS for more at Service Quotas, and name the new value under quotas in the file of --account"},
}
