// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheListsAreTheControllersConstants reads the constants from the controller's own source, so an
// annotation that a new version adds is not called unknown.
func TestTheListsAreTheControllersConstants(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", "sigs.k8s.io/aws-load-balancer-controller/pkg/annotations").Output()
	require.NoError(t, err)
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(out)), "constants.go"), nil, 0)
	require.NoError(t, err)
	var ingress, service []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		value, err := strconv.Unquote(literal.Value)
		require.NoError(t, err)
		switch name := spec.Names[0].Name; {
		case strings.HasPrefix(name, "IngressSuffix"), strings.HasPrefix(name, "IngressLBSuffix"):
			ingress = append(ingress, value)
		case strings.HasPrefix(name, "SvcLBSuffix"):
			service = append(service, value)
		}
		return true
	})
	require.NotEmpty(t, ingress)
	require.NotEmpty(t, service)
	assert.ElementsMatch(t, ingress, ingressSuffixes)
	assert.ElementsMatch(t, service, serviceSuffixes)
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"scheme", "schema", 1}, {"kitten", "sitting", 3}, {"tags", "tag", 1}} {
		assert.Equal(t, c.want, distance(c.a, c.b), "%s %s", c.a, c.b)
	}
}
