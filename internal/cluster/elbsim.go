// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/istio-aws/istio-aws/internal/docker"
)

const elbsimPort = "8080"

// elbsimURL is where the simulator's HTTP interface answers.
func elbsimURL(network Network) string {
	return "http://" + network.Elbsim().String() + ":" + elbsimPort
}

// startElbsim runs the load balancer simulator on the lab's network and returns once its controllers and
// webhooks are ready. What it knows of AWS is in a file of the container, which outlives a docker restart and goes
// with the container. A crash is for a test to see, so nobody restarts it by itself.
func startElbsim(ctx context.Context, lab, image string, network Network, kubeconfig, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	const folder, file = "/etc/elbsim", "kubeconfig"
	if err := os.WriteFile(filepath.Join(dir, file), []byte(kubeconfig), 0o600); err != nil {
		return err
	}
	args := []string{"run", "--detach", "--name", elbsimName(lab), "--label", labLabel + "=" + lab,
		"--network", lab, "--network-alias", "elbsim", "--ip", network.Elbsim().String(), "--cap-add", "NET_ADMIN",
		"--restart", "no", "--volume", dir + ":" + folder + ":ro"}
	// A Docker that does not know the flag makes the same hardware address by itself.
	if chosen, err := docker.ChoosesMAC(ctx); err != nil {
		return err
	} else if chosen {
		args = append(args, "--mac-address", network.elbsimMAC())
	}
	_, err := docker.Run(ctx, append(args, image,
		"run", "--kubeconfig", folder+"/"+file, "--cluster-name", lab,
		"--listen", ":"+elbsimPort, "--address-pool", network.LoadBalancers().String(), "--client-network", everyClient)...)
	if err != nil {
		return fmt.Errorf("start elbsim: %w", err)
	}
	mac, _, err := docker.Inspect(ctx, "container", elbsimName(lab), "{{range .NetworkSettings.Networks}}{{.MacAddress}}{{end}}")
	if err != nil {
		return err
	}
	if mac != network.elbsimMAC() {
		return fmt.Errorf("start elbsim: its hardware address is %q, and the nodes know it by %s", mac, network.elbsimMAC())
	}
	return answers(ctx, elbsimName(lab), elbsimURL(network)+"/healthz", 3*time.Minute)
}
