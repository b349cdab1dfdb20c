// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// behind describes an NLB whose target is an ALB.
func behind(t *testing.T, application elb.LoadBalancer) elb.LoadBalancer {
	t.Helper()
	node := application.Addresses[0]
	lb := nlb(t, elb.Target{ID: application.ARN, Address: node.IP, Port: application.Listeners[0].Port, Zone: node.Zone})
	lb.TargetGroups[0].TargetType = "alb"
	return lb
}

func TestRow76TheALBBehindAnNLBSeesTheClient(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("X-Forwarded-For")) // the client asserts
	}))
	t.Cleanup(app.Close)
	p, application := plane(t, noLag), alb(t, targetAt(t, app.Listener.Addr().String()))
	network := behind(t, application)
	apply(t, p, application, network)
	c := dialFrom(t, "127.0.0.9", network)
	_, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.9", string(body), "row 76: the client's address in X-Forwarded-For")

	application.SecurityGroups = from("127.0.0.1/32") // the checks of the NLB come from elsewhere too
	apply(t, p, application, network)
	c = dialFrom(t, "127.0.0.9", network)
	_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(silence)))
	_, err = c.Read(make([]byte, 1))
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded, "row 76: the ALB's security groups see the client")
}

func TestRow76ANodeUsesTheALBsNodeOfItsZone(t *testing.T) {
	t.Parallel()
	p, application := plane(t, noLag), alb(t, server(t, "one", nil))
	network := behind(t, application)
	second, _ := freeAddress(t)
	network.Addresses = append(network.Addresses, elb.Address{Zone: "eu-west-1b", IP: second}) // the ALB is not there
	apply(t, p, application, network)
	requireBody(t, addressOf(network), "one")
	elsewhere := network
	elsewhere.Addresses = network.Addresses[1:]
	_, _, err := get(addressOf(elsewhere))
	require.Error(t, err, "row 76: without cross-zone the zone has no target")
	network.Attributes = map[string]string{"load_balancing.cross_zone.enabled": "true"}
	apply(t, p, application, network)
	requireBody(t, addressOf(elsewhere), "one")
}

func TestRow76NodesOfBothZonesUseTheALBsOwn(t *testing.T) {
	t.Parallel()
	p, application := plane(t, noLag), alb(t, server(t, "one", nil))
	second, _ := freeAddress(t)
	application.Addresses = append(application.Addresses, elb.Address{Zone: "eu-west-1b", IP: second})
	network := behind(t, application)
	own, other := twoZones(t, &network)
	apply(t, p, application, network)
	requireBody(t, own, "one")
	requireBody(t, other, "one")

	network.Addresses = network.Addresses[:1] // one zone, so the ALB's node in the other one is not used
	apply(t, p, application, network)
	of := application.Addresses[1]
	assert.Equal(t, elb.Unused, p.Health(network.TargetGroups[0].ARN, elb.Target{ID: application.ARN, Address: of.IP, Port: application.Listeners[0].Port, Zone: of.Zone}).State)
}

func TestRow76TheALBGoesBeforeTheNLB(t *testing.T) {
	t.Parallel()
	p, application := plane(t, noLag), alb(t, server(t, "one", nil))
	network := behind(t, application)
	apply(t, p, application, network)
	open := dialFrom(t, "127.0.0.9", network)
	_, err := io.WriteString(open, "GET / HTTP/1.1\r\n") // waits for more
	require.NoError(t, err)
	apply(t, p, network)
	_, err = open.Read(make([]byte, 1))
	require.Error(t, err)
	assert.False(t, isTimeout(err), "got %v", err)
	_, _, err = get(addressOf(network))
	assert.Error(t, err)
}

func isTimeout(err error) bool {
	network, ok := err.(net.Error)
	return ok && network.Timeout()
}
