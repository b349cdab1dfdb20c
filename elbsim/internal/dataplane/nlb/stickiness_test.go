// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb_test

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// from connects once from a loopback address and returns the name of the target.
func from(t *testing.T, source, lb string) string {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	c, err := d.Dial("tcp", lb)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	return take(t, c, 1)
}

func TestRow72SourceIPStickiness(t *testing.T) {
	one, _ := echo(t, "1")
	two, _ := echo(t, "2")
	third, _ := echo(t, "3")
	for name, several := range map[string]bool{"row 72: one group": false, "row 72: weighted groups": true} {
		t.Run(name, func(t *testing.T) {
			g := group(t, new(switchboard), nil, member(t, one, "a"), member(t, two, "a"))
			g.Sticky = true
			s := tcpListener(g)
			if several {
				s.Groups["other"] = group(t, new(switchboard), nil, member(t, third, "a"))
				s.Listener.DefaultActions[0].Forward = append(s.Listener.DefaultActions[0].Forward, elb.Weighted{TargetGroup: "other", Weight: 1})
			}
			_, lb := start(t, s)
			seen := map[string]bool{}
			for client := range 64 {
				source := fmt.Sprintf("127.0.9.%d", client+1)
				first := from(t, source, lb)
				seen[first] = true
				for range 5 {
					require.Equal(t, first, from(t, source, lb), "all connections of client %s", source)
				}
			}
			if several {
				assert.Len(t, seen, 3, "clients spread over all targets")
				return
			}
			assert.Len(t, seen, 2, "clients spread over all targets")
		})
	}
}
