// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/istio-aws/istio-aws/elbsim/internal/acm"
	"github.com/istio-aws/istio-aws/elbsim/internal/admin"
	"github.com/istio-aws/istio-aws/elbsim/internal/controller"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/dial"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/identity"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/install"
	"github.com/istio-aws/istio-aws/elbsim/internal/network"
	"github.com/istio-aws/istio-aws/elbsim/internal/nodes"
	"github.com/istio-aws/istio-aws/elbsim/internal/pods"
	"github.com/istio-aws/istio-aws/elbsim/internal/provision"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// provisionRetry is how long a load balancer that could not be served waits for the next attempt.
const provisionRetry = time.Second

// simulator is everything that runs.
type simulator struct {
	options
	log     *slog.Logger
	own     netip.Addr
	api     string // address of the HTTP API
	kube    kubernetes.Interface
	dynamic dynamic.Interface
	account *fakeaws.AWS
	plane   *dataplane.Plane
	store   *acm.Store
	pool    *network.Pool
	adapter network.Adapter
	memory
	certificate *tls.Certificate // of the webhooks
	nodes       atomic.Pointer[[]nodes.Instance]
	waiting     atomic.Pointer[string] // what readiness still needs; empty when ready
	traffic     *traffic.Recorder
	pods        atomic.Pointer[pods.Names] // nil until they are known
}

// run runs the simulator until ctx ends or a part fails for good.
func run(ctx context.Context, o options) error {
	s, err := assemble(o)
	if err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.serveAdmin(groupCtx) })
	group.Go(func() error { return s.watchPods(groupCtx) })
	group.Go(func() error {
		changed, unsubscribe := s.account.Subscribe()
		defer unsubscribe()
		s.provisioner().Run(groupCtx, changed)
		return nil
	})
	if s.file != nil {
		group.Go(func() error {
			changed, unsubscribe := s.account.Subscribe()
			defer unsubscribe()
			s.keeper.Run(groupCtx, changed)
			return nil
		})
	}
	group.Go(func() error { return s.control(groupCtx, group) })
	err = group.Wait()
	if ctx.Err() != nil {
		err = nil // asked to stop; what the parts say on their way down is no failure
	}
	return errors.Join(err, s.close())
}

// assemble makes all parts and starts none.
func assemble(o options) (*simulator, error) {
	s := &simulator{options: o, log: slog.New(o.logHandler())}
	s.wait("the cluster does not answer")
	if err := o.config.Validate(); err != nil {
		return nil, err
	}
	restConfig, err := controller.RESTConfig(o.config)
	if err != nil {
		return nil, err
	}
	if s.kube, err = kubernetes.NewForConfig(restConfig); err != nil {
		return nil, fmt.Errorf("make Kubernetes client: %w", err)
	}
	if s.dynamic, err = dynamic.NewForConfig(restConfig); err != nil {
		return nil, fmt.Errorf("make Kubernetes client: %w", err)
	}
	if s.own, err = ownAddress(o.address, restConfig, o.pool); err != nil {
		return nil, err
	}
	if s.api, err = apiAddress(o.listen, s.own); err != nil {
		return nil, err
	}
	if err := s.ports(); err != nil {
		return nil, err
	}
	if s.pool, err = network.NewPool(o.pool); err != nil {
		return nil, err
	}
	clients, err := clientNetworks(o.clients)
	if err != nil {
		return nil, err
	}
	described, err := o.described()
	if err != nil {
		return nil, err
	}
	opts := described.Options
	opts.Cluster, opts.PodCIDR, opts.Results, opts.Log = o.config.ClusterName(), o.podCIDR, true, s.log
	opts.Provisioning, opts.ProvisioningTime = true, o.provisioningTime
	s.account = fakeaws.New(opts)
	if err := s.remember(); err != nil {
		return nil, err
	}
	if s.certificate, err = s.authorities[webhookAuthority].Issue(s.own.String()); err != nil {
		return nil, errors.Join(err, s.saveLast())
	}
	// Without --account no certificate is declared, and any well-formed ARN stands for the host that is asked for.
	s.store = acm.New(s.authorities[acmAuthority], declared(described))
	users, err := identity.New(providerClient(s.store.CA()))
	if err != nil {
		return nil, errors.Join(err, s.saveLast())
	}
	// Last of what may fail, because it changes the system's network.
	if s.adapter, err = network.Open(s.pool, s.own, network.Options{ClientNetworks: clients, Log: s.log}); err != nil {
		return nil, errors.Join(err, s.saveLast())
	}
	s.traffic = traffic.New()
	s.plane = dataplane.New(dataplane.Options{
		Traffic: s.traffic, Identity: users,
		Log: s.log, Certificates: s.store.Certificate, TrustStores: s.store.TrustStore, ALBPropagationLag: lag(o.albLag), NLBPropagationLag: lag(o.nlbLag),
		Members: s.account.Members, Paths: dial.Paths{Returns: s.adapter.Returns, Host: s.host},
		Outage: s.outage,
	})
	s.account.SetHealth(s.plane.Health)
	s.account.Faults().OnChange(s.account.Notify)
	s.account.SetInDNS(s.plane.InDNS)
	return s, nil
}

// providerClient calls identity providers. It trusts the simulated ACM besides the system's authorities, so that a
// provider in the lab can stand behind a load balancer of its own.
func providerClient(ca []byte) *http.Client {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a container without any
	}
	roots.AppendCertsFromPEM(ca)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: transport}
}

// lag is what the data plane calls a lag of a flag: there, 0 is the default and below 0 is none.
func lag(flag time.Duration) time.Duration {
	if flag <= 0 {
		return -1
	}
	return flag
}

