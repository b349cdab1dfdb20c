// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// maxRewrite is the length of an expression and of what replaces it (API: RewriteConfig).
const maxRewrite = 1024

// checkTransforms takes one transform of each type, with one rewrite (API: RuleTransform; user guide, "Transforms").
func checkTransforms(all []types.RuleTransform) error {
	seen := map[types.TransformTypeEnum]bool{}
	for _, x := range all {
		var rewrites []types.RewriteConfig
		switch {
		case x.Type == types.TransformTypeEnumUrlRewrite && x.UrlRewriteConfig != nil:
			rewrites = x.UrlRewriteConfig.Rewrites
		case x.Type == types.TransformTypeEnumHostHeaderRewrite && x.HostHeaderRewriteConfig != nil:
			rewrites = x.HostHeaderRewriteConfig.Rewrites
		}
		if len(rewrites) != 1 {
			return invalid("A transform of type '%s' must have exactly one rewrite, got %d", x.Type, len(rewrites))
		}
		if seen[x.Type] {
			return invalid("A rule can only have one transform of type '%s'", x.Type)
		}
		seen[x.Type] = true
		expression, replace := aws.ToString(rewrites[0].Regex), aws.ToString(rewrites[0].Replace)
		if n := max(len(expression), len(replace)); n > maxRewrite {
			return invalid("The expression and the replacement of a transform cannot be longer than '%d' characters, got %d", maxRewrite, n)
		}
		if _, err := regexp.Compile(expression); err != nil || expression == "" {
			return invalid("The regular expression '%s' of a transform is not valid", expression)
		}
	}
	return nil
}
