// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Input is what <case>.in.yaml says.
type Input struct {
	Values  json.RawMessage `json:"values"`  // of the chart
	Upgrade bool            `json:"upgrade"` // rendered as an upgrade, not as an install
	Objects []string        `json:"objects"` // "Kind/name" or "Kind/namespace/name", ": path.of.a.field" for a part: what the case is about, in this order
	Absent  []string        `json:"absent"`  // the same, of what must not be rendered
}

func readInput(file string) (Input, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return Input{}, err
	}
	var input Input
	if err := yaml.UnmarshalStrict(content, &input); err != nil {
		return Input{}, fmt.Errorf("%s: %w", file, err)
	}
	if len(input.Objects) == 0 {
		return Input{}, fmt.Errorf("%s: objects is empty; name what the case is about", file)
	}
	return input, nil
}

// choose returns the chosen objects as YAML documents.
func (in Input) choose(objects []unstructured.Unstructured) (string, error) {
	find := func(name string) (found []unstructured.Unstructured) {
		for _, o := range objects {
			if name == o.GetKind()+"/"+o.GetName() || name == o.GetKind()+"/"+o.GetNamespace()+"/"+o.GetName() {
				found = append(found, o)
			}
		}
		return found
	}
	var errs []error
	for _, name := range in.Absent {
		if len(find(name)) > 0 {
			errs = append(errs, fmt.Errorf("absent: %s is rendered", name))
		}
	}
	var documents []string
	for _, name := range in.Objects {
		name, field, _ := strings.Cut(name, ": ")
		found := find(name)
		switch len(found) {
		case 0:
			errs = append(errs, fmt.Errorf("objects: %s is not rendered", name))
			continue
		case 1:
		default:
			errs = append(errs, fmt.Errorf("objects: %s is %d objects; name one as Kind/namespace/name", name, len(found)))
			continue
		}
		document, err := part(found[0], field)
		if err != nil {
			errs = append(errs, fmt.Errorf("objects: %s: %w", name, err))
		}
		documents = append(documents, "# "+name+"\n"+document)
	}
	return strings.Join(documents, "---\n"), errors.Join(errs...)
}

// part is an object without its labels, or one field of it. A path goes into every item of a list.
func part(object unstructured.Unstructured, path string) (string, error) {
	object = *object.DeepCopy()
	object.SetLabels(nil)
	var value any = object.Object
	for _, key := range strings.Split(path, ".") {
		if path == "" {
			break
		}
		if value = at(value, key); value == nil {
			return "", fmt.Errorf("has no %s", path)
		}
	}
	text, err := yaml.Marshal(value)
	return string(text), err
}

// at is the value of a key, or the list of what the items of a list have there; nil when there is none.
func at(value any, key string) any {
	switch value := value.(type) {
	case map[string]any:
		return value[key]
	case []any:
		var all []any
		for _, item := range value {
			if found := at(item, key); found != nil {
				all = append(all, found)
			}
		}
		if len(all) > 0 {
			return all
		}
	}
	return nil
}
