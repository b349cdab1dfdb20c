// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package fakeaws is one AWS account with one region and one VPC, in memory, behind the AWS SDK's
// own clients: ELBv2, EC2, ACM, WAF and Shield as far as the AWS Load Balancer Controller calls
// them. The controller creates load balancers in it; LoadBalancers describes them, for the plan and
// for what runs alike. It refuses what AWS refuses, with AWS's error codes (files limits_*.go). It
// never opens a socket and knows nothing of Kubernetes.
package fakeaws

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/faults"
)

// Options say what the account looks like. Zero fields take the values of defaults.
type Options struct {
	Cluster  string // name of the Kubernetes cluster, for the tags of the node security group
	Region   string
	Zones    []string // availability zones by letter ("a") or by name ("eu-west-1a")
	Account  string   // 12 digits
	VPC      string   // vpc- and 17 hexadecimal digits
	VPCCIDRs []string
	PodCIDR  string // one more CIDR of the VPC, so that pod addresses count as the VPC's own

	// Subnets are by default a public and a private one in each zone.
	Subnets        []Subnet
	SecurityGroups []SecurityGroup // besides the nodes' own
	Certificates   []Certificate   // the ones that ListCertificates shows
	WebACLs        []string        // ARNs
	TrustStores    []string        // ARNs
	ElasticIPs     []ElasticIP
	PrefixLists    []PrefixList
	AddressPools   []string // IDs of pools, customer-owned ones and IPAM's
	TargetGroups   []TargetGroup
	LoadBalancers  []string // ARNs of those that the cluster did not make; only their names and number matter
	// Closed accounts hold nothing that is not listed. In others any certificate, web ACL, trust store, Elastic IP
	// address, prefix list and address pool exists whose name is well-formed.
	Closed bool
	// Quotas are those that differ from AWS's defaults, by their names at Service Quotas (see Quotas).
	Quotas map[string]int

	// Provisioning keeps a new load balancer in state "provisioning" until SetAddresses.
	Provisioning bool
	// ProvisioningTime is how long a new load balancer stays so at least. The fault of that name adds to it.
	ProvisioningTime time.Duration
	// UnknownPort says of a node port that it merely stands for one that Kubernetes will choose; it
	// is described as 0.
	UnknownPort func(port int32) bool
	// ShieldAdvanced subscribes the account to Shield Advanced. Without, the controller leaves Shield alone.
	ShieldAdvanced bool
	// Results keeps what calls return, too.
	Results bool
	// Log takes what the controller asks for in vain; nil discards it.
	Log *slog.Logger
	// CallLimit is how many calls are remembered; the oldest go first.
	CallLimit int
}

func defaults() Options {
	return Options{
		Cluster:     "elbsim",
		Region:      "eu-west-1",
		Zones:       []string{"a", "b", "c"},
		Account:     "111122223333",
		VPC:         "vpc-0123456789abcdef0",
		VPCCIDRs:    []string{"192.168.0.0/16"},
		PodCIDR:     "10.244.0.0/16",
		UnknownPort: func(int32) bool { return false },
		CallLimit:   10_000,
	}
}

// Instance is an EC2 instance: a node of the cluster.
type Instance struct {
	ID       string // i-…
	Address  string // private IPv4 address
	Zone     string // name of its availability zone
	PodCIDRs []string
}

// AWS is the account. All its methods may be called at any time from any goroutine.
type AWS struct {
	opts       Options
	operations map[string]operation

	mu        sync.Mutex
	serial    int // makes IDs
	subnets   []types.Subnet
	groups    *table[*types.SecurityGroup] // by ID; also by name and tag
	instances map[string]Instance          // by ID; nil accepts any
	tags      *table[*tagged]              // by ARN; also by tag
	lbs       *table[*loadBalancer]        // by ARN; also by name
	created   []string                     // ARNs of load balancers, also of deleted ones
	listeners *table[*listener]            // by ARN; also by load balancer and target group
	rules     *table[*rule]                // by ARN; also by listener and target group
	targets   *table[*targetGroup]         // by ARN; also by name
	health    func(targetGroupARN string, t elb.Target) elb.Health
	commit    func()
	inDNS     func(targetGroupARN, zone string) bool
	calls     []Call
	counts    map[string]int  // calls by operation
	results   int             // bytes of the calls' results
	stripped  int             // calls that have lost their result
	warned    map[string]bool // operations that were missing
	faults    *faults.Set
	hidden    map[string]time.Time // by ARN, ID or name: until when it is not described

	subscribers map[int]chan struct{}
}

