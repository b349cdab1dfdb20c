// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/istio-aws/istio-aws/internal/docker"
)

// Network is a lab's network: a /24 of which Docker gives out the first quarter, the lab's own
// containers have fixed addresses in the second, and load balancers get theirs from the upper half.
type Network struct{ Subnet netip.Prefix }

// Docker's part, for nodes.
func (n Network) containers() netip.Prefix { return netip.PrefixFrom(n.Subnet.Addr(), 26) }

// Registry is the address of the lab's registry.
func (n Network) Registry() netip.Addr { return n.address(64) }

// Elbsim is the address of the load balancer simulator.
func (n Network) Elbsim() netip.Addr { return n.address(65) }

// elbsimMAC is the hardware address of the simulator, by which nodes know what comes from it. It is made from the
// address as Docker before version 28 makes them, in the range of locally administered ones.
func (n Network) elbsimMAC() string {
	bytes := n.Elbsim().As4()
	return net.HardwareAddr(append([]byte{0x02, 0x42}, bytes[:]...)).String()
}

// LoadBalancers is where load balancers get addresses from.
func (n Network) LoadBalancers() netip.Prefix { return netip.PrefixFrom(n.address(128), 25) }

func (n Network) address(last byte) netip.Addr {
	bytes := n.Subnet.Addr().As4()
	bytes[3] = last
	return netip.AddrFrom4(bytes)
}

// bridge is the name of the network's interface on this machine, which the kernel limits to 15 bytes.
func bridge(lab string) string {
	if len(lab) <= 15 {
		return lab
	}
	sum := sha256.Sum256([]byte(lab))
	return lab[:8] + "-" + hex.EncodeToString(sum[:])[:6]
}

// freeSubnet is the first /24 of 172.28.0.0/14 that overlaps no used prefix.
func freeSubnet(used []netip.Prefix) (netip.Prefix, error) {
	for second := 28; second < 32; second++ {
	candidates:
		for third := range 256 {
			candidate := netip.PrefixFrom(netip.AddrFrom4([4]byte{172, byte(second), byte(third), 0}), 24)
			for _, prefix := range used {
				if prefix.Overlaps(candidate) {
					continue candidates
				}
			}
			return candidate, nil
		}
	}
	return netip.Prefix{}, errors.New("every network of 172.28.0.0/14 is in use on this machine: remove Docker networks with `docker network prune`")
}

// ensureNetwork returns the lab's network, which it makes if there is none.
func ensureNetwork(ctx context.Context, lab string) (Network, error) {
	subnet, found, err := docker.Inspect(ctx, "network", lab, "{{range .IPAM.Config}}{{.Subnet}}{{end}}")
	if err != nil {
		return Network{}, err
	}
	if found {
		prefix, err := netip.ParsePrefix(subnet)
		if err != nil || prefix.Bits() != 24 {
			return Network{}, fmt.Errorf("docker network %q has the subnet %q, not a /24 of the lab: remove it with `docker network rm %s`", lab, subnet, lab)
		}
		return Network{prefix}, nil
	}
	var network Network
	// Another lab may take the same subnet at the same moment: then the next one is free.
	for range 3 {
		if network, err = createNetwork(ctx, lab); err == nil {
			break
		}
	}
	return network, err
}

func createNetwork(ctx context.Context, lab string) (Network, error) {
	used, err := usedPrefixes(ctx)
	if err != nil {
		return Network{}, err
	}
	prefix, err := freeSubnet(used)
	if err != nil {
		return Network{}, err
	}
	network := Network{prefix}
	_, err = docker.Run(ctx, "network", "create", lab, "--label", labLabel+"="+lab,
		"--subnet", prefix.String(), "--gateway", network.address(1).String(), "--ip-range", network.containers().String(),
		"--opt", "com.docker.network.bridge.name="+bridge(lab), "--opt", "com.docker.network.bridge.enable_ip_masquerade=false")
	return network, err
}

// usedPrefixes are the subnets of Docker's networks and of this machine's interfaces.
func usedPrefixes(ctx context.Context) ([]netip.Prefix, error) {
	var used []netip.Prefix
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	for _, address := range addresses {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil {
			used = append(used, prefix.Masked())
		}
	}
	ids, err := docker.Run(ctx, "network", "ls", "--quiet", "--filter", "driver=bridge")
	if err != nil || ids == "" {
		return used, err
	}
	out, err := docker.Run(ctx, append([]string{"network", "inspect", "--format", "{{json .IPAM.Config}}"}, strings.Fields(ids)...)...)
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Fields(out) {
		var configs []struct{ Subnet string }
		if err := json.Unmarshal([]byte(line), &configs); err != nil {
			return nil, fmt.Errorf("read Docker's networks: %w", err)
		}
		for _, config := range configs {
			if prefix, err := netip.ParsePrefix(config.Subnet); err == nil {
				used = append(used, prefix)
			}
		}
	}
	return used, nil
}
