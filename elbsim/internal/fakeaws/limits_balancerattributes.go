// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
)

// bucketName is what names of S3 buckets look like (S3 user guide, "Bucket naming rules").
var bucketName = regexp.MustCompile("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")

// checkBalancerAttributes applies what AWS says about attributes of a load balancer that need each other, to those
// that would hold after a change. Source: API reference, LoadBalancerAttribute; user guides, "Access logs".
func checkBalancerAttributes(lb *loadBalancer, change map[string]string) error {
	v := maps.Clone(lb.attributes.values)
	maps.Copy(v, change)
	for _, logs := range []string{"access_logs", "connection_logs", "health_check_logs"} {
		if v[logs+".s3.enabled"] != "true" {
			continue
		}
		if bucket := v[logs+".s3.bucket"]; !bucketName.MatchString(bucket) {
			return refused("The attribute '%s.s3.bucket' must name an S3 bucket while '%s.s3.enabled' is 'true', got '%s'", logs, logs, bucket)
		}
		if prefix := v[logs+".s3.prefix"]; strings.Contains(prefix, "AWSLogs") {
			return refused("The attribute '%s.s3.prefix' cannot contain 'AWSLogs', got '%s'", logs, prefix)
		}
	}
	const secondary = "secondary_ips.auto_assigned.per_subnet"
	if now, next := addressCount(lb.attributes.values[secondary]), addressCount(v[secondary]); next < now {
		return refused("The attribute '%s' cannot be decreased, from %d to %d", secondary, now, next)
	}
	return nil
}

func addressCount(value string) int {
	n, err := strconv.Atoi(value)
	if err != nil {
		return 0 // an Application Load Balancer, which does not have the attribute
	}
	return n
}
