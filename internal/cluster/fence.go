// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/istio-aws/istio-aws/internal/docker"
)

// Nothing may leave a lab's network: a service address that kube-proxy has not programmed yet would
// otherwise be looked for outside, where a proxy may even answer. The rules stand in Docker's chain for
// rules of users, and are set by a container, so that neither root nor iptables is needed here.

//go:embed fence.sh
var fenceScript string

// fence sets ("up") or removes ("down") the rules. nodeImage is an image that has iptables.
func fence(ctx context.Context, lab, nodeImage, action string) error {
	_, err := docker.Run(ctx, "run", "--rm", "--network", "host", "--cap-add", "NET_ADMIN", "--cap-add", "NET_RAW",
		"--entrypoint", "sh", nodeImage, "-eu", "-c", fenceScript, "fence", action, bridge(lab))
	if err != nil {
		return fmt.Errorf("fence off the network of %s: %w", lab, err)
	}
	return nil
}

// checkFence connects from a node to an address that exists nowhere (TEST-NET-2, RFC 5737). Refused at
// once, it was the fence; anything else means that packets leave.
func checkFence(ctx context.Context, node string) error {
	out, err := docker.Exec(ctx, node, "timeout 3 bash -c '</dev/tcp/198.51.100.1/80' 2>&1 || true")
	if err != nil {
		return err
	}
	if !strings.Contains(out, "Connection refused") {
		return fmt.Errorf("a connection from %s to 198.51.100.1 is not refused but %q: the rules in the iptables chain DOCKER-USER do not hold, something on this machine bypasses them", node, out)
	}
	return nil
}
