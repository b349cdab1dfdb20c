// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package account_test

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/account"
	"github.com/istio-aws/istio-aws/elbsim/internal/authority"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// load reads a file of this content.
func load(t *testing.T, content string) (account.Account, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "account.yaml")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return account.Load(path)
}

func TestTheSampleHasAllKeys(t *testing.T) {
	a, err := account.Load("../../examples/account.yaml")
	require.NoError(t, err)
	o := a.Options
	assert.Equal(t, "eu-west-1", o.Region)
	assert.Equal(t, "111122223333", o.Account)
	assert.Equal(t, "vpc-0123456789abcdef0", o.VPC)
	assert.Equal(t, []string{"10.0.0.0/16"}, o.VPCCIDRs)
	assert.Equal(t, []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}, o.Zones)
	require.Len(t, o.Subnets, 4)
	assert.Equal(t, fakeaws.Subnet{ID: "subnet-0a1", Zone: "eu-west-1a", CIDR: "10.0.0.0/24", FreeAddresses: 251, Public: true, Tags: map[string]string{"Name": "public-a", "kubernetes.io/role/elb": "1"}}, o.Subnets[0], "a /24 has 251 addresses to give")
	assert.Equal(t, fakeaws.Subnet{ID: "subnet-0a2", Zone: "eu-west-1a", CIDR: "10.0.16.0/20", IPv6CIDR: "2001:db8:0:10::/64", FreeAddresses: 3980, Taken: []string{"10.0.16.10"},
		Tags: map[string]string{"Name": "private-a", "kubernetes.io/role/internal-elb": "1"}}, o.Subnets[2])
	assert.Equal(t, []fakeaws.SecurityGroup{{ID: "sg-0123456789abcdef1", Name: "office", Tags: map[string]string{"Name": "office"}, Members: []string{"10.0.16.0/28"}, Inbound: []elb.InboundRule{
		{Protocol: "tcp", FromPort: 443, ToPort: 443, Source: "203.0.113.0/24"}, {Protocol: "tcp", FromPort: 443, ToPort: 443, Source: "pl-0123456789abcdef0"},
	}}}, o.SecurityGroups)
	assert.Equal(t, []fakeaws.Certificate{
		{ARN: "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555", Domains: []string{"example.com", "*.example.com"}, Status: fakeaws.Issued},
		{ARN: "arn:aws:acm:eu-west-1:111122223333:certificate/66666666-7777-8888-9999-000000000000", Domains: []string{"old.example.com"}, Status: fakeaws.Expired, KeyType: "RSA_2048"},
	}, o.Certificates)
	assert.Equal(t, []string{"arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/partners/0123456789abcdef"}, o.TrustStores)
	assert.Len(t, o.WebACLs, 1)
	assert.Equal(t, []fakeaws.ElasticIP{{AllocationID: "eipalloc-0123456789abcdef0"}, {AllocationID: "eipalloc-0123456789abcdef1"}, {AllocationID: "eipalloc-0123456789abcdef2", InUse: true}}, o.ElasticIPs)
	assert.Equal(t, []fakeaws.PrefixList{{ID: "pl-0123456789abcdef0", Entries: []string{"198.51.100.0/24", "192.0.2.0/25"}, MaxEntries: 10}}, o.PrefixLists)
	assert.Equal(t, []string{"ipam-pool-0123456789abcdef0"}, o.AddressPools)
	assert.Equal(t, []fakeaws.TargetGroup{{ARN: "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/legacy/0123456789abcdef", Protocol: "HTTP", TargetType: "ip", Port: 8080}}, o.TargetGroups)
	assert.Len(t, o.LoadBalancers, 1)
	assert.Equal(t, map[string]int{"Application Load Balancers per Region": 100, "Inbound or outbound rules per security group": 120}, o.Quotas)
	assert.True(t, o.Closed)
	fakeaws.New(o).Close()
}

func TestTheHelpNamesTheKeysOfTheSample(t *testing.T) {
	sample, err := os.ReadFile("../../examples/account.yaml")
	require.NoError(t, err)
	for line := range strings.Lines(string(sample)) {
		if key, _, ok := strings.Cut(line, ":"); ok && !strings.ContainsAny(key, "# -") {
			assert.Contains(t, account.Reference, key)
		}
	}
}

