// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/istio-aws/istio-aws/internal/render"
)

// accepted are messages that say nothing about this chart, each with the reason.
var accepted = []finding{
	// Said of every EnvoyFilter, whatever it holds. The chart has one where Istio offers no other way: for the
	// PROXY protocol per port, and for X-Forwarded-Proto behind an NLB that ends TLS.
	{Code: "IST0133", Message: "Schema validation warning: EnvoyFilter exposes internal implementation details that may change at any time. " +
		"Prefer other APIs if possible, and exercise extreme caution, especially around upgrades."},
}

// finding is a message of istioctl.
type finding struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Level   string `json:"level,omitempty"`
	Origin  string `json:"origin,omitempty"`
}

// analyze runs `istioctl analyze` on a cluster that has these objects and what surrounds them. Every message
// of whatever level is a finding, except those accepted.
func (l *linter) analyze(ctx context.Context, objects []unstructured.Unstructured) error {
	cluster, err := l.clusterWith(objects)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: newAPIServer(l.tools.kubernetes, cluster)}
	defer server.Close()
	go func() { _ = server.Serve(listener) }() // ends with Close
	kubeconfig := filepath.Join(l.dir, "kubeconfig")
	if err := os.WriteFile(kubeconfig, fmt.Appendf(nil, `{apiVersion: v1, kind: Config, current-context: c,
contexts: [{name: c, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: "http://%s"}}], users: [{name: u, user: {}}]}`, listener.Addr()), 0o600); err != nil {
		return err
	}
	// istioctl wants the one namespace to be there also when it is asked for all.
	output, err := l.tools.run(ctx, "istioctl", "analyze", "--kubeconfig", kubeconfig, "--namespace", istioNamespace, "--all-namespaces", "--output", "json")
	if err != nil {
		return err
	}
	var findings []finding
	if err := json.Unmarshal([]byte(output), &findings); err != nil {
		return fmt.Errorf("it analyzed nothing: %s", output)
	}
	var errs []error
	for _, f := range findings {
		if !slices.Contains(accepted, finding{Code: f.Code, Message: f.Message}) {
			errs = append(errs, fmt.Errorf("%s [%s] (%s) %s", f.Level, f.Code, f.Origin, f.Message))
		}
	}
	return errors.Join(errs...)
}

// clusterWith is everything in a cluster that has these objects. Where istiod is not among them, another
// release of the chart has it.
func (l *linter) clusterWith(objects []unstructured.Unstructured) ([]unstructured.Unstructured, error) {
	objects = slices.Clone(objects)
	if !slices.ContainsFunc(objects, func(o unstructured.Unstructured) bool { return o.GetKind() == "Deployment" && o.GetName() == "istiod" }) {
		istio, err := l.chart.Render(render.Options{})
		if err != nil {
			return nil, err
		}
		objects = append(objects, istio.Objects...)
	}
	loaded, err := l.chart.Helm()
	if err != nil {
		return nil, err
	}
	for _, crd := range loaded.CRDObjects() {
		crds, err := parseObjects(crd.File.Data)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", crd.Filename, err)
		}
		objects = append(objects, crds...)
	}
	around, err := surroundings(objects)
	return append(objects, around...), err
}

// parseObjects reads a stream of YAML documents.
func parseObjects(stream []byte) ([]unstructured.Unstructured, error) {
	var objects []unstructured.Unstructured
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := yaml.YAMLToJSON(document)
		if err != nil {
			return nil, err
		}
		if string(content) == "null" {
			continue
		}
		var object unstructured.Unstructured
		if err := object.UnmarshalJSON(content); err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
}
