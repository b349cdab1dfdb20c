// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package elb is the vocabulary of elbsim: one description of a load balancer for what is planned,
// what is built and what the data plane serves. It is the JSON of `elbsim plan -o json` and of
// GET /v1/loadbalancers. It holds no behaviour and no AWS SDK types.
//
// Names that the AWS Load Balancer Controller makes from hashes never appear in it: a load balancer
// is known by Stack, a target group by Name, so two descriptions of the same manifests are equal.
// Fields under "run only" are empty in a plan, those under "plan only" in what runs.
package elb

// Type is the kind of a load balancer as the ELBv2 API spells it.
type Type string

// The load balancer types that elbsim knows.
const (
	Application Type = "application"
	Network     Type = "network"
)

// LoadBalancer is one Application or Network Load Balancer with all that hangs off it.
type LoadBalancer struct {
	// Stack is what the controller builds it from: "<namespace>/<name>" of an Ingress or a Service,
	// or the bare name of an Ingress group (the tag …k8s.aws/stack).
	Stack string `json:"stack"`
	// Name is the AWS name that was asked for; empty when the controller makes one up.
	Name           string            `json:"name,omitempty"`
	Type           Type              `json:"type"`
	Scheme         string            `json:"scheme"` // internal | internet-facing
	IPAddressType  string            `json:"ipAddressType"`
	Zones          []string          `json:"zones"` // availability zones, sorted
	SecurityGroups []SecurityGroup   `json:"securityGroups,omitempty"`
	Attributes     map[string]string `json:"attributes,omitempty"` // those that differ from AWS's default
	Tags           map[string]string `json:"tags,omitempty"`       // without the controller's own tracking tags
	WebACL         string            `json:"webACL,omitempty"`     // ARN, of WAFv2
	Listeners      []Listener        `json:"listeners"`            // by port
	TargetGroups   []TargetGroup     `json:"targetGroups"`         // by name

	// Plan only: what it is made from, sorted: "Ingress <namespace>/<name>", of a group all its members.
	Objects []string `json:"objects,omitempty"`

	// Run only.
	ARN       string    `json:"arn,omitempty"`
	DNSName   string    `json:"dnsName,omitempty"`
	State     string    `json:"state,omitempty"`     // provisioning | active | failed
	Addresses []Address `json:"addresses,omitempty"` // in a plan those that manifests ask for, without IP
}

// Address is one network interface of a load balancer: one per availability zone.
type Address struct {
	Zone string `json:"zone"`
	IP   string `json:"ip"`
	// DNSName leads to this address alone: Network Load Balancers have such a name for each zone.
	DNSName string `json:"dnsName,omitempty"`
	// InDNS: the load balancer's own name leads to this address too. AWS takes out a zone with too few healthy
	// targets, unless that would be all.
	InDNS bool `json:"inDNS"`
	// AllocationID and PrivateIPv4 are the Elastic IP address or the address of the subnet that was asked for. IP
	// stands for it; in a plan it is empty.
	AllocationID string `json:"allocationID,omitempty"`
	PrivateIPv4  string `json:"privateIPv4,omitempty"`
}

// SecurityGroup is a group attached to a load balancer. Managed groups are the controller's own and
// have no stable ID or name.
type SecurityGroup struct {
	ID      string        `json:"id,omitempty"` // of a group that existed before; empty when managed
	Managed bool          `json:"managed"`
	Inbound []InboundRule `json:"inbound,omitempty"`
}

// InboundRule is one permission of a security group.
type InboundRule struct {
	Protocol string `json:"protocol"` // tcp | udp | icmp | -1
	FromPort int32  `json:"fromPort"`
	ToPort   int32  `json:"toPort"`
	Source   string `json:"source"` // CIDR, pl-… or sg-…
}

// Listener is one port of a load balancer.
type Listener struct {
	Port           int32             `json:"port"`
	Protocol       string            `json:"protocol"`               // HTTP HTTPS TCP TLS UDP TCP_UDP
	Certificates   []string          `json:"certificates,omitempty"` // ARNs; the first is the default
	SSLPolicy      string            `json:"sslPolicy,omitempty"`
	ALPNPolicy     string            `json:"alpnPolicy,omitempty"`
	MutualTLS      string            `json:"mutualTLS,omitempty"`  // passthrough | verify
	TrustStore     *TrustStore       `json:"trustStore,omitempty"` // for verify
	Attributes     map[string]string `json:"attributes,omitempty"`
	Rules          []Rule            `json:"rules,omitempty"` // in order of evaluation, without the default
	DefaultActions []Action          `json:"defaultActions"`
}

