// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/attribute"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/health"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/nlb"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// applyGroups makes or updates the target groups of all load balancers that have addresses.
func (p *Plane) applyGroups(lbs []elb.LoadBalancer) (map[string]*target.Group, []error) {
	known, groups := *p.groups.Load(), map[string]*target.Group{}
	var errs []error
	for _, lb := range lbs {
		if len(lb.Addresses) == 0 {
			continue
		}
		for _, tg := range lb.TargetGroups {
			if groups[tg.ARN] != nil {
				continue // a group belongs to one load balancer
			}
			settings, checks, err := p.groupOf(lb, tg)
			if err != nil {
				errs = append(errs, fmt.Errorf("load balancer %s: target group %s: %w", lb.Stack, tg.Name, err))
				if known[tg.ARN] != nil {
					groups[tg.ARN] = known[tg.ARN] // goes on as it was
				}
				continue
			}
			if g := known[tg.ARN]; g != nil {
				g.Update(settings, checks, members(tg, lbs))
				groups[tg.ARN] = g
				continue
			}
			groups[tg.ARN] = target.New(settings, checks, members(tg, lbs), p.lagOf(lb), p.signal)
		}
	}
	return groups, errs
}

func (p *Plane) lagOf(lb elb.LoadBalancer) time.Duration {
	if lb.Type == elb.Network {
		return p.opts.NLBPropagationLag
	}
	return p.opts.ALBPropagationLag
}

func (p *Plane) groupOf(lb elb.LoadBalancer, tg elb.TargetGroup) (target.Settings, target.Checks, error) {
	a := attribute.From(tg.Attributes)
	all, err := crossZoneOf(lb)
	settings := target.Settings{
		Threshold: threshold(a, "unhealthy_state_routing"),
		DNS:       threshold(a, "dns_failover"),
		CrossZone: crossZone(a, all),
		Traffic:   func(address string) *traffic.Counter { return p.opts.Traffic.Target(tg.ARN, address) },
	}
	if ask := p.opts.Outage; ask != nil {
		settings.Outage = func(id, address, zone string) target.Outage { return ask(tg.Name, id, address, zone) }
	}
	settings.Zones = slices.Clone(lb.Zones) // also those whose address is taken away
	for _, node := range lb.Addresses {
		settings.Zones = append(settings.Zones, node.Zone)
	}
	if lb.Type == elb.Application {
		settings.CutGone = true // row 53
		settings.Algorithm = target.Algorithm(a.Text("load_balancing.algorithm.type", string(target.RoundRobin)))
		settings.MitigateAnomalies = settings.Algorithm == target.WeightedRandom && a.Text("load_balancing.algorithm.anomaly_mitigation", "off") == "on"
		settings.SlowStart = time.Duration(a.Int("slow_start.duration_seconds", 0)) * p.second
	} else {
		datagrams := tg.Protocol == "UDP" || tg.Protocol == "TCP_UDP"
		settings.CutGone = a.Bool("deregistration_delay.connection_termination.enabled", datagrams)                // row 70
		settings.CutUnhealthy = a.Bool("target_health_state.unhealthy.connection_termination.enabled", !datagrams) // row 69
		settings.Passive = tg.Protocol != "UDP" && !a.Bool("stickiness.enabled", false)                            // row 67
		settings.UnhealthyDraining = time.Duration(a.Int("target_health_state.unhealthy.draining_interval_seconds", 0)) * p.second
	}
	checks, checksErr := p.checksOf(lb, tg, a.Bool(proxyAttribute, false))
	return settings, checks, errors.Join(err, a.Err(), checksErr)
}

// proxyAttribute switches PROXY v2 on for a group.
const proxyAttribute = "proxy_protocol_v2.enabled"

// crossZoneAttribute is the same key on load balancers and target groups; the group's beats the other (rows 55, 71).
const crossZoneAttribute = "load_balancing.cross_zone.enabled"

// crossZoneOf is the setting of a load balancer: an Application Load Balancer's is always on.
func crossZoneOf(lb elb.LoadBalancer) (bool, error) {
	if lb.Type == elb.Application {
		return true, nil
	}
	a := attribute.From(lb.Attributes)
	on := a.Bool(crossZoneAttribute, false)
	return on, a.Err()
}

func crossZone(group *attribute.Reader, loadBalancer bool) bool {
	const inherit = "use_load_balancer_configuration"
	if group.Text(crossZoneAttribute, inherit) == inherit {
		return loadBalancer
	}
	return group.Bool(crossZoneAttribute, loadBalancer)
}

