// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// regexes is a condition that is met by expressions.
func regexes(field string, values ...string) []types.RuleCondition {
	return []types.RuleCondition{{Field: aws.String(field), RegexValues: values}}
}

func header(name string, values ...string) []types.RuleCondition {
	return []types.RuleCondition{{Field: aws.String("http-header"), HttpHeaderConfig: &types.HttpHeaderConditionConfig{HttpHeaderName: aws.String(name), Values: values}}}
}

func query(key, value string) []types.RuleCondition {
	return []types.RuleCondition{{Field: aws.String("query-string"), QueryStringConfig: &types.QueryStringConditionConfig{
		Values: []types.QueryStringKeyValuePair{{Key: aws.String(key), Value: aws.String(value)}}}}}
}

func TestConditionValueLimits(t *testing.T) {
	long := strings.Repeat("a", 129)
	for _, c := range []struct {
		name       string
		conditions []types.RuleCondition
		what       string // empty: AWS takes it
	}{
		{"wildcards in an expression are none", regexes("path-pattern", "^/(a*|b*|c*|d*|e*|f*)$"), ""},
		{"an expression of a host without a dot", regexes("host-header", "^local$"), ""},
		{"an expression that is none", regexes("path-pattern", "^/(a"), "regular expression '^/(a' is not valid"},
		{"an expression of 129 characters", regexes("path-pattern", long), "cannot be longer than '128'"},
		{"an expression for a method", regexes("http-request-method", "GET|PUT"), "not supported by 'http-request-method'"},
		{"six expressions", regexes("path-pattern", "a", "b", "c", "d", "e", "f"), "condition values, got 6"},
		{"a header", header("X-Version", "v*"), ""},
		{"a header name of 41 characters", header(long[:41], "a"), "between 1 and 40"},
		{"a header name with a blank", header("X Version", "a"), "'X Version'"},
		{"the header Host", header("Host", "a.org"), "use a 'host-header' condition"},
		{"a method in small letters", values("http-request-method", "get"), "'get'"},
		{"a path with a character that is not allowed", paths("/a|b"), "'/a|b'"},
		{"a path with a query", paths("/a?b=c"), "'/a?b=c'"},
		{"a path with all that is allowed", paths(`/aZ0_-.$~"'@:+&*?`), ""},
		{"a host with an underscore", values("host-header", "a_b.example.com"), "'a_b.example.com'"},
		{"key and value of a query string of 128 characters each", query(long[:128], long[:128]), ""},
		{"a query string value of 129", query("a", long), "between 1 and 128"},
		{"a query string key of 129", query(long, "a"), "cannot be longer"},
		{"escaped wildcards are none", query("a", `\*\*\*\*\*\*\?`), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{})
			_, err := a.tryRule(a.listener(a.lb("lb", alb), 80, "HTTP", answer("404")), 1, c.conditions, answer("200"))
			if c.what == "" {
				require.NoError(t, err)
				return
			}
			code(t, err, "ValidationError", c.what)
		})
	}
}

func TestTransformLimits(t *testing.T) {
	url := func(pairs ...string) types.RuleTransform {
		c := &types.UrlRewriteConfig{}
		for i := 0; i < len(pairs); i += 2 {
			c.Rewrites = append(c.Rewrites, types.RewriteConfig{Regex: aws.String(pairs[i]), Replace: aws.String(pairs[i+1])})
		}
		return types.RuleTransform{Type: types.TransformTypeEnumUrlRewrite, UrlRewriteConfig: c}
	}
	for _, c := range []struct {
		name       string
		transforms []types.RuleTransform
		what       string
	}{
		{"one", []types.RuleTransform{url("^/a/(.*)$", "/$1")}, ""},
		{"two of a type", []types.RuleTransform{url("a", "b"), url("c", "d")}, "one transform of type 'url-rewrite'"},
		{"two rewrites", []types.RuleTransform{url("a", "b", "c", "d")}, "exactly one rewrite, got 2"},
		{"a type that is none", []types.RuleTransform{{Type: "path"}}, "'path'"},
		{"an expression that is none", []types.RuleTransform{url("(", "b")}, "'(' of a transform is not valid"},
		{"no expression", []types.RuleTransform{url("", "b")}, "is not valid"},
		{"1025 characters", []types.RuleTransform{url("a", strings.Repeat("a", 1025))}, "'1024'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{})
			_, err := a.elb.CreateRule(t.Context(), &elbv2.CreateRuleInput{
				ListenerArn: a.listener(a.lb("lb", alb), 80, "HTTP", answer("404")), Priority: aws.Int32(1), Conditions: paths("/a"), Actions: answer("200"), Transforms: c.transforms,
			})
			if c.what == "" {
				require.NoError(t, err)
				return
			}
			code(t, err, "ValidationError", c.what)
		})
	}
}

