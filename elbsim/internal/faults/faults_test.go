// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package faults_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/faults"
)

func newSet() *faults.Set {
	return faults.NewSet(faults.Known{Operations: []string{"DescribeRules", "CreateRule"}, Zones: []string{"eu-west-1a", "eu-west-1b"}})
}

func add(t *testing.T, s *faults.Set, f faults.Fault) faults.Fault {
	t.Helper()
	added, err := s.Add(f)
	require.NoError(t, err)
	return added
}

func TestWrongFaultsAreRefusedWithWhatIsAllowed(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault faults.Fault
		want  string
	}{
		{"no type", faults.Fault{}, `type "": it must be one of error, latency, provisioning, target, visibility, zone`},
		{"no operation", faults.Fault{Type: faults.Error, Code: "Throttling"}, "operation: a fault of type error needs it"},
		{"no code", faults.Fault{Type: faults.Error, Operation: "*"}, "code: a fault of type error needs it"},
		{"an operation that is none", faults.Fault{Type: faults.Latency, Operation: "createRule", Milliseconds: 1}, `operation "createRule": it must be * or one of CreateRule, DescribeRules`},
		{"visibility of what is not created", faults.Fault{Type: faults.Visibility, Operation: "DescribeRules", Milliseconds: 1}, `operation "DescribeRules": for type visibility it must be * or one of CreateRule`},
		{"a field of another type", faults.Fault{Type: faults.Zone, Zone: "eu-west-1a", Count: 1}, "count: a fault of type zone has none; it has zone"},
		{"a probability above 1", faults.Fault{Type: faults.Error, Operation: "*", Code: "x", Probability: 50}, "probability 50: it must be above 0 and at most 1"},
		{"a count below 0", faults.Fault{Type: faults.Error, Operation: "*", Code: "x", Count: -1}, "count -1"},
		{"a status of success", faults.Fault{Type: faults.Error, Operation: "*", Code: "x", Status: 200}, "status 200: it must be 400 to 599"},
		{"a day of latency", faults.Fault{Type: faults.Latency, Operation: "*", Milliseconds: 86_400_000}, "milliseconds 86400000: it must be 1 to 3600000"},
		{"a zone that is none", faults.Fault{Type: faults.Zone, Zone: "a"}, `zone "a": it must be one of eu-west-1a, eu-west-1b`},
		{"no target", faults.Fault{Type: faults.Target}, "needs target or targetGroup"},
		{"a mode that is none", faults.Fault{Type: faults.Target, Target: "10.0.0.1", Mode: "kill"}, `mode "kill": it must be one of drop, refuse, reset`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSet()
			_, err := s.Add(c.fault)
			require.ErrorContains(t, err, c.want)
			assert.Empty(t, s.List())
		})
	}
}

func TestReplaceTakesAllOrNothing(t *testing.T) {
	s := newSet()
	zone := add(t, s, faults.Fault{Type: faults.Zone, Zone: "eu-west-1a"})
	_, err := s.Replace([]faults.Fault{{Type: faults.Provisioning, Milliseconds: 5}, {Type: "x"}})
	require.ErrorContains(t, err, "fault 2 of 2: type")
	assert.Equal(t, []faults.Fault{zone}, s.List())

	_, err = s.Replace([]faults.Fault{{Type: faults.Provisioning, Milliseconds: 5}})
	require.NoError(t, err)
	assert.False(t, s.ZoneGone("eu-west-1a"))
	assert.Equal(t, 5*time.Millisecond, s.Provisioning())
}

func TestEveryChangeIsTold(t *testing.T) {
	s, told := newSet(), 0
	s.OnChange(func() { s.List(); told++ })
	f := add(t, s, faults.Fault{Type: faults.Zone, Zone: "eu-west-1a"})
	assert.True(t, s.Remove(f.ID))
	assert.False(t, s.Remove(f.ID))
	s.Clear()
	assert.GreaterOrEqual(t, told, 3)
}

func TestCallsFailAsOftenAsAskedFor(t *testing.T) {
	s := newSet()
	add(t, s, faults.Fault{Type: faults.Error, Operation: "CreateRule", Code: "Throttling", Count: 2})
	for range 2 {
		_, f := s.Call("CreateRule")
		require.NotNil(t, f)
		assert.Equal(t, "Rate exceeded", f.Text())
		assert.Equal(t, 400, f.HTTPStatus())
		_, f = s.Call("DescribeRules")
		assert.Nil(t, f, "of another operation")
	}
	_, f := s.Call("CreateRule")
	assert.Nil(t, f)
	assert.Empty(t, s.List(), "it is over")

	add(t, s, faults.Fault{Type: faults.Error, Operation: "*", Code: "ServiceUnavailable", Probability: 0.5})
	failed := 0
	for range 1000 {
		if _, f := s.Call("DescribeRules"); f != nil {
			assert.Equal(t, 503, f.HTTPStatus())
			failed++
		}
	}
	assert.InDelta(t, 500, failed, 150)
}

func TestLatenciesAddUp(t *testing.T) {
	s := newSet()
	add(t, s, faults.Fault{Type: faults.Latency, Operation: "*", Milliseconds: 20})
	add(t, s, faults.Fault{Type: faults.Latency, Operation: "CreateRule", Milliseconds: 300, Count: 1})
	delay, _ := s.Call("CreateRule")
	assert.Equal(t, 320*time.Millisecond, delay)
	delay, _ = s.Call("CreateRule")
	assert.Equal(t, 20*time.Millisecond, delay)
}

func TestTargetsAreTakenAwayByGroupIDAddressAndZone(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault faults.Fault
		want  faults.Mode
	}{
		{"by address", faults.Fault{Type: faults.Target, Target: "10.0.0.1", Mode: faults.Reset}, faults.Reset},
		{"by ID", faults.Fault{Type: faults.Target, Target: "i-1"}, faults.Drop},
		{"by group", faults.Fault{Type: faults.Target, TargetGroup: "shop/web:80", Mode: faults.Refuse}, faults.Refuse},
		{"in the group", faults.Fault{Type: faults.Target, TargetGroup: "shop/web:80", Target: "i-1"}, faults.Drop},
		{"by zone", faults.Fault{Type: faults.Zone, Zone: "eu-west-1a"}, faults.Drop},
		{"another address", faults.Fault{Type: faults.Target, Target: "10.0.0.2"}, ""},
		{"in another group", faults.Fault{Type: faults.Target, TargetGroup: "shop/api:80", Target: "i-1"}, ""},
		{"another zone", faults.Fault{Type: faults.Zone, Zone: "eu-west-1b"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSet()
			add(t, s, c.fault)
			assert.Equal(t, c.want, s.TargetGone("shop/web:80", "i-1", "10.0.0.1", "eu-west-1a"))
		})
	}
}