// TrustStore is what a listener with mutual TLS verifies client certificates against.
type TrustStore struct {
	ARN            string `json:"arn"`
	IgnoreExpiry   bool   `json:"ignoreExpiry,omitempty"`   // of client certificates
	AdvertiseNames bool   `json:"advertiseNames,omitempty"` // tell clients the subjects of the authorities
}

// Rule is a listener rule: all Conditions hold, then Actions act.
type Rule struct {
	Priority   int32       `json:"priority"`
	Conditions []Condition `json:"conditions"`
	Transforms []Transform `json:"transforms,omitempty"`
	Actions    []Action    `json:"actions"`
}

// Transform rewrites part of a request before an action forwards it.
type Transform struct {
	Type     string    `json:"type"` // url-rewrite host-header-rewrite
	Rewrites []Rewrite `json:"rewrites"`
}

// Rewrite replaces what a regular expression matches.
type Rewrite struct {
	Regex   string `json:"regex"`
	Replace string `json:"replace"`
}

// Condition is one condition of a rule; any of its values suffices.
type Condition struct {
	Field  string      `json:"field"`            // host-header path-pattern http-header http-request-method query-string source-ip
	Header string      `json:"header,omitempty"` // name, for http-header
	Values []string    `json:"values,omitempty"`
	Regex  []string    `json:"regex,omitempty"`
	Query  []QueryPair `json:"query,omitempty"` // for query-string
}

// QueryPair is one value of a query-string condition; an empty Key matches any key.
type QueryPair struct {
	Key   string `json:"key,omitempty"`
	Value string `json:"value"`
}

// Action is what a rule or a listener does with a request or connection.
type Action struct {
	Type          string         `json:"type"`              // forward redirect fixed-response authenticate-oidc authenticate-cognito jwt-validation
	Forward       []Weighted     `json:"forward,omitempty"` // for forward
	Redirect      *Redirect      `json:"redirect,omitempty"`
	FixedResponse *FixedResponse `json:"fixedResponse,omitempty"`
	JWT           *JWTValidation `json:"jwtValidation,omitempty"`
	// Authenticate is for authenticate-oidc and authenticate-cognito.
	Authenticate *Authentication `json:"authenticate,omitempty"`
	// StickySeconds is the target group stickiness of a weighted forward; 0 is off.
	StickySeconds int32 `json:"stickySeconds,omitempty"`
}

// JWTValidation is what a bearer token must be for a request to go on. Times and issuer are checked always.
type JWTValidation struct {
	JWKSEndpoint string     `json:"jwksEndpoint"`
	Issuer       string     `json:"issuer"`
	Claims       []JWTClaim `json:"claims,omitempty"`
}

// JWTClaim is a further claim that a token must have.
type JWTClaim struct {
	Name   string   `json:"name"`
	Format string   `json:"format"` // single-string | string-array | space-separated-values
	Values []string `json:"values"`
}

// Authentication is how users sign in at an OpenID Connect provider before a request goes on. For a Cognito user
// pool the endpoints are those of its domain.
type Authentication struct {
	UserPool              string            `json:"userPool,omitempty"` // ARN, for authenticate-cognito
	Issuer                string            `json:"issuer"`
	AuthorizationEndpoint string            `json:"authorizationEndpoint"`
	TokenEndpoint         string            `json:"tokenEndpoint"`
	UserInfoEndpoint      string            `json:"userInfoEndpoint"`
	ClientID              string            `json:"clientID"`
	ClientSecret          string            `json:"-"` // never leaves the process
	Scope                 string            `json:"scope"`
	SessionCookie         string            `json:"sessionCookie"`
	SessionSeconds        int64             `json:"sessionSeconds"`
	OnUnauthenticated     string            `json:"onUnauthenticated"` // authenticate | allow | deny
	ExtraParams           map[string]string `json:"extraParams,omitempty"`
}

