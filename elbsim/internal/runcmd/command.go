// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package runcmd is the command `elbsim run`: it reads flags and puts the packages of the simulator together.
// What they do, it leaves to them.
package runcmd

import (
	"io"
	"log/slog"
	"net/netip"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/istio-aws/istio-aws/elbsim/internal/account"
	"github.com/istio-aws/istio-aws/elbsim/internal/controller"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
)

const long = `Run the AWS Load Balancer Controller on a simulated AWS, with load balancers that really forward.

elbsim stands outside the cluster of --kubeconfig. It installs what the controller's Helm chart would: CRDs,
the IngressClass "alb" and the admission webhooks (by URL: the API server must reach this machine). Ingresses
and Services of type LoadBalancer then become load balancers on addresses of --address-pool.

  A pool inside 127.0.0.0/8 needs no permission and serves this machine only.
  Any other pool is put on the interface that leads to the cluster, together with routes to the nodes'
  pod ranges: run elbsim in a container on the nodes' network, with the capability NET_ADMIN.

Where a Network Load Balancer preserves client IP addresses, targets see those of clients in --client-network:
elbsim connects in their name, so the nodes have to send back to elbsim what pods answer to such a connection.
Targets see a load balancer's address instead of all other clients', and elbsim logs that.

GET /healthz on --listen is 200 once controller and webhooks work. / is the console; /v1/loadbalancers,
/v1/traffic and /v1/calls show what there is, /v1/faults sets what goes wrong, /v1/openapi.yaml describes them all.
/v1/ca.pem is the authority of all simulated ACM certificates, /v1/client.pem a certificate with its key for clients
of mutual TLS, where the account does not declare the trust store.

What AWS would remember is kept in the file of --state: after a restart the same load balancers have the
same addresses. If the file is lost, --forget makes them again.

Stopping elbsim leaves the webhooks registered, as the controller does: until it runs again, the cluster
refuses new Services and Ingresses. To do without it for good, delete the webhook configurations named aws-load-balancer-webhook:
  kubectl delete mutatingwebhookconfiguration,validatingwebhookconfiguration aws-load-balancer-webhook

` + account.Reference

// options are the flags that are not the controller's own.
type options struct {
	listen  string
	pool    netip.Prefix
	address netip.Addr
	zones   []string
	podCIDR string
	clients []string // CIDRs
	state   string
	account string // file
	flags   *pflag.FlagSet

	provisioningTime time.Duration
	forget           bool
	albLag           time.Duration
	nlbLag           time.Duration
	verbosity        int
	stderr           io.Writer
	config           *controller.Config
}

// Command is `elbsim run`. It runs until its context ends.
func Command() *cobra.Command { return command(&options{}) }

// command is the command whose flags are o.
func command(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:           "run --kubeconfig FILE --cluster-name NAME",
		Short:         "Run the AWS Load Balancer Controller on a simulated AWS, with load balancers that forward",
		Long:          long,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	fs := cmd.Flags()
	o.flags = fs
	fs.StringVar(&o.listen, "listen", ":8080", "address of the HTTP API; without a host, this machine's address towards the cluster, so that the port stays free on the load balancers'")
	fs.TextVar(&o.pool, "address-pool", netip.MustParsePrefix("127.64.0.0/16"), "IPv4 range of the load balancers' addresses, one for each zone of each")
	fs.TextVar(&o.address, "address", netip.Addr{}, "address under which the API server reaches elbsim; by default the one from which elbsim reaches the API server, or the pool if that is a loopback address")
	fs.StringSliceVar(&o.zones, "zones", []string{"a", "b", "c"}, "availability zones of the simulated region, as letters or names")
	fs.StringVar(&o.podCIDR, "pod-cidr", "10.244.0.0/16", "range of all pods of the cluster, a part of the simulated VPC")
	fs.StringSliceVar(&o.clients, "client-network", nil, "IPv4 ranges of clients whose addresses targets see where a Network Load Balancer preserves them; the nodes must send answers to them back to elbsim (0.0.0.0/0: to all that came from elbsim)")
	fs.DurationVar(&o.albLag, "alb-propagation-lag", dataplane.DefaultALBPropagationLag, "time that registering or deregistering a target of an Application Load Balancer takes to reach its traffic; 0 is none")
	fs.DurationVar(&o.nlbLag, "nlb-propagation-lag", dataplane.DefaultNLBPropagationLag, "the same of a Network Load Balancer; on AWS it can be two minutes and more")
	fs.DurationVar(&o.provisioningTime, "provisioning-time", 0, "time that a new load balancer takes to become active; on AWS it is minutes")
	fs.StringVar(&o.account, "account", "", "file that describes the AWS account; by default it has the region of --aws-region, --zones and whatever is asked for")
	fs.StringVar(&o.state, "state", "", `file that outlives a restart: load balancers, their addresses, the certificate authority; "none" keeps nothing (default /var/lib/elbsim/NAME.json for root, else ~/.local/state/elbsim/NAME.json)`)
	fs.BoolVar(&o.forget, "forget", false, "start with an empty account, whatever --state holds, and have all load balancers of the cluster made again")
	fs.CountVarP(&o.verbosity, "verbose", "v", "log more: once what happens, twice each detail")

	config, err := controller.NewConfig()
	if err == nil {
		err = config.AddFlags(fs)
		config.AddRefused(fs)
	}
	o.config = config
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err != nil {
			return err
		}
		o.stderr = cmd.ErrOrStderr()
		return run(cmd.Context(), *o)
	}
	return cmd
}

// logHandler writes to stderr: warnings and errors, with -v what happens, with -vv everything.
func (o options) logHandler() slog.Handler {
	level := slog.LevelWarn
	switch {
	case o.verbosity == 1:
		level = slog.LevelInfo
	case o.verbosity > 1:
		level = slog.LevelDebug
	}
	return slog.NewTextHandler(o.stderr, &slog.HandlerOptions{Level: level})
}
