// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package network

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"github.com/vishvananda/netlink"
)

// protocol marks our routes in the kernel's table (rtnetlink's rtm_protocol; the numbers from 128 up
// are free to use), so that those of a run before are recognised and those of others never touched.
const protocol = netlink.RouteProtocol(0xeb)

// link serves a pool on one interface.
type link struct {
	link  netlink.Link
	pool  netip.Prefix
	rules rules
	// clients are the networks of clients in whose name connections can be opened.
	clients []netip.Prefix
}

// openLink finds the interface and sets the rules. Where the kernel takes no rules, the rest works: what that
// means is logged.
func openLink(pool netip.Prefix, own netip.Addr, opts Options) (*link, error) {
	found, err := interfaceOf(own)
	if err != nil {
		return nil, fmt.Errorf("find interface of %s: %w", own, err)
	}
	l := &link{link: found, pool: pool, rules: rules{pool}}
	if err := l.onNetwork(); err != nil {
		opts.Log.Warn("only this machine reaches the load balancers, unless others have a route to the address pool by way of it", "own", own, "err", err)
	}
	if err := l.rules.set(); err != nil {
		opts.Log.Warn("ports without a listener refuse connections where AWS is silent, and targets see the load balancers' addresses where AWS shows the clients'",
			"err", explain(errors.Join(err, l.rules.clear())))
		return l, nil
	}
	l.clients = opts.ClientNetworks
	return l, nil
}

func interfaceOf(own netip.Addr) (netlink.Link, error) {
	addrs, err := netlink.AddrList(nil, syscall.AF_INET)
	if err != nil {
		return nil, fmt.Errorf("list addresses: %w", err)
	}
	for _, addr := range addrs {
		if ip, ok := netip.AddrFromSlice(addr.IP); ok && ip.Unmap() == own {
			return netlink.LinkByIndex(addr.LinkIndex)
		}
	}
	return nil, errors.New("no interface has this address")
}

// onNetwork fails if the pool is not part of a network of the interface: then nobody there asks it for the addresses.
func (l *link) onNetwork() error {
	addrs, err := netlink.AddrList(l.link, syscall.AF_INET)
	if err != nil {
		return fmt.Errorf("list addresses of %s: %w", l.name(), err)
	}
	var networks []string
	for _, addr := range addrs {
		network, ok := prefixOf(addr.IPNet)
		if ok && network.Contains(l.pool.Addr()) && network.Bits() <= l.pool.Bits() {
			return nil
		}
		if ok && network.Bits() < network.Addr().BitLen() {
			networks = append(networks, network.Masked().String())
		}
	}
	return fmt.Errorf("address pool %s is not part of a network of %s, which has %s: give an --address-pool inside one", l.pool, l.name(), strings.Join(networks, ", "))
}

// Returns implements Adapter.
func (l *link) Returns(client, target netip.Addr) bool {
	return containedIn(l.clients, client) && !l.pool.Contains(target)
}

// Close implements Adapter.
func (l *link) Close() error {
	return errors.Join(l.SetAddresses(nil), l.SetRoutes(nil), l.rules.clear())
}

// SetAddresses implements Adapter.
func (l *link) SetAddresses(want []netip.Addr) error {
	present, err := netlink.AddrList(l.link, syscall.AF_INET)
	if err != nil {
		return fmt.Errorf("list addresses of %s: %w", l.name(), err)
	}
	var have []netip.Addr
	for _, addr := range present {
		if ip, ok := netip.AddrFromSlice(addr.IP); ok && l.pool.Contains(ip.Unmap()) {
			have = append(have, ip.Unmap())
		}
	}
	add, remove := difference(have, want)
	var errs []error
	for _, ip := range add {
		if err := netlink.AddrAdd(l.link, &netlink.Addr{IPNet: hostNet(ip)}); err != nil {
			errs = append(errs, explain(fmt.Errorf("add address %s to %s: %w", ip, l.name(), err)))
		}
	}
	for _, ip := range remove {
		if err := netlink.AddrDel(l.link, &netlink.Addr{IPNet: hostNet(ip)}); err != nil {
			errs = append(errs, explain(fmt.Errorf("remove address %s from %s: %w", ip, l.name(), err)))
		}
	}
	return errors.Join(errs...)
}

// SetRoutes implements Adapter.
func (l *link) SetRoutes(want []Route) error {
	present, err := netlink.RouteListFiltered(syscall.AF_INET, &netlink.Route{Protocol: protocol}, netlink.RT_FILTER_PROTOCOL)
	if err != nil {
		return fmt.Errorf("list routes: %w", err)
	}
	var have []Route
	for _, r := range present {
		to, okTo := prefixOf(r.Dst)
		via, okVia := netip.AddrFromSlice(r.Gw)
		if okTo && okVia {
			have = append(have, Route{To: to, Via: via.Unmap()})
		}
	}
	add, remove := difference(have, want)
	var errs []error
	for _, r := range remove {
		if err := netlink.RouteDel(l.kernelRoute(r)); err != nil {
			errs = append(errs, explain(fmt.Errorf("remove route to %s via %s: %w", r.To, r.Via, err)))
		}
	}
	for _, r := range add {
		if err := netlink.RouteReplace(l.kernelRoute(r)); err != nil {
			errs = append(errs, explain(fmt.Errorf("add route to %s via %s: %w", r.To, r.Via, err)))
		}
	}
	return errors.Join(errs...)
}

func (l *link) name() string {
	return l.link.Attrs().Name
}

func (l *link) kernelRoute(r Route) *netlink.Route {
	dst := &net.IPNet{IP: r.To.Addr().AsSlice(), Mask: net.CIDRMask(r.To.Bits(), r.To.Addr().BitLen())}
	return &netlink.Route{LinkIndex: l.link.Attrs().Index, Dst: dst, Gw: r.Via.AsSlice(), Protocol: protocol}
}

// hostNet is a single address as the kernel wants it: with the mask of a host, so that no route to a
// network comes with it.
func hostNet(ip netip.Addr) *net.IPNet {
	return &net.IPNet{IP: ip.AsSlice(), Mask: net.CIDRMask(ip.BitLen(), ip.BitLen())}
}

func prefixOf(n *net.IPNet) (netip.Prefix, bool) {
	if n == nil {
		return netip.Prefix{}, false
	}
	ip, ok := netip.AddrFromSlice(n.IP)
	ones, _ := n.Mask.Size()
	return netip.PrefixFrom(ip.Unmap(), ones), ok
}

// explain adds the cure to an error of missing permission.
func explain(err error) error {
	if errors.Is(err, syscall.EPERM) {
		return fmt.Errorf("%w; run elbsim with the capability NET_ADMIN (docker run --cap-add NET_ADMIN), or use an --address-pool inside 127.0.0.0/8", err)
	}
	return err
}
