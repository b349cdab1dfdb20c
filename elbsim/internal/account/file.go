// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package account

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// file is the YAML as it is written. Scalars know their line.
type file struct {
	Region         text              `yaml:"region"`
	Account        text              `yaml:"account"`
	VPC            vpc               `yaml:"vpc"`
	Zones          []text            `yaml:"zones"`
	Subnets        []subnet          `yaml:"subnets"`
	SecurityGroups []securityGroup   `yaml:"securityGroups"`
	Certificates   []certificate     `yaml:"certificates"`
	TrustStores    []trustStore      `yaml:"trustStores"`
	WebACLs        []text            `yaml:"webACLs"`
	ElasticIPs     []elasticIP       `yaml:"elasticIPs"`
	PrefixLists    []prefixList      `yaml:"prefixLists"`
	AddressPools   []text            `yaml:"addressPools"`
	TargetGroups   []targetGroup     `yaml:"targetGroups"`
	LoadBalancers  []text            `yaml:"loadBalancers"`
	Quotas         map[string]number `yaml:"quotas"`
}

type vpc struct {
	ID    text   `yaml:"id"`
	CIDRs []text `yaml:"cidrs"`
}

type subnet struct {
	ID             text            `yaml:"id"`
	Zone           text            `yaml:"zone"`
	CIDR           text            `yaml:"cidr"`
	IPv6CIDR       text            `yaml:"ipv6CIDR"`
	FreeAddresses  number          `yaml:"freeAddresses"`
	TakenAddresses []text          `yaml:"takenAddresses"`
	Public         bool            `yaml:"public"`
	Tags           map[string]text `yaml:"tags"`
}

type securityGroup struct {
	ID      text            `yaml:"id"`
	Name    text            `yaml:"name"`
	Tags    map[string]text `yaml:"tags"`
	Inbound []inboundRule   `yaml:"inbound"`
	Members []text          `yaml:"members"`
}

type inboundRule struct {
	Protocol text `yaml:"protocol"`
	Ports    text `yaml:"ports"`
	Source   text `yaml:"source"`
}

type certificate struct {
	ARN             text   `yaml:"arn"`
	Domains         []text `yaml:"domains"`
	Status          text   `yaml:"status"`
	KeyType         text   `yaml:"keyType"`
	CertificateFile text   `yaml:"certificateFile"`
	PrivateKeyFile  text   `yaml:"privateKeyFile"`
}

type trustStore struct {
	ARN          text `yaml:"arn"`
	CABundleFile text `yaml:"caBundleFile"`
}

type elasticIP struct {
	AllocationID text `yaml:"allocationID"`
	InUse        bool `yaml:"inUse"`
}

type prefixList struct {
	ID         text   `yaml:"id"`
	Entries    []text `yaml:"entries"`
	MaxEntries number `yaml:"maxEntries"`
}

type targetGroup struct {
	ARN             text   `yaml:"arn"`
	Protocol        text   `yaml:"protocol"`
	ProtocolVersion text   `yaml:"protocolVersion"`
	Port            number `yaml:"port"`
	TargetType      text   `yaml:"targetType"`
}

// text is a scalar as it is written, so that an account ID keeps its zeros. The line of one that is missing is 0.
type text struct {
	value string
	line  int
}

// UnmarshalYAML takes any scalar. It is not asked for a key without a value, which counts as missing.
func (t *text) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return notA("text", n)
	}
	*t = text{n.Value, n.Line}
	return nil
}

// number is a whole number that is not negative. The line of one that is missing is 0.
type number struct {
	value int
	line  int
}

// UnmarshalYAML takes a whole number.
func (x *number) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || n.Decode(&x.value) != nil || x.value < 0 {
		return notA("a whole number of 0 or more", n)
	}
	x.line = n.Line
	return nil
}

// notA is what yaml collects instead of ending at it.
func notA(want string, n *yaml.Node) error {
	got := fmt.Sprintf("%q", n.Value)
	switch {
	case n.Kind == yaml.SequenceNode:
		got = "a list"
	case n.Kind == yaml.MappingNode:
		got = "keys with values"
	}
	return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: want %s, got %s", n.Line, want, got)}}
}
