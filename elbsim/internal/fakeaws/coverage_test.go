// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// notRun are the controller's files of services, or operations in them, that belong to what elbsim does not run.
var notRun = map[string]string{
	"globalaccelerator.go":          "feature gate GlobalAcceleratorController",
	"route53.go":                    "feature gate EnableCertificateManagement",
	"acm.go/RequestCertificate":     "feature gate EnableCertificateManagement",
	"acm.go/DeleteCertificate":      "feature gate EnableCertificateManagement",
	"acm.go/ListTagsForCertificate": "feature gate EnableCertificateManagement",
}

// called finds the operations in a file of the controller's pkg/aws/services: methods of an SDK client that is
// called client, and its paginators. It returns the package of the SDK's inputs with each.
func called(t *testing.T, file string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	found := map[string]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if f, ok := n.(*ast.FuncDecl); ok && f.Body != nil {
			sdk := inputPackage(f)
			ast.Inspect(f.Body, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				method, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := method.X.(*ast.Ident); ok {
					name, paginator := strings.CutSuffix(method.Sel.Name, "Paginator")
					switch {
					case paginator:
						found[strings.TrimPrefix(name, "New")] = sdk
					case x.Name == "client":
						found[name] = sdk
					}
				}
				return true
			})
		}
		return true
	})
	return found
}

// inputPackage is the name under which a function knows the package of its SDK input.
func inputPackage(f *ast.FuncDecl) string {
	for _, p := range f.Type.Params.List {
		if star, ok := p.Type.(*ast.StarExpr); ok {
			if typ, ok := star.X.(*ast.SelectorExpr); ok && strings.HasSuffix(typ.Sel.Name, "Input") {
				return strings.TrimSuffix(typ.X.(*ast.Ident).Name, "sdk")
			}
		}
	}
	return ""
}

func TestEveryOperationThatTheControllerCallsIsThere(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/aws-load-balancer-controller").Output()
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "pkg", "aws", "services", "*.go"))
	require.NoError(t, err)
	a, seen := New(Options{}), 0
	var missing []string
	used := map[string]bool{}
	for _, file := range files {
		base := filepath.Base(file)
		if strings.HasSuffix(base, "_mocks.go") || strings.HasSuffix(base, "_test.go") {
			continue
		}
		for name, sdk := range called(t, file) {
			exempt := base
			if _, whole := notRun[base]; !whole {
				exempt = base + "/" + name
			}
			if _, ok := notRun[exempt]; ok {
				used[exempt] = true
				continue
			}
			seen++
			if _, ok := a.operations["*"+sdk+"."+name+"Input"]; !ok {
				missing = append(missing, sdk+"."+name)
			}
		}
	}
	assert.Empty(t, missing)
	assert.Greater(t, seen, 50, "the controller's calls were not found")
	for exempt, why := range notRun {
		assert.True(t, used[exempt], "%s (%s) is not called any more", exempt, why)
	}
}
