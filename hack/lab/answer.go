// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/istio-aws/istio-aws/internal/loadbalancer"
)

// answer is what a load balancer answered to a request through one of its listeners.
type answer struct {
	balancer loadbalancer.LoadBalancer
	listener loadbalancer.Listener
	host, ip string
	scheme   string
	insecure bool // the certificate is not one of the simulated ACM
	status   int
	location string
}

// good is an answer that shows that the way through the load balancer is open.
func (a answer) good() bool { return a.status >= 200 && a.status < 400 }

// statusPort is where Istio's gateways say whether they are ready; nothing else is served there.
const statusPort, statusPath = 15021, "/healthz/ready"

// url leaves out the port where it is the scheme's own.
func (a answer) url() string {
	host, path := a.host, "/"
	if port := a.port(); port != "80" && a.scheme == "http" || port != "443" && a.scheme == "https" {
		host += ":" + port
	}
	if a.listener.Port == statusPort {
		path = statusPath
	}
	return a.scheme + "://" + host + path
}

func (a answer) port() string { return strconv.Itoa(int(a.listener.Port)) }

// prober sends the requests that the table then prints.
type prober struct {
	roots *x509.CertPool
	// routed is until when a 404 counts as a route that has not arrived at its gateway yet; afterwards as
	// a load balancer without routes.
	routed time.Time
}

const routeLimit = time.Minute

// newProber keeps the authority of the simulated ACM in caFile, for curl too.
func newProber(ctx context.Context, elbsim, caFile string) (*prober, error) {
	roots, pem, err := loadbalancer.NewClient(elbsim).Roots(ctx)
	if err != nil {
		return nil, err
	}
	return &prober{roots: roots, routed: time.Now().Add(routeLimit)}, os.WriteFile(caFile, pem, 0o644)
}

// ask asks every listener of every load balancer, with each host until one is served. It is an error if
// there is no load balancer, or if no listener of one gives a good answer although there are hosts.
func (p *prober) ask(ctx context.Context, balancers []loadbalancer.LoadBalancer, hosts []string) ([]answer, error) {
	if len(balancers) == 0 {
		return nil, errors.New("elbsim has no load balancer yet")
	}
	var answers []answer
	var errs []error
	for _, balancer := range balancers {
		name := displayName(balancer)
		if balancer.State != "active" || len(balancer.Addresses) == 0 {
			errs = append(errs, fmt.Errorf("load balancer %s is %s", name, balancer.State))
			continue
		}
		open := false
		last := errors.New("it has no listener for HTTP")
		for _, listener := range balancer.Listeners {
			a, err := p.askListener(ctx, balancer, listener, hosts)
			if err != nil {
				last = err
				continue
			}
			if a.status >= http.StatusInternalServerError {
				last = fmt.Errorf("%s is answered %d", a.url(), a.status)
				continue
			}
			answers = append(answers, a)
			// Neither a redirect nor the gateway's own state shows that there is something behind.
			served := a.status < 300 && a.listener.Port != statusPort
			open = open || served || len(hosts) == 0 || time.Now().After(p.routed)
			if !a.good() {
				last = fmt.Errorf("%s is answered %d", a.url(), a.status)
			}
		}
		if !open {
			errs = append(errs, fmt.Errorf("load balancer %s does not answer yet: %w", name, last))
		}
	}
	return answers, errors.Join(errs...)
}

// askListener returns the first good answer of any address, or the last one. A Network Load Balancer
// without cross-zone load balancing serves only at the addresses of zones that have targets; AWS leaves
// the others out of its DNS answers.
func (p *prober) askListener(ctx context.Context, balancer loadbalancer.LoadBalancer, listener loadbalancer.Listener, hosts []string) (answer, error) {
	a := answer{balancer: balancer, listener: listener, scheme: "http"}
	if listener.Protocol == "HTTPS" || listener.Protocol == "TLS" || listener.Port == 443 || listener.Port == 8443 {
		a.scheme = "https"
	}
	if len(hosts) == 0 {
		hosts = []string{"shop.example.com"}
	}
	var last answer
	var errs []error
	for _, address := range balancer.Addresses {
		for _, host := range hosts {
			a.host, a.ip, a.insecure = host, address.IP, false
			err := p.request(ctx, &a)
			var unknown *tls.CertificateVerificationError
			if errors.As(err, &unknown) {
				a.insecure = true
				err = p.request(ctx, &a)
			}
			switch {
			case err != nil:
				errs = append(errs, err)
			case a.good():
				return a, nil
			default:
				last = a
			}
		}
	}
	if last.status != 0 {
		return last, nil
	}
	return a, errors.Join(errs...)
}

// request sends one request over a connection of its own.
func (p *prober) request(ctx context.Context, a *answer) error {
	target := net.JoinHostPort(a.ip, a.port())
	client := &http.Client{
		Timeout: 5 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, target)
			},
			// What the printed command does: curl -k.
			TLSClientConfig: &tls.Config{RootCAs: p.roots, InsecureSkipVerify: a.insecure},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url(), nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	a.status, a.location = response.StatusCode, response.Header.Get("Location")
	return response.Body.Close()
}