func TestIdentityLimits(t *testing.T) {
	oidc := func(edit func(*types.AuthenticateOidcActionConfig)) types.Action {
		c := &types.AuthenticateOidcActionConfig{
			Issuer: aws.String("https://id.example.com"), AuthorizationEndpoint: aws.String("https://id.example.com/a"), TokenEndpoint: aws.String("https://id.example.com/t"),
			UserInfoEndpoint: aws.String("https://id.example.com/u"), ClientId: aws.String("c"), ClientSecret: aws.String("s"),
		}
		edit(c)
		return types.Action{Type: types.ActionTypeEnumAuthenticateOidc, Order: aws.Int32(1), AuthenticateOidcConfig: c}
	}
	jwt := func(edit func(*types.JwtValidationActionConfig)) types.Action {
		c := &types.JwtValidationActionConfig{JwksEndpoint: aws.String("https://id.example.com/keys"), Issuer: aws.String("https://id.example.com")}
		edit(c)
		return types.Action{Type: types.ActionTypeEnumJwtValidation, Order: aws.Int32(1), JwtValidationConfig: c}
	}
	claim := func(name string, values ...string) types.Action {
		return jwt(func(c *types.JwtValidationActionConfig) {
			c.AdditionalClaims = []types.JwtValidationActionAdditionalClaim{{Name: aws.String(name), Format: "single-string", Values: append([]string{}, values...)}}
		})
	}
	for _, c := range []struct {
		name   string
		action types.Action
		what   string
	}{
		{"sign-in", oidc(func(*types.AuthenticateOidcActionConfig) {}), ""},
		{"an endpoint over HTTP", oidc(func(c *types.AuthenticateOidcActionConfig) { c.TokenEndpoint = aws.String("http://id.example.com/t") }), "token endpoint 'http://id.example.com/t' must be a URL with HTTPS"},
		{"no client", oidc(func(c *types.AuthenticateOidcActionConfig) { c.ClientId = aws.String("") }), "A client ID must be specified"},
		{"a behaviour that is none", oidc(func(c *types.AuthenticateOidcActionConfig) { c.OnUnauthenticatedRequest = "refuse" }), "'refuse' must be one of"},
		{"a session longer than a week", oidc(func(c *types.AuthenticateOidcActionConfig) { c.SessionTimeout = aws.Int64(604801) }), "'604801'"},
		{"eleven extra parameters", oidc(func(c *types.AuthenticateOidcActionConfig) {
			c.AuthenticationRequestExtraParams = map[string]string{}
			for _, k := range strings.Split("abcdefghijk", "") {
				c.AuthenticationRequestExtraParams[k] = "x"
			}
		}), "got 11"},
		{"a Cognito session that is too long", types.Action{Type: types.ActionTypeEnumAuthenticateCognito, AuthenticateCognitoConfig: &types.AuthenticateCognitoActionConfig{
			UserPoolArn: aws.String("arn"), UserPoolClientId: aws.String("c"), UserPoolDomain: aws.String("d"), SessionTimeout: aws.Int64(0)}}, "Session timeout '0'"},
		{"no configuration", types.Action{Type: types.ActionTypeEnumAuthenticateOidc}, "configuration of an action of type 'authenticate-oidc'"},
		{"a token", jwt(func(*types.JwtValidationActionConfig) {}), ""},
		{"keys over HTTP", jwt(func(c *types.JwtValidationActionConfig) { c.JwksEndpoint = aws.String("http://id.example.com/keys") }), "JWKS endpoint"},
		{"no issuer", jwt(func(c *types.JwtValidationActionConfig) { c.Issuer = aws.String("") }), "issuer must have between 1 and 256"},
		{"a claim", claim("scope", "read"), ""},
		{"a claim that is always checked", claim("exp", "1"), "'exp'"},
		{"a claim without values", claim("scope"), "between 1 and 10 values, got 0"},
		{"a long value of a claim", claim("scope", strings.Repeat("a", 257)), "256"},
		{"eleven claims", jwt(func(c *types.JwtValidationActionConfig) {
			for _, k := range strings.Split("abcdefghijk", "") {
				c.AdditionalClaims = append(c.AdditionalClaims, types.JwtValidationActionAdditionalClaim{Name: aws.String(k), Format: "single-string", Values: []string{"x"}})
			}
		}), "additional claims, got 11"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{})
			_, err := a.tryListener(a.lb("lb", alb), 443, "HTTPS", append([]types.Action{c.action}, answer("200")...), func(l *elbv2.CreateListenerInput) {
				l.Certificates = []types.Certificate{{CertificateArn: aws.String(certificate)}}
			})
			if c.what == "" {
				require.NoError(t, err)
				return
			}
			code(t, err, "ValidationError", c.what)
		})
	}
}

