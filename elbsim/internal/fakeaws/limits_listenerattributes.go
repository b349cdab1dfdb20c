// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// headerValues are the forms of headers' values that a listener may add, with words for them (user guide, "Enable HTTP
// header modification for your Application Load Balancer"). An empty value adds none. Of the others any printable
// text is taken.
var headerValues = map[string]struct {
	allows func(string) bool
	words  string
}{
	"access_control_allow_credentials": {regexp.MustCompile("^true$").MatchString, "true"},
	"access_control_allow_methods":     {regexp.MustCompile(`^(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|\*)(, ?(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|\*))*$`).MatchString, "a list of HTTP methods, such as GET,POST"},
	"access_control_max_age":           {isMaxAge, "between 0 and 86400"},
	"x_content_type_options":           {regexp.MustCompile("^nosniff$").MatchString, "nosniff"},
	"x_frame_options":                  {regexp.MustCompile(`^(DENY|SAMEORIGIN|ALLOW-FROM [!-~]+)$`).MatchString, "DENY, SAMEORIGIN or ALLOW-FROM and an origin"},
}

var (
	printable = regexp.MustCompile(`^[ -~]*$`)
	renamed   = regexp.MustCompile("^[A-Za-z0-9_-]{1,40}$")
)

func isMaxAge(v string) bool {
	n, err := strconv.Atoi(v)
	return err == nil && n >= 0 && n <= 86400
}

// checkListenerAttributes applies them to new values of known attributes.
func checkListenerAttributes(values map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value := values[key]
		if strings.HasSuffix(key, ".header_name") && !renamed.MatchString(value) {
			return invalid("Listener attribute '%s' cannot be '%s'; it must have 1 to 40 letters, digits, '-' and '_'", key, value)
		}
		header, ok := strings.CutSuffix(strings.TrimPrefix(key, "routing.http.response."), ".header_value")
		if !ok || value == "" {
			continue
		}
		if !printable.MatchString(value) {
			return invalid("Listener attribute '%s' cannot be '%s'; it must be printable characters", key, value)
		}
		if form, ok := headerValues[header]; ok && !form.allows(value) {
			return invalid("Listener attribute '%s' cannot be '%s'; it must be %s", key, value, form.words)
		}
	}
	return nil
}
