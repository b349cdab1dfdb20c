// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/istio-aws/istio-aws/internal/component"
	"github.com/istio-aws/istio-aws/internal/kube"
	"github.com/istio-aws/istio-aws/internal/lab"
	"github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/progress"
	"github.com/istio-aws/istio-aws/internal/release"
	"github.com/istio-aws/istio-aws/internal/wait"
)

const (
	releaseName = "istio-aws"
	namespace   = "istio-system"
	echoSpace   = "shop"

	installLimit = 4 * time.Minute
	rolloutLimit = 2 * time.Minute
	answerLimit  = 90 * time.Second
)

func upCommand(options *lab.Options) *cobra.Command {
	var values []string
	command := &cobra.Command{
		Use: "up", Short: "Bring up the lab, install the chart and the echo app, and print what to curl", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			start := time.Now()
			root, err := component.Root(".")
			if err != nil {
				return err
			}
			if len(values) == 0 {
				values = []string{filepath.Join(root, "values/kind.yaml")}
			}
			// Before anything is made: a file that is not there would otherwise be found out last.
			if err := readable(values); err != nil {
				return err
			}
			if err := refused(cmd.Context(), *options, root, values); err != nil {
				return err
			}
			l, err := lab.Up(cmd.Context(), *options)
			if err != nil {
				return err
			}
			log := progress.New(options.Progress)
			answers, err := install(cmd.Context(), log, l, root, values)
			if err != nil {
				return err
			}
			log.Say("lab %s is up after %s", l.Name, progress.Round(time.Since(start)))
			return printTable(cmd.OutOrStdout(), l, answers)
		},
	}
	command.Flags().StringArrayVar(&values, "values", nil, "values file of the chart; may be repeated (default values/kind.yaml)")
	return command
}

func readable(files []string) error {
	var errs []error
	for _, file := range files {
		_, err := os.ReadFile(file)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("values: %w", err)
	}
	return nil
}

// install puts the chart and the echo app into the lab and returns what its load balancers answer.
func install(ctx context.Context, log *progress.Log, l *lab.Lab, root string, values []string) ([]answer, error) {
	kubectl := kube.New(l.Kubectl, l.Kubeconfig)
	title := fmt.Sprintf("install the chart with %s (limit %s)", strings.Join(values, ", "), installLimit)
	err := log.Step(title, func(*progress.Step) error {
		return release.New(l.Helm3, l.Kubeconfig).Apply(ctx, release.Release{
			Name: releaseName, Namespace: namespace, Chart: filepath.Join(root, "charts/istio-aws"),
			Values: append(append([]string{}, l.Values...), values...), Timeout: installLimit,
		})
	})
	if err != nil {
		return nil, explain(ctx, kubectl, namespace, err)
	}
	err = log.Step(fmt.Sprintf("run the echo app in the mesh (limit %s)", rolloutLimit), func(*progress.Step) error {
		if err := kubectl.ApplyFile(ctx, filepath.Join(root, "test/echo/echo.yaml")); err != nil {
			return err
		}
		return kubectl.Rollout(ctx, echoSpace, rolloutLimit)
	})
	if err != nil {
		return nil, explain(ctx, kubectl, echoSpace, err)
	}
	var answers []answer
	err = log.Step(fmt.Sprintf("wait for the load balancers to answer (limit %s)", answerLimit), func(step *progress.Step) error {
		client := loadbalancer.NewClient(l.ElbsimURL)
		hosts, err := routeHosts(ctx, kubectl)
		if err != nil {
			return err
		}
		caFile := filepath.Join(l.Dir, "ca.pem")
		prober, err := newProber(ctx, l.ElbsimURL, caFile)
		if err != nil {
			return err
		}
		return wait.For(ctx, func(ctx context.Context) error {
			balancers, err := client.List(ctx)
			if err != nil {
				return err
			}
			answers, err = prober.ask(ctx, balancers, hosts)
			if err != nil {
				step.Detail("%v", err)
			}
			return err
		}, wait.Within(answerLimit), wait.Every(300*time.Millisecond))
	})
	if err != nil {
		return nil, explain(ctx, kubectl, namespace, err)
	}
	return answers, nil
}

// explain adds the pods and the last warnings of a namespace to an error.
func explain(ctx context.Context, kubectl *kube.Kubectl, namespace string, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	for _, question := range [][]string{
		{"get", "pods,services,ingresses", "--namespace=" + namespace, "--output=wide"},
		{"get", "events", "--namespace=" + namespace, "--field-selector=type=Warning", "--sort-by=.lastTimestamp"},
	} {
		out, askErr := kubectl.Run(ctx, question...)
		if askErr != nil {
			return errors.Join(err, askErr)
		}
		lines := strings.Split(out, "\n")
		err = fmt.Errorf("%w\n$ kubectl %s\n%s", err, strings.Join(question, " "), strings.Join(lines[max(0, len(lines)-20):], "\n"))
	}
	return err
}

// refused is the error of a values file that the chart does not accept, if Helm has been built already:
// then a misspelt key is found out before a lab is made. Otherwise the installation finds it.
func refused(ctx context.Context, options lab.Options, root string, values []string) error {
	helms, err := filepath.Glob(filepath.Join(options.Cache, "tools", "*", "helm"))
	if err != nil || len(helms) == 0 {
		return err
	}
	_, err = release.New(helms[0], "").Template(ctx, release.Release{
		Name: releaseName, Namespace: namespace, Chart: filepath.Join(root, "charts/istio-aws"), Values: values,
	})
	return err
}

// routeHosts are the hosts of all virtual services; a wildcard is one host that it stands for.
func routeHosts(ctx context.Context, kubectl *kube.Kubectl) ([]string, error) {
	type virtualService struct {
		Spec struct {
			Hosts []string `json:"hosts"`
		} `json:"spec"`
	}
	services, err := kube.List[virtualService](ctx, kubectl, "virtualservices.networking.istio.io", "--all-namespaces")
	if err != nil {
		return nil, err
	}
	var hosts []string
	for _, service := range services {
		for _, host := range service.Spec.Hosts {
			if rest, wildcard := strings.CutPrefix(host, "*"); wildcard {
				host = "shop" + rest
				if rest == "" {
					host = "shop.example.com"
				}
			}
			hosts = append(hosts, host)
		}
	}
	return hosts, nil
}