func clientNetworks(cidrs []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, cidr := range cidrs {
		network, err := netip.ParsePrefix(cidr)
		if err != nil {
			return nil, fmt.Errorf("--client-network: %w", err)
		}
		out = append(out, network.Masked())
	}
	return out, nil
}

// host is the ID of the instance that an address is on, "" if it is on none.
func (s *simulator) host(a netip.Addr) string {
	if found := s.nodes.Load(); found != nil {
		return nodes.Host(*found, a)
	}
	return ""
}

// outage is the fault that holds for a target.
func (s *simulator) outage(group, id, address, zone string) target.Outage {
	return target.Outage(s.account.Faults().TargetGone(group, id, address, zone))
}

// ownAddress is the address asked for, or else the one that reaches the API server. Where that is a loopback address,
// as kind's kubeconfig has it, and the pool is not, it is the one on the pool's network: there the nodes are.
func ownAddress(asked netip.Addr, cluster *rest.Config, pool netip.Prefix) (netip.Addr, error) {
	if asked.IsValid() {
		return asked, nil
	}
	own, err := towardsServer(cluster)
	if err == nil && own.IsLoopback() && !pool.Addr().IsLoopback() {
		return network.Own(netip.AddrPortFrom(pool.Masked().Addr().Next(), 443).String())
	}
	return own, err
}

func towardsServer(cluster *rest.Config) (netip.Addr, error) {
	server, err := url.Parse(cluster.Host)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("server of the kubeconfig: %w", err)
	}
	port := server.Port()
	if port == "" {
		port = "443"
	}
	return network.Own(net.JoinHostPort(server.Hostname(), port))
}

// apiAddress is what --listen means: without a host this machine's own address and not all of them, because
// the port on the others belongs to the load balancers.
func apiAddress(listen string, own netip.Addr) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("--listen %q: want host:port or :port: %w", listen, err)
	}
	if host == "" {
		host = own.String()
	}
	return net.JoinHostPort(host, port), nil
}

func (s *simulator) provisioner() *provision.Provisioner {
	return &provision.Provisioner{
		Account: s.account, Pool: s.pool, Network: s.adapter, Plane: s.plane, Log: s.log, Retry: provisionRetry,
		ZoneGone: s.account.Faults().ZoneGone,
	}
}

// close stops what serves and takes back what was put on the system's network.
func (s *simulator) close() error {
	saved := s.saveLast() // with the targets that drain, which Close ends
	s.account.Close()
	return errors.Join(saved, s.plane.Close(), s.adapter.Close())
}

func (s *simulator) wait(what string) { s.waiting.Store(&what) }

func (s *simulator) serveAdmin(ctx context.Context) error {
	return admin.Serve(ctx, s.api, admin.Handler(admin.Source{
		Waiting:       func() string { return *s.waiting.Load() },
		LoadBalancers: s.account.LoadBalancers,
		Calls:         s.calls,
		Faults:        s.account.Faults(),
		Pods:          s.podNames,
		Traffic:       s.traffic,
		CA:            s.store.CA(),
		Client:        s.store.Client,
	}, s.log))
}

// calls are the AWS calls that are asked for.
func (s *simulator) calls(q admin.CallQuery) any {
	calls := slices.DeleteFunc(s.account.Calls(), func(c fakeaws.Call) bool {
		return q.Operation != "" && c.Operation != q.Operation || !c.Time.After(q.Since) || q.Failed && c.Error == ""
	})
	if q.Limit > 0 && len(calls) > q.Limit {
		calls = calls[len(calls)-q.Limit:]
	}
	return calls
}

// watchPods learns the names of pods, which are only shown: that they cannot be had ends nothing.
func (s *simulator) watchPods(ctx context.Context) error {
	names, err := pods.Watch(ctx, s.kube)
	if err != nil {
		s.log.Debug("the names of pods are not known", "err", err)
		return nil
	}
	s.pods.Store(names)
	return nil
}

// podNames are what is known of them.
func (s *simulator) podNames() map[string]string {
	names := s.pods.Load()
	if names == nil {
		return map[string]string{}
	}
	byAddress, err := names.ByAddress()
	if err != nil {
		s.log.Warn("names of pods", "err", err)
		return map[string]string{}
	}
	return byAddress
}

// webhookServer is where the API server is told to find the webhooks.
func (s *simulator) webhookServer() install.Server {
	return install.Server{
		URL:      "https://" + net.JoinHostPort(s.own.String(), strconv.Itoa(s.config.WebhookPort())),
		CABundle: s.authorities[webhookAuthority].PEM(),
	}
}

// instancesChanged hands the cluster's nodes to the account and makes their pods reachable.
func (s *simulator) instancesChanged(found []nodes.Instance) error {
	if err := outside(s.pool.Prefix(), found); err != nil {
		return err
	}
	s.nodes.Store(&found)
	s.account.SetInstances(instances(found))
	if err := s.adapter.SetRoutes(routes(found)); err != nil {
		return fmt.Errorf("make pods reachable: %w", err)
	}
	return nil
}

func instances(found []nodes.Instance) []fakeaws.Instance {
	out := make([]fakeaws.Instance, len(found))
	for i, inst := range found {
		out[i] = fakeaws.Instance{ID: inst.ID, Address: inst.Address.String(), Zone: inst.Zone}
		for _, pods := range inst.Pods {
			out[i].PodCIDRs = append(out[i].PodCIDRs, pods.String())
		}
	}
	return out
}

func routes(found []nodes.Instance) []network.Route {
	var out []network.Route
	for _, inst := range found {
		for _, pods := range inst.Pods {
			out = append(out, network.Route{To: pods, Via: inst.Address})
		}
	}
	return out
}
