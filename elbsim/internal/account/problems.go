// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package account

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// problems are all that is wrong with a file.
type problems struct {
	path  string
	typed bool // the file is YAML, though of wrong types
	found []problem
}

type problem struct {
	line    int
	message string
}

func (p *problems) none() bool { return len(p.found) == 0 }

// add names a key and its value, and what would be right.
func (p *problems) add(key string, v text, format string, args ...any) {
	p.found = append(p.found, problem{v.line, fmt.Sprintf("%s %q: ", key, v.value) + fmt.Sprintf(format, args...)})
}

// missing names a key that is needed at a place whose first line is known.
func (p *problems) missing(key string, line int, cure string) {
	p.found = append(p.found, problem{line, key + " is missing; " + cure})
}

// err lists the problems in the order of the file.
func (p *problems) err() error {
	slices.SortStableFunc(p.found, func(x, y problem) int { return cmp.Compare(x.line, y.line) })
	var lines []string
	for _, x := range p.found {
		place := p.path
		if x.line > 0 {
			place += ":" + strconv.Itoa(x.line)
		}
		lines = append(lines, place+": "+x.message)
	}
	return errors.New(strings.Join(lines, "\n"))
}

var (
	atLine     = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	unknownKey = regexp.MustCompile(`^field (\S+) not found in type account\.(\w+)$`)
	wrongType  = regexp.MustCompile("^cannot unmarshal (?:!!(\\w+)(?: `(.*)`)?) into (.+)$")
)

// decoding puts the errors of the YAML library into words of the file.
func (p *problems) decoding(err error) {
	all := []string{err.Error()}
	var several *yaml.TypeError
	if errors.As(err, &several) {
		all, p.typed = several.Errors, true
	}
	for _, message := range all {
		x := problem{message: message}
		if m := atLine.FindStringSubmatch(message); m != nil {
			x.message = m[2]
			if n, err := strconv.Atoi(m[1]); err == nil {
				x.line = n
			}
		}
		if m := unknownKey.FindStringSubmatch(x.message); m != nil {
			x.message = fmt.Sprintf("%q is no key here; allowed are %s", m[1], list(keysOf(reflect.TypeFor[file](), m[2])))
		} else if m := wrongType.FindStringSubmatch(x.message); m != nil {
			x.message = "want " + inWords(m[3]) + ", got " + got(m[1], m[2])
		}
		p.found = append(p.found, x)
	}
}

func inWords(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case goType == "bool":
		return "true or false"
	case strings.HasPrefix(goType, "map["):
		return "keys with values"
	}
	return "the keys " + list(keysOf(reflect.TypeFor[file](), strings.TrimPrefix(goType, "account.")))
}

func got(tag, value string) string {
	switch {
	case tag == "seq":
		return "a list"
	case tag == "map":
		return "keys with values"
	}
	return strconv.Quote(value)
}

// keysOf finds the type of a name in a type and lists its keys.
func keysOf(in reflect.Type, name string) []string {
	for in.Kind() == reflect.Slice || in.Kind() == reflect.Map {
		in = in.Elem()
	}
	if in.Kind() != reflect.Struct {
		return nil
	}
	var own, below []string
	for i := range in.NumField() {
		if key := in.Field(i).Tag.Get("yaml"); key != "" {
			own = append(own, key)
			if below == nil {
				below = keysOf(in.Field(i).Type, name)
			}
		}
	}
	if in.Name() == name {
		return own
	}
	return below
}