// New makes an account with a VPC, a public and a private subnet in each zone, and the security
// group of the nodes.
func New(opts Options) *AWS {
	a := &AWS{
		opts:        withDefaults(opts),
		groups:      newTable(groupKeys),
		tags:        newTable((*tagged).keys),
		lbs:         newTable(func(lb *loadBalancer) []string { return []string{*lb.sdk.LoadBalancerName} }),
		listeners:   newTable((*listener).keys),
		rules:       newTable((*rule).keys),
		targets:     newTable(func(tg *targetGroup) []string { return []string{*tg.sdk.TargetGroupName} }),
		counts:      map[string]int{},
		warned:      map[string]bool{},
		hidden:      map[string]time.Time{},
		subscribers: map[int]chan struct{}{},
		health:      registrationInProgress,
		commit:      func() {},
		inDNS:       func(string, string) bool { return true },
	}
	a.subnets = a.makeSubnets()
	a.addNodeGroup()
	a.addSecurityGroups()
	a.addTargetGroups()
	a.operations = a.allOperations()
	a.faults = faults.NewSet(faults.Known{Operations: operationNames(a.operations), Zones: a.opts.Zones})
	return a
}

func withDefaults(o Options) Options {
	d := defaults()
	text := func(v *string, def string) {
		if *v == "" {
			*v = def
		}
	}
	text(&o.Cluster, d.Cluster)
	text(&o.Region, d.Region)
	text(&o.Account, d.Account)
	text(&o.VPC, d.VPC)
	text(&o.PodCIDR, d.PodCIDR)
	if len(o.VPCCIDRs) == 0 {
		o.VPCCIDRs = d.VPCCIDRs
	}
	if len(o.Zones) == 0 {
		o.Zones = d.Zones
	}
	o.Zones = ZoneNames(o.Region, o.Zones)
	if o.UnknownPort == nil {
		o.UnknownPort = d.UnknownPort
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Quotas = withQuotas(o.Quotas)
	if o.CallLimit == 0 {
		o.CallLimit = d.CallLimit
	}
	return o
}

// ZoneNames are the names of zones that are given by letter or by name.
func ZoneNames(region string, zones []string) []string {
	return mapped(zones, func(z string) string {
		if len(z) == 1 {
			return region + z
		}
		return z
	})
}

// Region, VPC and Cluster are what LBC's flags --aws-region, --aws-vpc-id and --cluster-name need.
func (a *AWS) Region() string { return a.opts.Region }

// VPC is the VPC's ID.
func (a *AWS) VPC() string { return a.opts.VPC }

// Zones are the names of the availability zones.
func (a *AWS) Zones() []string { return slices.Clone(a.opts.Zones) }

// Cluster is the name of the Kubernetes cluster.
func (a *AWS) Cluster() string { return a.opts.Cluster }

// Faults are what goes wrong in the account on purpose.
func (a *AWS) Faults() *faults.Set { return a.faults }

// Notify tells the subscribers of a change that is not in the account itself.
func (a *AWS) Notify() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notify()
}

// SetInstances replaces the account's instances. Until it is called, any well-formed ID exists.
func (a *AWS) SetInstances(instances []Instance) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.instances = make(map[string]Instance, len(instances))
	for _, i := range instances {
		a.instances[i.ID] = clone(i)
	}
	a.notify()
}

// SetAddresses gives a load balancer its addresses and makes it active. A load balancer that does
// not exist (any more) is left alone.
func (a *AWS) SetAddresses(lbARN string, addresses []elb.Address) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if lb := a.lbs.get(lbARN); lb != nil {
		lb.addresses = clone(addresses)
		lb.activate()
		a.notify()
	}
}

// Provisioning tells whether a load balancer must wait before it gets its addresses. Subscribers hear when that is over.
func (a *AWS) Provisioning(lbARN string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	lb := a.lbs.get(lbARN)
	return lb != nil && now().Before(lb.readyAt)
}

// SetHealth names the one to ask for the health of a registered target that is neither draining
// nor unused. It is called without a lock held.
func (a *AWS) SetHealth(health func(targetGroupARN string, t elb.Target) elb.Health) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.health = health
}

// SetCommit names the one to wait for before a call returns that made or deleted something to which objects of
// the cluster refer: it keeps the account's state. It is called without a lock held.
func (a *AWS) SetCommit(commit func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.commit = commit
}

// Subscribe returns a channel that receives after changes (several may become one) and a function
// that ends the subscription.
func (a *AWS) Subscribe() (<-chan struct{}, func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.serial++
	key, c := a.serial, make(chan struct{}, 1)
	a.subscribers[key] = c
	return c, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.subscribers, key)
	}
}

// notify tells the subscribers of a change. The lock is held.
func (a *AWS) notify() {
	for _, c := range a.subscribers {
		select {
		case c <- struct{}{}:
		default: // a signal is waiting already
		}
	}
}

// Close stops the timers of draining targets.
func (a *AWS) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, tg := range a.targets.values() {
		tg.stopTimers()
	}
}

func now() time.Time { return time.Now().UTC() }
