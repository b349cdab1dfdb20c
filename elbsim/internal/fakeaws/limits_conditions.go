// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// AWS's limits on conditions: API reference, RuleCondition and the types below; user guide, "Condition types for
// listener rules".
const (
	maxConditionLength = 128
	maxHeaderName      = 40
)

// The forms of values. A host has a dot, and behind the last one letters only; wildcards there are let through,
// because AWS's documents do not say.
var (
	hostPattern   = regexp.MustCompile(`^[A-Za-z0-9.*?-]*\.[A-Za-z*?]+$`)
	pathPattern   = regexp.MustCompile(`^[A-Za-z0-9_.$/~"'@:+&*?-]+$`)
	headerName    = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$") // RFC 7230, token
	methodPattern = regexp.MustCompile("^[A-Z_-]{1,40}$")
	regexFields   = []string{"http-header", "host-header", "path-pattern"}
	escaped       = strings.NewReplacer(`\*`, "", `\?`, "")
)

// checkCondition knows the form of a condition and of its values.
func checkCondition(c types.RuleCondition, literal, regex []string) error {
	field := aws.ToString(c.Field)
	if len(regex) > 0 && !slices.Contains(regexFields, field) {
		return invalid("Regular expressions are not supported by '%s' conditions", field)
	}
	for _, v := range regex {
		if len(v) > maxConditionLength {
			return tooLong(v)
		}
		if _, err := regexp.Compile(v); err != nil {
			return invalid("The regular expression '%s' is not valid: %v", v, err)
		}
	}
	if field == "http-header" {
		if err := checkHeaderName(c.HttpHeaderConfig); err != nil {
			return err
		}
	}
	for _, v := range literal {
		if err := checkConditionValue(field, v); err != nil {
			return err
		}
	}
	if c.QueryStringConfig != nil {
		for _, p := range c.QueryStringConfig.Values {
			if v := aws.ToString(p.Value); len(v) > maxConditionLength || v == "" {
				return invalid("The query string value '%s' must have between 1 and %d characters", v, maxConditionLength)
			}
			if k := aws.ToString(p.Key); len(k) > maxConditionLength {
				return tooLong(k)
			}
		}
	}
	return nil
}

func tooLong(value string) error {
	return invalid("Condition value '%s' cannot be longer than '%d' characters", value, maxConditionLength)
}

func checkHeaderName(c *types.HttpHeaderConditionConfig) error {
	name := ""
	if c != nil {
		name = aws.ToString(c.HttpHeaderName)
	}
	switch {
	case len(name) > maxHeaderName || !headerName.MatchString(name):
		return invalid("HTTP header name '%s' must have between 1 and %d characters of those that RFC 7230 allows", name, maxHeaderName)
	case strings.EqualFold(name, "host"):
		return invalid("HTTP header name '%s' is not allowed; use a 'host-header' condition", name)
	}
	return nil
}

func checkConditionValue(field, value string) error {
	if len(value) > maxConditionLength && field != "query-string" {
		return tooLong(value)
	}
	switch field {
	case "host-header":
		if !hostPattern.MatchString(value) {
			return invalid("The host header value '%s' must contain at least one '.' and only letters after the last one, of letters, digits, '-', '.', '*' and '?'", value)
		}
	case "path-pattern":
		if !pathPattern.MatchString(value) {
			return invalid("The path pattern '%s' can only contain letters, digits and _ - . $ / ~ \" ' @ : + & * ?", value)
		}
	case "http-request-method":
		if !methodPattern.MatchString(value) {
			return invalid("The HTTP request method '%s' must have between 1 and 40 characters of A-Z, '-' and '_'", value)
		}
	case "source-ip":
		if _, err := netip.ParsePrefix(value); err != nil || value == "255.255.255.255/32" {
			return invalid("The source IP value '%s' must be a CIDR block other than 255.255.255.255/32", value)
		}
	}
	return nil
}

// conditionValues returns the values of a condition that are no regular expressions, whichever field holds them. A
// key and a value of a query string are two.
func conditionValues(c types.RuleCondition) []string {
	out := slices.Clone(c.Values)
	if x := c.HostHeaderConfig; x != nil {
		out = append(out, x.Values...)
	}
	if x := c.PathPatternConfig; x != nil {
		out = append(out, x.Values...)
	}
	if x := c.HttpHeaderConfig; x != nil {
		out = append(out, x.Values...)
	}
	if x := c.HttpRequestMethodConfig; x != nil {
		out = append(out, x.Values...)
	}
	if x := c.SourceIpConfig; x != nil {
		out = append(out, x.Values...)
	}
	if x := c.QueryStringConfig; x != nil {
		for _, p := range x.Values {
			out = append(out, aws.ToString(p.Key)+"="+aws.ToString(p.Value))
		}
	}
	return out
}

func conditionRegexes(c types.RuleCondition) []string {
	out := slices.Clone(c.RegexValues)
	if x := c.HostHeaderConfig; x != nil {
		out = append(out, x.RegexValues...)
	}
	if x := c.PathPatternConfig; x != nil {
		out = append(out, x.RegexValues...)
	}
	if x := c.HttpHeaderConfig; x != nil {
		out = append(out, x.RegexValues...)
	}
	return out
}