// Weighted is a target group of a forward action.
type Weighted struct {
	TargetGroup string `json:"targetGroup"` // TargetGroup.Name
	Weight      int32  `json:"weight"`      // 1 when there is only one
}

// Redirect is a redirect action; empty parts keep the request's.
type Redirect struct {
	Protocol   string `json:"protocol,omitempty"`
	Host       string `json:"host,omitempty"`
	Port       string `json:"port,omitempty"`
	Path       string `json:"path,omitempty"`
	Query      string `json:"query,omitempty"`
	StatusCode int    `json:"statusCode"` // 301 | 302
}

// FixedResponse is a fixed-response action.
type FixedResponse struct {
	StatusCode  int    `json:"statusCode"`
	ContentType string `json:"contentType,omitempty"`
	Body        string `json:"body,omitempty"`
}

// TargetGroup is a set of targets with one health check.
type TargetGroup struct {
	// Name is "<namespace>/<service>:<port>", in an Ingress group
	// "<namespace>/<ingress>-<service>:<port>", or the ARN of one that was made elsewhere.
	Name            string `json:"name"`
	TargetType      string `json:"targetType"`                // instance | ip | alb
	Protocol        string `json:"protocol"`                  // HTTP HTTPS TCP TLS UDP TCP_UDP
	ProtocolVersion string `json:"protocolVersion,omitempty"` // HTTP1 HTTP2 GRPC
	// Port is the default port of a target. 0 in a plan is a node port that Kubernetes will choose.
	Port        int32             `json:"port"`
	HealthCheck HealthCheck       `json:"healthCheck"`
	Attributes  map[string]string `json:"attributes,omitempty"` // those that differ from AWS's default
	Tags        map[string]string `json:"tags,omitempty"`

	// Run only.
	ARN     string   `json:"arn,omitempty"`
	Targets []Target `json:"targets,omitempty"`
}

// HealthCheck is how a target group finds out whether a target is healthy.
type HealthCheck struct {
	Protocol           string `json:"protocol"`       // HTTP HTTPS TCP
	Port               string `json:"port"`           // "traffic-port", a number, or "0": see TargetGroup.Port
	Path               string `json:"path,omitempty"` // HTTP and HTTPS
	Matcher            string `json:"matcher,omitempty"`
	IntervalSeconds    int32  `json:"intervalSeconds"`
	TimeoutSeconds     int32  `json:"timeoutSeconds"`
	HealthyThreshold   int32  `json:"healthyThreshold"`
	UnhealthyThreshold int32  `json:"unhealthyThreshold"`
}

// Target is a registered target and its health.
type Target struct {
	ID      string `json:"id"`      // instance ID or IP address
	Address string `json:"address"` // IP address that connections go to
	Port    int32  `json:"port"`
	Zone    string `json:"zone,omitempty"`
	Health  Health `json:"health"`
}

// HealthState is a target's state as DescribeTargetHealth spells it.
type HealthState string

// The states of a target.
const (
	Initial   HealthState = "initial"
	Healthy   HealthState = "healthy"
	Unhealthy HealthState = "unhealthy"
	Unused    HealthState = "unused"
	Draining  HealthState = "draining"
	// UnhealthyDraining is unhealthy at a Network Load Balancer that keeps connections for an interval.
	UnhealthyDraining HealthState = "unhealthy.draining"
)

// Health is a target's state with AWS's reason code and description (API TargetHealth).
type Health struct {
	State       HealthState `json:"state"`
	Reason      string      `json:"reason,omitempty"` // e.g. Target.ResponseCodeMismatch
	Description string      `json:"description,omitempty"`
}

// Plan is the answer of `elbsim plan -o json`.
type Plan struct {
	LoadBalancers []LoadBalancer `json:"loadBalancers"` // by stack
	Rejections    []Rejection    `json:"rejections"`
	Warnings      []Warning      `json:"warnings"`
}

// Rejection is an object that would not become (part of) a load balancer, and who says so.
type Rejection struct {
	Object  string `json:"object"` // "Ingress <namespace>/<name>"
	Stage   string `json:"stage"`  // admission | model | AWS
	Message string `json:"message"`
}

// Warning is something that is accepted and then ignored or surprising.
type Warning struct {
	Object  string `json:"object"`
	Message string `json:"message"`
}