// threshold reads when an action of target group health is taken; AWS's default is below one healthy target.
func threshold(a *attribute.Reader, action string) target.Threshold {
	number := func(part string, def int) int {
		key := "target_group_health." + action + ".minimum_healthy_targets." + part
		switch a.Text(key, "") {
		case "":
			return def
		case "off":
			return 0
		}
		return a.Int(key, def)
	}
	return target.Threshold{Count: number("count", 1), Percent: number("percentage", 0)}
}

// checked is all that a group's checks depend on.
type checked struct {
	kind              elb.Type
	protocol, version string
	healthCheck       elb.HealthCheck
	nodes             string // their addresses
	port              int32  // of the listener
	proxy             bool
}

func (p *Plane) checksOf(lb elb.LoadBalancer, tg elb.TargetGroup, proxy bool) (target.Checks, error) {
	hc := tg.HealthCheck
	if hc.IntervalSeconds <= 0 || hc.TimeoutSeconds <= 0 || hc.HealthyThreshold <= 0 || hc.UnhealthyThreshold <= 0 {
		return target.Checks{}, errors.New("health check needs interval, timeout and both thresholds above 0")
	}
	var matcher health.Matcher
	if hc.Protocol != "TCP" {
		var err error
		if matcher, err = health.ParseMatcher(hc.Matcher); err != nil {
			return target.Checks{}, err
		}
	}
	port, err := healthPort(hc.Port)
	if err != nil {
		return target.Checks{}, err
	}
	of := checked{kind: lb.Type, protocol: tg.Protocol, version: tg.ProtocolVersion, healthCheck: hc, port: listenerPort(lb, tg.Name), proxy: proxy}
	checks := target.Checks{
		Plan: health.Plan{
			Interval: time.Duration(hc.IntervalSeconds) * p.second, Timeout: time.Duration(hc.TimeoutSeconds) * p.second,
			Thresholds: health.Thresholds{Healthy: hc.HealthyThreshold, Unhealthy: hc.UnhealthyThreshold},
		},
	}
	allowed := []string{"HTTP", "HTTPS"}
	if lb.Type == elb.Network {
		allowed = append(allowed, "TCP")
	}
	if !slices.Contains(allowed, hc.Protocol) {
		return target.Checks{}, fmt.Errorf("health check protocol %q; allowed are %v", hc.Protocol, allowed)
	}
	for _, node := range lb.Addresses { // every node checks every target (row 47)
		source, err := netip.ParseAddr(node.IP)
		if err != nil {
			return target.Checks{}, err
		}
		of.nodes += node.IP + " "
		make := func(t *target.Target) health.Check {
			if lb.Type == elb.Application {
				return health.Application{Source: source, Target: port(t), TLS: hc.Protocol == "HTTPS", Version: tg.ProtocolVersion, Path: hc.Path, Matcher: matcher}.Check
			}
			n := health.Network{Source: source, Target: port(t), Protocol: hc.Protocol, Path: hc.Path, Matcher: matcher,
				Host: net.JoinHostPort(node.IP, strconv.Itoa(int(of.port)))}
			if proxy {
				n.Preamble = func(node netip.AddrPort) ([]byte, error) { return nlb.ProxyPreamble(node, t.Addr) }
			}
			return n.Check
		}
		checks.Make = append(checks.Make, func(t *target.Target) health.Check {
			check := make(t)
			return func(ctx context.Context) health.Result {
				if err := t.Reach(ctx, 0); err != nil {
					return health.Unreachable(lb.Type, err)
				}
				return check(ctx)
			}
		})
	}
	checks.Of = of
	return checks, nil
}

// healthPort returns where a target is checked.
func healthPort(text string) (func(*target.Target) netip.AddrPort, error) {
	if text == "traffic-port" {
		return func(t *target.Target) netip.AddrPort { return t.Addr }, nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return nil, fmt.Errorf("health check port %q; allowed are traffic-port and 1 to 65535", text)
	}
	return func(t *target.Target) netip.AddrPort { return netip.AddrPortFrom(t.Addr.Addr(), uint16(n)) }, nil
}

// listenerPort is the port of the first listener that forwards to a group.
func listenerPort(lb elb.LoadBalancer, group string) int32 {
	for _, l := range lb.Listeners {
		for _, a := range l.DefaultActions {
			if slices.ContainsFunc(a.Forward, func(w elb.Weighted) bool { return w.TargetGroup == group }) {
				return l.Port
			}
		}
	}
	return 0
}
