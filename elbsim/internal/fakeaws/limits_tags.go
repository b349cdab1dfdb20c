// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// AWS's limits on tags: user guide, "Tag restrictions".
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

func checkTags(tags []types.Tag) error {
	if len(tags) > maxTags {
		return &types.TooManyTagsException{Message: aws.String(fmt.Sprintf("A resource cannot have more than %d tags, got %d", maxTags, len(tags)))}
	}
	seen := map[string]bool{}
	for _, t := range tags {
		key, value := aws.ToString(t.Key), aws.ToString(t.Value)
		switch {
		case key == "" || utf8.RuneCountInString(key) > maxTagKey:
			return invalid("Tag key '%s' must have between 1 and %d characters", key, maxTagKey)
		case utf8.RuneCountInString(value) > maxTagValue:
			return invalid("Value of tag '%s' must have at most %d characters", key, maxTagValue)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return invalid("Tag key '%s' begins with 'aws:', which is reserved", key)
		case seen[key]:
			return &types.DuplicateTagKeysException{Message: aws.String(fmt.Sprintf("Tag key '%s' is given twice", key))}
		}
		seen[key] = true
	}
	return nil
}
