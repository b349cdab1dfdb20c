// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	goyaml "go.yaml.in/yaml/v3"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/istio-aws/istio-aws/internal/render"
)

const issuer = `{issuer: "https://id.example.com", jwksEndpoint: "https://id.example.com/keys"}`

// What else each example of values.yaml needs before the chart takes it; "" is what is good for all.
var around = map[string]string{
	"": `
loadBalancers:
  albPublic: {enabled: true, hosts: [shop.example.com, www.example.com], tls: {certificateArns: [` + certificate + `]}}`,
	"loadBalancers.albPublic.ingresses": `
loadBalancers: {albPublic: {hosts: [shop.example.com, grpc.example.com], group: {name: shop}, jwtValidation: ` + issuer + `}}`,
	"loadBalancers.albPublic.jwtValidation.additionalClaims": `
loadBalancers: {albPublic: {jwtValidation: ` + issuer + `}}`,
	"loadBalancers.albPublic.frontendNLB.ports": `
loadBalancers: {albPublic: {listeners: [{protocol: HTTPS, port: 8443}], frontendNLB: {enabled: true, securityGroups: [sg-0123456789abcdef0]}}}`,
	"loadBalancers.nlbPublic.ports": `
loadBalancers: {nlbPublic: {enabled: true, targetType: instance}}`,
	"loadBalancers.nlbPublic.tls.credentials": `
loadBalancers: {nlbPublic: {enabled: true, ports: [{name: https, port: 443, targetPort: 8443}], tls: {ports: [https], terminateAt: gateway}}}`,
	"routes": `
loadBalancers:
  nlbInternal:
    enabled: true
    ports: [{name: mysql, port: 3306, targetPort: 3306, protocol: TCP}, {name: https, port: 443, targetPort: 8443}]
    tls: {ports: [https], terminateAt: passthrough}
destinations: {shop.shop.svc.cluster.local: {subsets: {v1: {version: v1}, v2: {version: v2}}}}`,
}

func TestExamplesInCommentsAreAccepted(t *testing.T) {
	examples := documentedExamples(t)
	for path := range around {
		if path != "" {
			assert.Contains(t, examples, path, "has no example any more")
		}
	}
	for path, example := range examples {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			_, err := chart(t).Render(render.Options{Values: []string{"base: {enabled: false}", around[""], around[path], nested(path, example)}})
			assert.NoError(t, err)
		})
	}
	assert.Greater(t, len(examples), 10)
}

// A reader's first values file is the one in the README: the repository's and the chart's.
func TestTheTenLinesOfTheReadme(t *testing.T) {
	var examples []string
	for _, file := range []string{"../../README.md", filepath.Join(chartDir, "README.md")} {
		readme, err := os.ReadFile(file)
		require.NoError(t, err)
		_, example, found := strings.Cut(string(readme), "```yaml\n")
		require.True(t, found)
		example, _, _ = strings.Cut(example, "```")
		examples = append(examples, example)
	}
	values := examples[0]
	assert.Equal(t, values, examples[1])
	assert.Equal(t, 10, strings.Count(values, "\n"))

	release := rendered(t, values)
	ingress, err := render.Get[networkingv1.Ingress](release, "Ingress", "alb-public")
	require.NoError(t, err)
	assert.Contains(t, ingress.Annotations["alb.ingress.kubernetes.io/certificate-arn"], "arn:aws:acm:")
	assert.Equal(t, "shop.example.com", ingress.Spec.Rules[len(ingress.Spec.Rules)-1].Host)
	require.Len(t, release.Kind("VirtualService"), 1)
	assert.Contains(t, text(t, release.Kind("VirtualService")[0].Object), `"destination":{"host":"shop.shop.svc.cluster.local","port":{"number":80}}`)
	policy, found := release.Find("PeerAuthentication", "default")
	require.True(t, found)
	assert.Contains(t, text(t, policy.Object), `"mtls":{"mode":"STRICT"}`)
}

var fileArgument = regexp.MustCompile(`\s-f ([^\s,;]+)`)

func TestFilesOfTheCommandsInHeadersExist(t *testing.T) {
	named := 0
	for _, folder := range []string{"../../values", "../../examples"} {
		require.NoError(t, filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			for line := range strings.SplitSeq(string(content), "\n") {
				if !strings.HasPrefix(line, "#") {
					break
				}
				for _, match := range fileArgument.FindAllStringSubmatch(line, -1) {
					named++
					assert.FileExists(t, filepath.Join("../..", match[1]), "%s: %s", path, line)
				}
			}
			return err
		}))
	}
	assert.Greater(t, named, 10)
}

var keyWithConstraint = regexp.MustCompile(`^ *[A-Za-z]+:.*# @schema`)

// documentedExamples are the YAML in the comments of values.yaml, by the path of the value below: the lines that are indented further than text.
func documentedExamples(t *testing.T) map[string]string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(chartDir, "values.yaml"))
	require.NoError(t, err)
	var document goyaml.Node
	require.NoError(t, goyaml.Unmarshal(content, &document))
	paths := pathsByLine(document.Content[0], "")
	examples, example := map[string]string{}, ""
	for number, line := range strings.Split(string(content), "\n") {
		text, comment := strings.CutPrefix(strings.TrimSpace(line), "#   ")
		switch {
		case comment:
			example += "  " + text + "\n"
		case strings.HasPrefix(text, "# ") && !strings.HasPrefix(text, "# --"): // text below the example
		default:
			if example != "" && keyWithConstraint.MatchString(line) {
				examples[paths[number+1]] = example
			}
			example = ""
		}
	}
	return examples
}

func pathsByLine(node *goyaml.Node, path string) map[int]string {
	paths := map[int]string{}
	for i := 0; node.Kind == goyaml.MappingNode && i < len(node.Content); i += 2 {
		here := strings.TrimPrefix(path+"."+node.Content[i].Value, ".")
		for line, path := range pathsByLine(node.Content[i+1], here) {
			paths[line] = path
		}
		paths[node.Content[i].Line] = here
	}
	return paths
}

// nested is values that have YAML at a path.
func nested(path, example string) string {
	keys := strings.Split(path, ".")
	var out strings.Builder
	for depth, key := range keys {
		out.WriteString(strings.Repeat("  ", depth) + key + ":\n")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(example, "\n"), "\n") {
		out.WriteString(strings.Repeat("  ", len(keys)-1) + line + "\n")
	}
	return out.String()
}

// exampleValues are the values at a path of an example.
func exampleValues(t *testing.T, path, example string) any {
	t.Helper()
	var values any
	require.NoError(t, yaml.Unmarshal([]byte(nested(path, example)), &values), "the example of %s is no YAML:\n%s", path, example)
	for _, key := range strings.Split(path, ".") {
		values = values.(map[string]any)[key]
	}
	return values
}
