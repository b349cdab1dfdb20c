// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/istio-aws/istio-aws/internal/docker"
)

//go:embed returnroute.sh
var returnScript string

// everyClient is the simulator's --client-network where returnAnswers has been called for all nodes.
const everyClient = "0.0.0.0/0"

// returnAnswers has the nodes send back to the simulator what is answered to connections that came from it, so that
// it can connect in the names of clients. All of it goes with the nodes' containers.
func returnAnswers(ctx context.Context, nodes []Node, network Network) error {
	errs := make([]error, len(nodes))
	var group sync.WaitGroup
	for i, node := range nodes {
		group.Go(func() {
			if _, err := docker.Exec(ctx, node.Name, returnRoute(network)); err != nil {
				errs[i] = fmt.Errorf("send answers from %s back to elbsim: %w", node.Name, err)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// returnRoute is the script with its arguments.
func returnRoute(network Network) string {
	return strings.Join([]string{"set --", network.Elbsim().String(), network.elbsimMAC(), "\n"}, " ") + returnScript
}
