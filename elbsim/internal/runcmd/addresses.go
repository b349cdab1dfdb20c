// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"

	"k8s.io/client-go/rest"

	"github.com/istio-aws/istio-aws/elbsim/internal/network"
)

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