func TestLittleIsEnough(t *testing.T) {
	a, err := load(t, "region: us-east-1\n")
	require.NoError(t, err)
	assert.Equal(t, fakeaws.Options{Region: "us-east-1", Closed: true, Quotas: map[string]int{}}, a.Options)

	a, err = load(t, "subnets:\n- {id: subnet-2, zone: b, cidr: 192.168.2.0/24}\n- {id: subnet-1, zone: a, cidr: 192.168.1.0/28}\naccount: 012345678901\n")
	require.NoError(t, err)
	assert.Equal(t, []string{"eu-west-1a", "eu-west-1b"}, a.Options.Zones, "those of the subnets")
	assert.Equal(t, int32(11), a.Options.Subnets[1].FreeAddresses, "a /28 without the five of AWS")
	assert.Equal(t, "012345678901", a.Options.Account, "with the zero in front, without quotes")
}

func TestWhatIsWrongIsNamedWithLineValueAndCure(t *testing.T) {
	const acm = "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
	for _, c := range []struct{ name, content, want string }{
		{"nothing", "", "the file is empty; say at least the region"},
		{"no YAML", "a: [", "account.yaml:1: did not find expected node content"},
		{"two documents", "region: eu-west-1\n---\nregion: eu-west-1\n", "several documents"},
		{"a key that is none", "regions: eu-west-1", `account.yaml:1: "regions" is no key here; allowed are region, account, vpc`},
		{"a key that is none further down", "subnets:\n- {id: subnet-1, az: a}", `account.yaml:2: "az" is no key here; allowed are id, zone, cidr, ipv6CIDR`},
		{"a key twice", "region: eu-west-1\nregion: eu-west-1", "already defined at line 1"},
		{"text for a list", "zones: a", `account.yaml:1: want a list, got "a"`},
		{"a list for keys", "vpc: [a]", "account.yaml:1: want the keys id, cidrs, got a list"},
		{"a list for text", "region: [a]", "account.yaml:1: want text, got a list"},
		{"text for a number", "quotas: {Targets per Target Group per Region: many}", `want a whole number of 0 or more, got "many"`},
		{"text for a bool", "elasticIPs: [{allocationID: eipalloc-1, inUse: perhaps}]", `want true or false, got "perhaps"`},
		{"a region that is none", "region: Ireland", `account.yaml:1: region "Ireland": want a region such as eu-west-1`},
		{"an account of eleven digits", "account: 11112222333", `account "11112222333": want 12 digits`},
		{"a VPC that is none", "vpc: {id: vpc-1}", `vpc.id "vpc-1": want vpc- and 8 or 17 hexadecimal digits`},
		{"a VPC that is too wide", "vpc: {cidrs: [10.0.0.0/8]}", `vpc.cidrs[0] "10.0.0.0/8": want an IPv4 range between /16 and /28`},
		{"a small VPC without subnets", "vpc: {cidrs: [10.0.0.0/20]}", "name those of this VPC under subnets"},
		{"a range with host bits", "vpc: {cidrs: [10.0.1.0/16]}", "has bits outside of its mask; want 10.0.0.0/16"},
		{"a range that is none", "vpc: {cidrs: [ten]}", `vpc.cidrs[0] "ten": want a CIDR`},
		{"a zone of another region", "zones: [us-east-1a]", `zones[0] "us-east-1a": is no zone of the region eu-west-1`},
		{"a zone twice", "zones: [a,\n eu-west-1a]", `account.yaml:2: zones[1] "eu-west-1a": is in line 1 already`},
		{"a subnet in a zone that is not listed", "zones: [a]\nsubnets: [{id: subnet-1, zone: b, cidr: 192.168.1.0/24}]", `subnets[0].zone "b": want one of the zones eu-west-1a`},
		{"a subnet without a zone", "subnets: [{id: subnet-1, cidr: 192.168.1.0/24}]", "account.yaml:1: subnets[0].zone is missing"},
		{"a subnet without a range", "subnets: [{id: subnet-1, zone: a}]", "subnets[0].cidr is missing"},
		{"a subnet without an ID", "subnets: [{zone: a, cidr: 192.168.1.0/24}]", "subnets[0].id is missing; want subnet- and up to 17"},
		{"a subnet outside of the VPC", "subnets: [{id: subnet-1, zone: a, cidr: 10.0.0.0/24}]", `subnets[0].cidr "10.0.0.0/24": is outside of the VPC, 192.168.0.0/16; take a range inside`},
		{"a subnet that reaches out of the VPC", "vpc: {cidrs: [10.0.0.0/24]}\nsubnets: [{id: subnet-1, zone: a, cidr: 10.0.0.0/20}]", "is outside of the VPC"},
		{"subnets that overlap", "subnets:\n- {id: subnet-1, zone: a, cidr: 192.168.0.0/20}\n- {id: subnet-2, zone: b, cidr: 192.168.1.0/24}", `account.yaml:3: subnets[1].cidr "192.168.1.0/24": overlaps with 192.168.0.0/20`},
		{"a subnet twice", "subnets:\n- {id: subnet-1, zone: a, cidr: 192.168.0.0/24}\n- {id: subnet-1, zone: b, cidr: 192.168.1.0/24}", `account.yaml:3: subnets[1].id "subnet-1": is in line 2 already`},
		{"more free addresses than there are", "subnets: [{id: subnet-1, zone: a, cidr: 192.168.1.0/28, freeAddresses: 12}]", `freeAddresses "12": want at most 11, which a /28 has`},
		{"an address taken elsewhere", "subnets: [{id: subnet-1, zone: a, cidr: 192.168.1.0/28, takenAddresses: [10.0.0.1]}]", `takenAddresses[0] "10.0.0.1": want an address in 192.168.1.0/28`},
		{"an IPv6 range of another size", "subnets: [{id: subnet-1, zone: a, cidr: 192.168.1.0/28, ipv6CIDR: \"2001:db8::/56\"}]", "want an IPv6 range of /64"},
		{"a security group that is none", "securityGroups: [{id: office}]", `securityGroups[0].id "office": want sg- and up to 17 hexadecimal digits`},
		{"a name of two security groups", "securityGroups: [{id: sg-1, name: a},\n {id: sg-2, name: a}]", `account.yaml:2: securityGroups[1].name "a": is in line 1 already`},
		{"a rule without a source", "securityGroups: [{id: sg-1, inbound: [{ports: 80}]}]", "securityGroups[0].inbound[0].source is missing; want a CIDR, sg-… or pl-…"},
		{"a rule of a protocol that is none", "securityGroups: [{id: sg-1, inbound: [{protocol: http, ports: 80, source: 0.0.0.0/0}]}]", `protocol "http": want tcp, udp, icmp or -1`},
		{"ports the wrong way round", "securityGroups: [{id: sg-1, inbound: [{ports: 90-80, source: 0.0.0.0/0}]}]", "want the lower port first"},
		{"a port above 65535", "securityGroups: [{id: sg-1, inbound: [{ports: 70000, source: 0.0.0.0/0}]}]", "want ports up to 65535"},
		{"a member that is no range", "securityGroups: [{id: sg-1, members: [10.0.0.1]}]", `securityGroups[0].members[0] "10.0.0.1": want a CIDR`},
		{"a certificate of another region", "certificates: [{arn: \"arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555\", domains: [a.org]}]", "want an ARN of the region eu-west-1 such as arn:aws:acm:eu-west-1:"},
		{"a certificate without domains", "certificates: [{arn: \"" + acm + "\"}]", "certificates[0].domains is missing"},
		{"a domain that is none", "certificates: [{arn: \"" + acm + "\", domains: [\"a.*.org\"]}]", `domains[0] "a.*.org": want a host name such as`},
		{"a status that is none", "certificates: [{arn: \"" + acm + "\", domains: [a.org], status: valid}]", `status "valid": want one of issued, expired, pending`},
		{"a key type that is none", "certificates: [{arn: \"" + acm + "\", domains: [a.org], keyType: RSA}]", `keyType "RSA": want one of RSA_2048`},
		{"a certificate without its key", "certificates: [{arn: \"" + acm + "\", certificateFile: tls.crt}]", "certificates[0].privateKeyFile is missing"},
		{"a key without its certificate", "certificates: [{arn: \"" + acm + "\", privateKeyFile: tls.key}]", "certificates[0].certificateFile is missing"},
		{"a certificate file that is not there", "certificates: [{arn: \"" + acm + "\", certificateFile: tls.crt, privateKeyFile: tls.key}]", `certificateFile "tls.crt": open `},
		{"a trust store that is none", "trustStores: [{arn: partners}]", "such as arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/NAME/"},
		{"a bundle without authorities", "trustStores: [{arn: \"arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/a/1\", caBundleFile: account.yaml}]", "want certificates of authorities, in PEM"},
		{"a web ACL of CloudFront", "webACLs: [\"arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/1\"]", "scope CLOUDFRONT"},
		{"an Elastic IP that is none", "elasticIPs: [{allocationID: 203.0.113.1}]", "want eipalloc- and up to 17"},
		{"a prefix list that is full", "prefixLists: [{id: pl-1, entries: [10.0.0.0/8, 192.0.2.0/24], maxEntries: 1}]", `maxEntries "1": want at least the number of entries, 2`},
		{"a pool that is none", "addressPools: [pool]", "want ipv4pool-coip- or ipam-pool-"},
		{"a target group of a protocol that is none", "targetGroups: [{arn: \"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/a/1\", protocol: http}]", `protocol "http": want one of HTTP`},
		{"a target group's port", "targetGroups: [{arn: \"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/a/1\", port: 70000}]", `targetGroups[0].port "70000": want 1 to 65535`},
		{"a load balancer that is none", "loadBalancers: [intranet]", "loadbalancer/app/NAME/"},
		{"a quota that is none", "quotas: {ALBs: 7}", `quotas "ALBs": is no quota that elbsim checks; those are Application Load Balancers per Region`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, c.content)
			require.ErrorContains(t, err, c.want)
			assert.Contains(t, err.Error(), "account.yaml")
		})
	}
}

