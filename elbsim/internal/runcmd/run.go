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
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"

	"github.com/istio-aws/istio-aws/elbsim/internal/acm"
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
	clientNetworks []netip.Prefix   // of --client-network
	certificate    *tls.Certificate // of the webhooks
	nodes          atomic.Pointer[[]nodes.Instance]
	waiting        atomic.Pointer[string] // what readiness still needs; empty when ready
	traffic        *traffic.Recorder
	pods           atomic.Pointer[pods.Names] // nil until they are known
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
	if err := s.takePlace(); err != nil {
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
	// Without --account no certificate is declared, and any well-formed ARN stands for the host that is asked for.
	s.store = acm.New(s.authorities[acmAuthority], declared(described))
	if err := s.equip(); err != nil {
		return nil, errors.Join(err, s.saveLast())
	}
	return s, nil
}

// takePlace finds the cluster, and the addresses of elbsim and its load balancers on the cluster's network.
func (s *simulator) takePlace() error {
	if err := s.config.Validate(); err != nil {
		return err
	}
	cluster, err := controller.RESTConfig(s.config)
	if err != nil {
		return err
	}
	if s.kube, err = kubernetes.NewForConfig(cluster); err != nil {
		return fmt.Errorf("make Kubernetes client: %w", err)
	}
	if s.dynamic, err = dynamic.NewForConfig(cluster); err != nil {
		return fmt.Errorf("make Kubernetes client: %w", err)
	}
	if s.own, err = ownAddress(s.address, cluster, s.options.pool); err != nil {
		return err
	}
	if s.api, err = apiAddress(s.listen, s.own); err != nil {
		return err
	}
	if err := s.ports(); err != nil {
		return err
	}
	if s.pool, err = network.NewPool(s.options.pool); err != nil {
		return err
	}
	s.clientNetworks, err = clientNetworks(s.clients)
	return err
}

// equip makes what serves the load balancers of the account.
func (s *simulator) equip() error {
	var err error
	if s.certificate, err = s.authorities[webhookAuthority].Issue(s.own.String()); err != nil {
		return err
	}
	users, err := identity.New(providerClient(s.store.CA()))
	if err != nil {
		return err
	}
	// Last of what may fail, because it changes the system's network.
	if s.adapter, err = network.Open(s.pool, s.own, network.Options{ClientNetworks: s.clientNetworks, Log: s.log}); err != nil {
		return err
	}
	s.traffic = traffic.New()
	s.plane = dataplane.New(dataplane.Options{
		Log: s.log, Traffic: s.traffic, Identity: users, Certificates: s.store.Certificate, TrustStores: s.store.TrustStore,
		ALBPropagationLag: lag(s.albLag), NLBPropagationLag: lag(s.nlbLag), Outage: s.outage,
		Members: s.account.Members, Paths: dial.Paths{Returns: s.adapter.Returns, Host: s.host},
	})
	s.account.SetHealth(s.plane.Health)
	s.account.SetInDNS(s.plane.InDNS)
	s.account.Faults().OnChange(s.account.Notify)
	return nil
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

// outage is the fault that holds for a target.
func (s *simulator) outage(group, id, address, zone string) target.Outage {
	return target.Outage(s.account.Faults().TargetGone(group, id, address, zone))
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

// webhookServer is where the API server is told to find the webhooks.
func (s *simulator) webhookServer() install.Server {
	return install.Server{
		URL:      "https://" + net.JoinHostPort(s.own.String(), strconv.Itoa(s.config.WebhookPort())),
		CABundle: s.authorities[webhookAuthority].PEM(),
	}
}
