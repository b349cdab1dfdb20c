// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package account

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// checker turns what is written into an account and remembers what is wrong.
type checker struct {
	*problems
	folder string
	ids    map[string]int // lines of all IDs and ARNs so far
}

// Defaults, where others of the file have to fit to them.
const (
	defaultRegion = "eu-west-1"
	defaultVPC    = "192.168.0.0/16"
)

var (
	regionForm   = form{regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`), "a region such as eu-west-1"}
	accountForm  = form{regexp.MustCompile(`^[0-9]{12}$`), "12 digits"}
	groupForm    = idForm("sg")
	subnetForm   = idForm("subnet")
	vpcForm      = form{regexp.MustCompile(`^vpc-([0-9a-f]{8}|[0-9a-f]{17})$`), "vpc- and 8 or 17 hexadecimal digits"}
	listForm     = idForm("pl")
	elasticForm  = idForm("eipalloc")
	poolForm     = form{regexp.MustCompile(`^(ipv4pool-coip|ipam-pool)-[0-9a-f]+$`), "ipv4pool-coip- or ipam-pool- and hexadecimal digits"}
	protocolForm = form{regexp.MustCompile(`^(tcp|udp|icmp|-1)$`), "tcp, udp, icmp or -1 (all)"}
	nameForm     = form{regexp.MustCompile(`^[^\x00-\x1f]{1,255}$`), "1 to 255 characters"}
)

// form is what a value must look like, with words for it.
type form struct {
	pattern *regexp.Regexp
	words   string
}

func idForm(prefix string) form {
	return form{regexp.MustCompile("^" + prefix + "-[0-9a-f]{1,17}$"), prefix + "- and up to 17 hexadecimal digits"}
}

// is checks a value that may be missing.
func (c *checker) is(f form, key string, v text) {
	if v.line > 0 && !f.pattern.MatchString(v.value) {
		c.add(key, v, "want %s", f.words)
	}
}

// id checks an ID or ARN that must be there, once. line is where to say that it is missing.
func (c *checker) id(f form, key string, v text) {
	if v.line == 0 {
		c.missing(key, 0, "want "+f.words)
		return
	}
	c.is(f, key, v)
	if first, ok := c.ids[v.value]; ok {
		c.add(key, v, "is in line %d already; each may be listed once", first)
		return
	}
	c.ids[v.value] = v.line
}

// oneOf checks a value that may be missing.
func (c *checker) oneOf(key string, v text, allowed ...string) {
	if v.line > 0 && !slices.Contains(allowed, v.value) {
		c.add(key, v, "want one of %s", list(allowed))
	}
}

func at(key string, i int) string { return key + "[" + strconv.Itoa(i) + "]" }

func (c *checker) account(f file) Account {
	out := Account{Certificates: map[string]*tls.Certificate{}, TrustStores: map[string]*x509.CertPool{}}
	o := &out.Options
	o.Closed = true
	c.is(regionForm, "region", f.Region)
	c.is(accountForm, "account", f.Account)
	c.is(vpcForm, "vpc.id", f.VPC.ID)
	o.Region, o.Account, o.VPC = cmp.Or(f.Region.value, defaultRegion), f.Account.value, f.VPC.ID.value
	c.network(f, o)
	for i, g := range f.SecurityGroups {
		o.SecurityGroups = append(o.SecurityGroups, c.securityGroup(at("securityGroups", i), g))
	}
	for i, x := range f.Certificates {
		o.Certificates = append(o.Certificates, c.certificate(at("certificates", i), x, o.Region, out.Certificates))
	}
	for i, x := range f.TrustStores {
		key := at("trustStores", i)
		c.id(arnForm("elasticloadbalancing", o.Region, "truststore/[^/]+/[^/]+", "truststore/NAME/0123456789abcdef"), key+".arn", x.ARN)
		o.TrustStores = append(o.TrustStores, x.ARN.value)
		if pool := c.bundle(key+".caBundleFile", x.CABundleFile); pool != nil {
			out.TrustStores[x.ARN.value] = pool
		}
	}
	for i, x := range f.WebACLs {
		c.id(webACLForm(o.Region), at("webACLs", i), x)
		o.WebACLs = append(o.WebACLs, x.value)
	}
	for i, x := range f.ElasticIPs {
		c.id(elasticForm, at("elasticIPs", i)+".allocationID", x.AllocationID)
		o.ElasticIPs = append(o.ElasticIPs, fakeaws.ElasticIP{AllocationID: x.AllocationID.value, InUse: x.InUse})
	}
	for i, x := range f.PrefixLists {
		o.PrefixLists = append(o.PrefixLists, c.prefixList(at("prefixLists", i), x))
	}
	for i, x := range f.AddressPools {
		c.id(poolForm, at("addressPools", i), x)
		o.AddressPools = append(o.AddressPools, x.value)
	}
	for i, x := range f.TargetGroups {
		o.TargetGroups = append(o.TargetGroups, c.targetGroup(at("targetGroups", i), x, o.Region))
	}
	for i, x := range f.LoadBalancers {
		c.id(arnForm("elasticloadbalancing", o.Region, "loadbalancer/(app|net)/[A-Za-z0-9-]+/[0-9a-f]+", "loadbalancer/app/NAME/0123456789abcdef"), at("loadBalancers", i), x)
		o.LoadBalancers = append(o.LoadBalancers, x.value)
	}
	o.Quotas = c.quotas(f.Quotas)
	return out
}

// arnForm is an ARN of a service in the account's region. example ends a sample of it.
func arnForm(service, region, resource, example string) form {
	return form{
		regexp.MustCompile("^arn:aws[a-z-]*:" + service + ":" + regexp.QuoteMeta(region) + ":[0-9]{12}:" + resource + "$"),
		"an ARN of the region " + region + " such as arn:aws:" + service + ":" + region + ":111122223333:" + example,
	}
}

func webACLForm(region string) form {
	f := arnForm("wafv2", region, "regional/webacl/[^/]+/[^/]+", "regional/webacl/NAME/ID")
	f.words += "; one of the scope CLOUDFRONT (global/) cannot stand before a load balancer"
	return f
}

func (c *checker) prefixList(key string, x prefixList) fakeaws.PrefixList {
	c.id(listForm, key+".id", x.ID)
	out := fakeaws.PrefixList{ID: x.ID.value, MaxEntries: max(x.MaxEntries.value, len(x.Entries))}
	for i, entry := range x.Entries {
		c.prefix(at(key+".entries", i), entry)
		out.Entries = append(out.Entries, entry.value)
	}
	if x.MaxEntries.line > 0 && x.MaxEntries.value < len(x.Entries) {
		c.add(key+".maxEntries", text{strconv.Itoa(x.MaxEntries.value), x.MaxEntries.line}, "want at least the number of entries, %d", len(x.Entries))
	}
	return out
}

func (c *checker) targetGroup(key string, x targetGroup, region string) fakeaws.TargetGroup {
	c.id(arnForm("elasticloadbalancing", region, "targetgroup/[A-Za-z0-9-]+/[0-9a-f]+", "targetgroup/NAME/0123456789abcdef"), key+".arn", x.ARN)
	c.oneOf(key+".protocol", x.Protocol, "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC")
	c.oneOf(key+".protocolVersion", x.ProtocolVersion, "HTTP1", "HTTP2", "GRPC")
	c.oneOf(key+".targetType", x.TargetType, "instance", "ip", "alb")
	port := text{strconv.Itoa(x.Port.value), x.Port.line}
	if port.line > 0 && (x.Port.value < 1 || x.Port.value > 65535) {
		c.add(key+".port", port, "want 1 to 65535")
	}
	return fakeaws.TargetGroup{
		ARN: x.ARN.value, Protocol: cmp.Or(x.Protocol.value, "HTTP"), ProtocolVersion: x.ProtocolVersion.value,
		TargetType: cmp.Or(x.TargetType.value, "instance"), Port: int32(cmp.Or(x.Port.value, 80)), //nolint:gosec // checked above
	}
}

func (c *checker) quotas(in map[string]number) map[string]int {
	known, out := fakeaws.Quotas(), map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if _, ok := known[name]; !ok {
			c.add("quotas", text{name, in[name].line}, "is no quota that elbsim checks; those are %s", list(slices.Sorted(maps.Keys(known))))
		}
		out[name] = in[name].value
	}
	return out
}

func (c *checker) securityGroup(key string, x securityGroup) fakeaws.SecurityGroup {
	c.id(groupForm, key+".id", x.ID)
	c.is(nameForm, key+".name", x.Name)
	if x.Name.line > 0 {
		c.once("the security group "+x.Name.value, key+".name", x.Name)
	}
	out := fakeaws.SecurityGroup{ID: x.ID.value, Name: cmp.Or(x.Name.value, x.ID.value), Tags: values(x.Tags)}
	for i, member := range x.Members {
		c.prefix(at(key+".members", i), member)
		out.Members = append(out.Members, member.value)
	}
	for i, r := range x.Inbound {
		out.Inbound = append(out.Inbound, c.inbound(at(key+".inbound", i), r))
	}
	return out
}

var portsForm = form{regexp.MustCompile(`^([0-9]{1,5})(-([0-9]{1,5}))?$`), "a port or a range such as 443 or 8000-8999"}

func (c *checker) inbound(key string, x inboundRule) elb.InboundRule {
	c.is(protocolForm, key+".protocol", x.Protocol)
	c.is(portsForm, key+".ports", x.Ports)
	out := elb.InboundRule{Protocol: cmp.Or(x.Protocol.value, "tcp"), Source: x.Source.value}
	if m := portsForm.pattern.FindStringSubmatch(x.Ports.value); m != nil {
		from, to := c.port(key, x.Ports, m[1]), c.port(key, x.Ports, cmp.Or(m[3], m[1]))
		if from > to {
			c.add(key+".ports", x.Ports, "want the lower port first")
		}
		out.FromPort, out.ToPort = from, to
	} else if out.Protocol == "tcp" || out.Protocol == "udp" {
		out.ToPort = 65535
	}
	switch {
	case x.Source.line == 0:
		c.missing(key+".source", cmp.Or(x.Ports.line, x.Protocol.line), "want a CIDR, sg-… or pl-…")
	case groupForm.pattern.MatchString(out.Source) || listForm.pattern.MatchString(out.Source):
	default:
		c.prefix(key+".source", x.Source)
	}
	return out
}

func (c *checker) port(key string, written text, digits string) int32 {
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || n > 65535 {
		c.add(key+".ports", written, "want ports up to 65535")
	}
	return int32(n)
}

// once finds a name that was used before.
func (c *checker) once(what, key string, v text) {
	if first, ok := c.ids[what]; ok {
		c.add(key, v, "is in line %d already; each may be used once", first)
		return
	}
	c.ids[what] = v.line
}

func values(in map[string]text) map[string]string {
	out := make(map[string]string, len(in))
	for k, v := range in {
		out[k] = v.value
	}
	return out
}
