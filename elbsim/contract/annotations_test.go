// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package contract_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lbc "sigs.k8s.io/aws-load-balancer-controller/pkg/annotations"
)

// annotations are the names that LBC reads below one prefix: those of its constants, in their order, and the patterns of those
// that it puts together, with a star for each part that is not fixed.
type annotations struct {
	Prefix   string   `json:"prefix"`
	Names    []string `json:"names"`
	Patterns []string `json:"patterns"`
}

// TestAnnotations takes the names from LBC's source, because constants cannot be listed at run time.
func TestAnnotations(t *testing.T) {
	constants := stringConstants(t, "annotations")
	ingress := annotations{
		Prefix:   lbc.AnnotationPrefixIngress,
		Names:    constants.named("^Ingress(LB)?Suffix"),
		Patterns: patterns(t, "ingress", constants),
	}
	service := annotations{
		Prefix:   stringConstants(t, "../controllers/service").values["serviceAnnotationPrefix"],
		Names:    constants.named("^SvcLBSuffix"),
		Patterns: patterns(t, "service", constants),
	}
	assert.Len(t, ingress.Names, 68)
	assert.Len(t, service.Names, 47)
	assert.Contains(t, ingress.Names, lbc.IngressSuffixGroupName)
	assert.Contains(t, service.Names, lbc.SvcLBSuffixSourceRanges)
	assert.Contains(t, ingress.Patterns, "actions.*")
	assert.Contains(t, service.Patterns, lbc.SvcLBSuffixTargetGroupAttributes+".*")
	assert.Equal(t, []string{"AnnotationCheckPoint", "AnnotationPrefixIngress", "IngressClass", "QuicEnabledContainersAnnotation"},
		constants.others("^(Ingress(LB)?Suffix|SvcLBSuffix)"), "LBC has a new family of annotations")
	check(t, "annotations.json", map[string]annotations{"ingress": ingress, "service": service})
}

// constantSet is a package's constants that are string literals.
type constantSet struct {
	order  []string
	values map[string]string
}

func (c constantSet) named(pattern string) []string {
	var out []string
	for _, name := range c.order {
		if regexp.MustCompile(pattern).MatchString(name) {
			out = append(out, c.values[name])
		}
	}
	return out
}

func (c constantSet) others(pattern string) []string {
	var out []string
	for _, name := range c.order {
		if !regexp.MustCompile(pattern).MatchString(name) {
			out = append(out, name)
		}
	}
	return slices.Sorted(slices.Values(out))
}

func stringConstants(t *testing.T, folder string) constantSet {
	t.Helper()
	set := constantSet{values: map[string]string{}}
	inspect(t, folder, func(n ast.Node) {
		declaration, ok := n.(*ast.GenDecl)
		if !ok || declaration.Tok != token.CONST {
			return
		}
		for _, spec := range declaration.Specs {
			value := spec.(*ast.ValueSpec)
			if len(value.Values) == 0 {
				continue
			}
			literal, ok := value.Values[0].(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				continue
			}
			text, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			set.order = append(set.order, value.Names[0].Name)
			set.values[value.Names[0].Name] = text
		}
	})
	return set
}

// patterns finds the names that a package makes by fmt.Sprintf and puts into a variable called …Annotation or annotationKey.
func patterns(t *testing.T, folder string, constants constantSet) []string {
	t.Helper()
	var out []string
	inspect(t, folder, func(n ast.Node) {
		assignment, ok := n.(*ast.AssignStmt)
		if !ok || len(assignment.Lhs) != 1 {
			return
		}
		variable, ok := assignment.Lhs[0].(*ast.Ident)
		if !ok || !strings.HasSuffix(variable.Name, "Annotation") && variable.Name != "annotationKey" {
			return
		}
		call, ok := assignment.Rhs[0].(*ast.CallExpr)
		if !ok {
			return
		}
		if function, ok := call.Fun.(*ast.SelectorExpr); !ok || function.Sel.Name != "Sprintf" {
			return
		}
		format, err := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		arguments := make([]any, 0, len(call.Args))
		for _, argument := range call.Args[1:] {
			text := "*"
			if selector, ok := argument.(*ast.SelectorExpr); ok && constants.values[selector.Sel.Name] != "" {
				text = constants.values[selector.Sel.Name]
			}
			arguments = append(arguments, text)
		}
		out = append(out, fmt.Sprintf(regexp.MustCompile("%[a-z]").ReplaceAllString(format, "%s"), arguments...))
	})
	require.NotEmpty(t, out, "LBC makes its names in another way now")
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// inspect walks through a folder of LBC's pkg/, without its tests.
func inspect(t *testing.T, folder string, visit func(ast.Node)) {
	t.Helper()
	where, err := exec.Command("go", "list", "-f", "{{.Dir}}", "sigs.k8s.io/aws-load-balancer-controller/pkg/annotations").Output()
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(where)), "..", folder, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files, folder)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			visit(n)
			return true
		})
	}
}
