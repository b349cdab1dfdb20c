// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// serveCommand makes this program the data plane alone, in a process of its own.
const serveCommand = "serve"

// serve serves the load balancers of a JSON file until ctx ends. Everything is as elbsim run has it, apart from
// who makes the load balancers.
func serve(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("serve needs the number of threads and a file with load balancers")
	}
	threads, err := strconv.Atoi(args[0])
	if err != nil {
		return fmt.Errorf("threads: %w", err)
	}
	runtime.GOMAXPROCS(threads)
	text, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	var lbs []elb.LoadBalancer
	if err := json.Unmarshal(text, &lbs); err != nil {
		return fmt.Errorf("%s: %w", args[1], err)
	}
	p := dataplane.New(dataplane.Options{Traffic: traffic.New()})
	if err := p.Apply(ctx, lbs); err != nil {
		return errors.Join(err, p.Close())
	}
	<-ctx.Done()
	return p.Close()
}

// loadBalancers are an ALB and an NLB on an address, with the checks that the controller configures by default.
func loadBalancers(address string) []elb.LoadBalancer {
	everyone := []elb.SecurityGroup{{Managed: true, Inbound: []elb.InboundRule{{Protocol: "tcp", FromPort: 1, ToPort: 65535, Source: "0.0.0.0/0"}}}}
	application := elb.TargetGroup{Name: "bench/http:80", Protocol: "HTTP", ProtocolVersion: "HTTP1",
		HealthCheck: elb.HealthCheck{Protocol: "HTTP", Port: "traffic-port", Path: "/", Matcher: "200", IntervalSeconds: 15, TimeoutSeconds: 5, HealthyThreshold: 2, UnhealthyThreshold: 2}}
	flows := elb.TargetGroup{Name: "bench/flow:80", Protocol: "TCP",
		HealthCheck: elb.HealthCheck{Protocol: "TCP", Port: "traffic-port", IntervalSeconds: 10, TimeoutSeconds: 10, HealthyThreshold: 3, UnhealthyThreshold: 3}}
	bulk := flows
	bulk.Name = "bench/bulk:80"
	bulk.HealthCheck.Port = strconv.Itoa(httpPort) // iperf3 would take a check for a client
	return []elb.LoadBalancer{
		{Stack: "bench/alb", ARN: "alb", Type: elb.Application, SecurityGroups: everyone, Addresses: []elb.Address{{Zone: "a", IP: address}},
			Listeners:    []elb.Listener{listener("HTTP", httpPort, application.Name)},
			TargetGroups: []elb.TargetGroup{register(application, httpPort)}},
		{Stack: "bench/nlb", ARN: "nlb", Type: elb.Network, Addresses: []elb.Address{{Zone: "a", IP: address}},
			Listeners:    []elb.Listener{listener("TCP", flowPort, flows.Name), listener("TCP", bulkPort, bulk.Name)},
			TargetGroups: []elb.TargetGroup{register(flows, httpPort), register(bulk, bulkPort)}},
	}
}

func listener(protocol string, port int32, group string) elb.Listener {
	return elb.Listener{Port: port, Protocol: protocol,
		DefaultActions: []elb.Action{{Type: "forward", Forward: []elb.Weighted{{TargetGroup: group, Weight: 1}}}}}
}

func register(g elb.TargetGroup, port int32) elb.TargetGroup {
	g.ARN, g.TargetType = g.Name, "ip"
	g.Targets = []elb.Target{{ID: backendAddress, Address: backendAddress, Port: port, Zone: "a"}}
	return g
}
