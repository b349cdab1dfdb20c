// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const inside = "github.com/istio-aws/istio-aws/elbsim/internal/"

// floors are the packages of elbsim from the command down to its vocabulary. Each imports from floors below its own.
var floors = []string{
	"plancmd rolecmd runcmd versioncmd",
	"account acm admin planner plantext preflight provision state",
	"controller dataplane fakeaws install manifest network nodes plandiff pods",
	"authority console dataplane/alb dataplane/nlb elbtext faults",
	"dataplane/forwarded dataplane/http1 dataplane/identity dataplane/inbound dataplane/rule dataplane/target dataplane/tlscert",
	"dataplane/health dataplane/message",
	"dataplane/attribute dataplane/desync dataplane/dial dataplane/direct dataplane/handover dataplane/idle dataplane/relay",
	"elb traffic",
}

// ignorance is what packages must not know, also not by way of others; all are beginnings of import paths.
var ignorance = []struct{ name, packages, of string }{
	{"what serves traffic and shows it knows neither Kubernetes nor AWS", "admin dataplane elb network provision", "k8s.io/ sigs.k8s.io/ github.com/aws/"},
	{"the plan knows nothing of traffic", "plancmd", inside + "dataplane " + inside + "network " + inside + "traffic"},
	{"the account knows nothing of what serves it", "fakeaws", inside + "dataplane " + inside + "provision " + inside + "controller k8s.io/client-go"},
	{"the controller knows an AWS, not which", "controller", inside},
}

func TestImportsGoDown(t *testing.T) {
	imports := list(t)
	floor := map[string]int{}
	for i, packages := range floors {
		for name := range strings.FieldsSeq(packages) {
			assert.Contains(t, imports, inside+name, "floor %q names it", packages)
			floor[inside+name] = i
		}
	}
	for from, all := range imports {
		if !strings.HasPrefix(from, inside) {
			continue
		}
		own, placed := floor[from]
		assert.True(t, placed, "%s is on no floor; put it on one in this file", from)
		for _, to := range all {
			if below, ok := floor[to]; ok {
				assert.Greater(t, below, own, "%s imports %s, which is not below it", from, to)
			}
		}
	}
}

func TestPackagesAreIgnorantOfTheirSurroundings(t *testing.T) {
	imports := list(t)
	for _, tt := range ignorance {
		t.Run(tt.name, func(t *testing.T) {
			for name := range strings.FieldsSeq(tt.packages) {
				require.Contains(t, imports, inside+name)
				for known, way := range reach(imports, inside+name) {
					for stranger := range strings.FieldsSeq(tt.of) {
						assert.False(t, known != inside+name && strings.HasPrefix(known, stranger), "it imports %s", strings.Join(way, " → "))
					}
				}
			}
		})
	}
}

// list is what each package of elbsim, and each that they need, imports. Programs and folders of tests are left out:
// nothing can import them.
func list(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", `{{if and .GoFiles (ne .Name "main")}}{{.ImportPath}} {{join .Imports " "}}{{end}}`, "./internal/...").Output()
	require.NoError(t, err)
	imports := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		if words := strings.Fields(line); len(words) > 0 {
			imports[words[0]] = words[1:]
		}
	}
	return imports
}

// reach is all that a package imports, itself or through others, with the way there.
func reach(imports map[string][]string, from string) map[string][]string {
	ways := map[string][]string{from: {from}}
	for todo := []string{from}; len(todo) > 0; todo = todo[1:] {
		for _, to := range imports[todo[0]] {
			if ways[to] == nil {
				ways[to] = append(slices.Clone(ways[todo[0]]), to)
				todo = append(todo, to)
			}
		}
	}
	return ways
}