func TestAllThatIsWrongIsNamedAtOnceInTheOrderOfTheFile(t *testing.T) {
	_, err := load(t, "quotas: {ALBs: 7}\nzones: [1z]\nregions: x\nvpc: {cidrs: [ten]}\n")
	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 4)
	for i, want := range []string{":1: quotas", ":2: zones[0]", `:3: "regions"`, ":4: vpc.cidrs[0]"} {
		assert.Contains(t, lines[i], want)
	}
}

func TestAFileThatIsNotThere(t *testing.T) {
	_, err := account.Load("nowhere.yaml")
	require.ErrorContains(t, err, "read the account: open nowhere.yaml")
}

func TestFilesOfCertificatesAndTrustStores(t *testing.T) {
	ca, err := authority.New("partners")
	require.NoError(t, err)
	issued, err := ca.Issue("shop.example.com", "10.0.0.1")
	require.NoError(t, err)
	folder := t.TempDir()
	write := func(name string, content []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	key, err := x509.MarshalPKCS8PrivateKey(issued.PrivateKey)
	require.NoError(t, err)
	write("tls.crt", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: issued.Certificate[0]}))
	write("tls.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	write("ca.pem", ca.PEM())
	const certificate, store = "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555", "arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/a/1"
	content := "certificates: [{arn: \"" + certificate + "\", certificateFile: tls.crt, privateKeyFile: tls.key}]\ntrustStores: [{arn: \"" + store + "\", caBundleFile: ca.pem}]\n"
	write("account.yaml", []byte(content))

	a, err := account.Load(filepath.Join(folder, "account.yaml"))
	require.NoError(t, err)
	assert.Equal(t, []string{"shop.example.com", "10.0.0.1"}, a.Options.Certificates[0].Domains, "the file names them")
	assert.Equal(t, issued.Certificate[:1], a.Certificates[certificate].Certificate)
	want := x509.NewCertPool()
	want.AppendCertsFromPEM(ca.PEM())
	assert.True(t, want.Equal(a.TrustStores[store]))

	write("account.yaml", []byte(strings.Replace(content, "privateKeyFile: tls.key", "privateKeyFile: ca.pem", 1)))
	_, err = account.Load(filepath.Join(folder, "account.yaml"))
	require.ErrorContains(t, err, `certificates[0].certificateFile "tls.crt": want a certificate in PEM that belongs to the key in "ca.pem"`)
}
