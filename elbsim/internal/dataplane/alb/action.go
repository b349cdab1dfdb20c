// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"errors"
	"fmt"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/rule"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// action is what to do with a request: exactly one of redirect, fixed and forward is set.
type action struct {
	traffic  *traffic.Counter    // of the rule
	jwt      *elb.JWTValidation  // checked first; nil: no token is needed
	login    *elb.Authentication // nil: nobody has to sign in
	redirect *elb.Redirect
	fixed    *elb.FixedResponse
	forward  []Group
	names    []string     // of the groups
	targets  []stickiness // of the groups
	weights  []int32
	total    int
	sticky   time.Duration // how long a client is pinned to its group; 0 is off
	// transform is nil if the rule has none.
	transform *rule.Transform
}

// compileActions compiles the actions of a rule: any that check the client, and behind them one that answers.
func compileActions(actions []elb.Action, s Spec) (action, error) {
	if len(actions) == 0 {
		return action{}, errors.New("no action")
	}
	last := len(actions) - 1
	out, err := compileAnswer(actions[last], s)
	for _, a := range actions[:last] {
		switch {
		case a.Type == "jwt-validation" && a.JWT != nil:
			out.jwt = a.JWT
		case a.Authenticate != nil:
			out.login = a.Authenticate
		default:
			err = errors.Join(err, fmt.Errorf("action %q ahead of %q is not served; allowed are jwt-validation, authenticate-oidc and authenticate-cognito with their settings", a.Type, actions[last].Type))
		}
	}
	return out, err
}

func compileAnswer(a elb.Action, s Spec) (action, error) {
	switch {
	case a.Type == "redirect" && a.Redirect != nil:
		return action{redirect: a.Redirect}, nil
	case a.Type == "fixed-response" && a.FixedResponse != nil:
		return action{fixed: a.FixedResponse}, nil
	case a.Type == "forward" && len(a.Forward) > 0:
		return compileForward(a, s)
	}
	return action{}, fmt.Errorf("last action %q is not served; allowed are forward, redirect and fixed-response with their settings", a.Type)
}

func compileForward(a elb.Action, s Spec) (action, error) {
	out := action{sticky: time.Duration(a.StickySeconds) * s.Second}
	for _, w := range a.Forward {
		g, ok := s.Groups[w.TargetGroup]
		if !ok {
			return action{}, fmt.Errorf("target group %q is not described", w.TargetGroup)
		}
		sticky, err := stickinessOf(g, s.Second)
		if err != nil {
			return action{}, fmt.Errorf("target group %q: %w", w.TargetGroup, err)
		}
		out.forward = append(out.forward, g)
		out.names = append(out.names, w.TargetGroup)
		out.targets = append(out.targets, sticky)
		out.weights = append(out.weights, w.Weight)
		out.total += int(w.Weight)
	}
	return out, nil
}