func TestListenerAttributeLimits(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	l, err := a.tryListener(a.lb("lb", alb), 443, "HTTPS", answer("200"), func(l *elbv2.CreateListenerInput) {
		l.Certificates = []types.Certificate{{CertificateArn: aws.String(certificate)}}
	})
	require.NoError(t, err)
	const response = "routing.http.response."
	for _, c := range []struct{ key, value, what string }{
		{response + "x_frame_options.header_value", "SAMEORIGIN", ""},
		{response + "x_frame_options.header_value", "", ""},
		{response + "x_frame_options.header_value", "ALLOWALL", "DENY, SAMEORIGIN"},
		{response + "x_content_type_options.header_value", "sniff", "nosniff"},
		{response + "access_control_allow_methods.header_value", "GET,POST", ""},
		{response + "access_control_allow_methods.header_value", "get", "a list of HTTP methods"},
		{response + "access_control_allow_credentials.header_value", "false", "it must be true"},
		{response + "access_control_max_age.header_value", "86401", "between 0 and 86400"},
		{response + "content_security_policy.header_value", "default-src 'self'\n", "printable"},
		{"routing.http.request.x_amzn_tls_version.header_name", "X Version", "1 to 40 letters"},
		{"routing.http.request.x_amzn_tls_version.header_name", "X-Version", ""},
	} {
		t.Run(c.key+"="+c.value, func(t *testing.T) {
			_, err := a.elb.ModifyListenerAttributes(t.Context(), &elbv2.ModifyListenerAttributesInput{
				ListenerArn: l, Attributes: []types.ListenerAttribute{{Key: aws.String(c.key), Value: aws.String(c.value)}},
			})
			if c.what == "" {
				require.NoError(t, err)
				return
			}
			code(t, err, "ValidationError", c.what)
		})
	}
}

func TestLoadBalancerAttributesThatNeedEachOther(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	app, net := a.lb("app", alb), a.lb("net", nlb)
	set := func(lb *string, pairs ...string) error {
		in := &elbv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: lb}
		for i := 0; i < len(pairs); i += 2 {
			in.Attributes = append(in.Attributes, types.LoadBalancerAttribute{Key: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
		}
		_, err := a.elb.ModifyLoadBalancerAttributes(t.Context(), in)
		return err
	}
	code(t, set(app, "access_logs.s3.enabled", "true"), "InvalidConfigurationRequest", "must name an S3 bucket")
	code(t, set(app, "connection_logs.s3.enabled", "true", "connection_logs.s3.bucket", "My_Bucket"), "InvalidConfigurationRequest", "'My_Bucket'")
	code(t, set(net, "access_logs.s3.enabled", "true", "access_logs.s3.bucket", "logs", "access_logs.s3.prefix", "a/AWSLogs"), "InvalidConfigurationRequest", "cannot contain 'AWSLogs'")
	require.NoError(t, set(app, "access_logs.s3.enabled", "true", "access_logs.s3.bucket", "logs"))
	const secondary = "secondary_ips.auto_assigned.per_subnet"
	require.NoError(t, set(net, secondary, "2"))
	code(t, set(net, secondary, "1"), "InvalidConfigurationRequest", "from 2 to 1")
	require.NoError(t, set(net, secondary, "3"))
}
