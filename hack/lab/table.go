// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/istio-aws/istio-aws/internal/lab"
	"github.com/istio-aws/istio-aws/internal/loadbalancer"
)

// printTable prints the load balancers and, for each listener that answered, the request that did.
func printTable(out io.Writer, l *lab.Lab, answers []answer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nLOAD BALANCER\tTYPE\tDNS NAME\tADDRESSES")
	var seen []string
	for _, a := range answers {
		if slices.Contains(seen, a.balancer.Stack) {
			continue
		}
		seen = append(seen, a.balancer.Stack)
		var addresses []string
		for _, address := range a.balancer.Addresses {
			addresses = append(addresses, address.IP)
		}
		fmt.Fprintf(table, "%s\t%s %s\t%s\t%s\n", displayName(a.balancer), a.balancer.Scheme, a.balancer.Type, a.balancer.DNSName, strings.Join(addresses, " "))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nTry:")
	for _, a := range answers {
		result := fmt.Sprint(a.status)
		if a.location != "" {
			result += " to " + a.location
		}
		fmt.Fprintf(out, "  %s\n      # %s port %d: %s\n", curl(a, filepath.Join(l.Dir, "ca.pem")), displayName(a.balancer), a.listener.Port, result)
	}
	_, err := fmt.Fprintf(out, "\nCluster: export KUBECONFIG=%s PATH=%s:$PATH\nConsole of the load balancers: %s/ (as JSON: /v1/loadbalancers)\n",
		l.Kubeconfig, filepath.Dir(l.Kubectl), l.ElbsimURL)
	return err
}

// curl is the command that sends the request of an answer.
func curl(a answer, caFile string) string {
	words := []string{"curl", "-s"}
	switch {
	case a.status >= 300 && a.status < 400:
		words = []string{"curl", "-sI"} // a redirect has nothing but its head to show
	case a.insecure:
		words = append(words, "-k")
	case a.scheme == "https":
		words = append(words, "--cacert", caFile)
	}
	return strings.Join(append(words, "--resolve", a.host+":"+a.port()+":"+a.ip, a.url()), " ")
}

func displayName(b loadbalancer.LoadBalancer) string {
	if b.Name != "" {
		return b.Name
	}
	return b.Stack
}
