// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/attribute"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
)

// The cookies of row 45. Each one but the last has a twin for requests from other sites.
const (
	groupCookie  = "AWSALBTG"
	targetCookie = "AWSALB"
	crossOrigin  = "CORS"       // what a twin's name ends in
	appCookie    = "AWSALBAPP-" // and a number
	// appCookies are how many of those AWS sets. What we remember fits the first one; the others are said to be
	// removed, as AWS does with those that it does not need.
	appCookies = 4
	removed    = "_remove_"
)

// stickiness pins clients to targets of a group (attributes stickiness.*).
type stickiness struct {
	lasts time.Duration // 0 is off
	app   string        // name of the target's own cookie, for type app_cookie
}

func stickinessOf(g Group, second time.Duration) (stickiness, error) {
	a := attribute.From(g.Attributes)
	const day = 86400
	var s stickiness
	if !a.Bool("stickiness.enabled", false) {
		return s, a.Err()
	}
	switch kind := a.Text("stickiness.type", "lb_cookie"); kind {
	case "lb_cookie":
		s.lasts = time.Duration(a.Int("stickiness.lb_cookie.duration_seconds", day)) * second
	case "app_cookie":
		s.lasts = time.Duration(a.Int("stickiness.app_cookie.duration_seconds", day)) * second
		if s.app = a.Text("stickiness.app_cookie.cookie_name", ""); s.app == "" {
			return s, fmt.Errorf("stickiness of type app_cookie needs the attribute stickiness.app_cookie.cookie_name")
		}
	default:
		return s, fmt.Errorf("stickiness type %q; allowed are lb_cookie and app_cookie", kind)
	}
	return s, a.Err()
}

// pins are those that the client brings in a cookie or its twin.
func (c *config) pins(f message.Fields, name, twin string) []pin {
	for _, n := range []string{name, twin} {
		if value, ok := cookie(f, n); ok {
			return c.seal.open(name, value, time.Now())
		}
	}
	return nil
}

// chooseGroup returns the index of the group that a client is pinned to, or else one by weight; -1 if all weights
// are 0.
func (c *config) chooseGroup(act *action, req *message.Request) int {
	if act.sticky > 0 {
		for _, p := range c.pins(req.Fields, groupCookie, groupCookie+crossOrigin) {
			if i := slices.Index(act.names, p.Group); i >= 0 {
				return i
			}
		}
	}
	if len(act.forward) == 1 {
		return 0
	}
	return target.Weighted(act.weights, rand.IntN(max(act.total, 1)))
}

// destination is where a request goes, and what the client is to remember of it.
type destination struct {
	target *target.Target // nil if there is none
	sticky stickiness
	pins   []pin // of the client
	pinned bool  // the client was sent by one of them, or would have been if its target were still there
}

// chooseTarget returns the target that a client is pinned to if it still gets traffic, or else one by the group's
// algorithm. Without cross-zone there is no stickiness (row 55).
func (c *config) chooseTarget(act *action, i int, req *message.Request) destination {
	group, d := act.forward[i], destination{sticky: act.targets[i]}
	view := group.View()
	if !view.CrossZone() {
		d.sticky = stickiness{}
	}
	if d.sticky.lasts == 0 {
		d.target = group.Pick(c.node.Zone)
		return d
	}
	if d.sticky.app == "" {
		d.pins = c.pins(req.Fields, targetCookie, targetCookie+crossOrigin)
	} else {
		d.pins = c.pins(req.Fields, appCookie+"0", appCookie+"0")
		_, own := cookie(req.Fields, d.sticky.app)
		if !own { // both cookies must come back
			d.target = group.Pick(c.node.Zone)
			return d
		}
	}
	for _, p := range d.pins {
		if p.Group == act.names[i] {
			d.pinned = true
			d.target = view.Pool(c.node.Zone).Find(p.ID, p.Port)
		}
	}
	if d.target == nil {
		d.target = group.Pick(c.node.Zone)
	}
	return d
}

// pinClient adds the cookies to a target's response. Every response begins the durations anew.
func (c *config) pinClient(act *action, i int, d destination, f *message.Fields) error {
	if act.sticky == 0 && d.sticky.lasts == 0 {
		return nil
	}
	now := time.Now()
	if act.sticky > 0 {
		if err := c.setTwins(f, groupCookie, []pin{{Group: act.names[i], Until: now.Add(act.sticky).UnixNano()}}); err != nil {
			return err
		}
	}
	if d.sticky.lasts == 0 || d.sticky.app != "" && !d.pinned && !setsCookie(*f, d.sticky.app) {
		return nil
	}
	pins := slices.DeleteFunc(d.pins, func(p pin) bool { return p.Group == act.names[i] })
	own := pin{Group: act.names[i], ID: d.target.ID, Port: d.target.Addr.Port(), Until: now.Add(d.sticky.lasts).UnixNano()}
	pins = append([]pin{own}, pins[:min(len(pins), maxPins-1)]...)
	if d.sticky.app == "" {
		return c.setTwins(f, targetCookie, pins)
	}
	value, err := c.seal.close(appCookie+"0", pins)
	if err != nil {
		return err
	}
	setCookie(f, appCookie+"0", value, "")
	for n := 1; n < appCookies; n++ {
		setCookie(f, appCookie+strconv.Itoa(n), removed, "")
	}
	return nil
}

// setTwins sets a cookie and its twin for requests from other sites, which browsers take over TLS only.
func (c *config) setTwins(f *message.Fields, name string, pins []pin) error {
	value, err := c.seal.close(name, pins)
	if err != nil {
		return err
	}
	attributes := "; SameSite=None"
	if c.tls != nil {
		attributes += "; Secure"
	}
	setCookie(f, name, value, "")
	setCookie(f, name+crossOrigin, value, attributes)
	return nil
}
