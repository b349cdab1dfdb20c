// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRenderedAnnotationsAreInTheLists holds for every preset: what stands on an object under the controller's prefixes is in the list,
// on the object that the list says, and set by a value unless the preset itself writes it under annotations.
func TestRenderedAnnotationsAreInTheLists(t *testing.T) {
	releases, err := presetsOnce()
	require.NoError(t, err)
	seen, lists := 0, map[string]map[string]listedAnnotation{"alb": annotationsOf(t, "alb"), "nlb": annotationsOf(t, "nlb")}
	for name, release := range releases {
		content, err := os.ReadFile(filepath.Join(valuesDir, filepath.Dir(name)+".yaml"))
		require.NoError(t, err)
		for _, object := range release.Objects {
			for full := range object.GetAnnotations() {
				kind, short := controllers(full)
				if kind == "" {
					continue
				}
				seen++
				at := fmt.Sprintf("%s: %s %s: %s", name, object.GetKind(), object.GetName(), full)
				key, found := lookUp(lists[kind], short)
				if !assert.True(t, found, "%s is in no list", at) {
					continue
				}
				entry := lists[kind][key]
				assert.Equal(t, entry.Object, strings.ToLower(object.GetKind()), at)
				assert.True(t, !entry.through() || entry.Unlisted || strings.Contains(string(content), full), "%s: the chart writes it, so it needs value or fixed in the list", at)
			}
		}
	}
	assert.Greater(t, seen, 100, "annotations in the presets")
}

// TestValuesWriteTheirAnnotations sets the values that the lists name, and finds each annotation that they are said to set, on the
// object that the list says, and no annotation that the lists leave to the user.
func TestValuesWriteTheirAnnotations(t *testing.T) {
	otherwise := map[string]string{ // owned, so that nobody writes it, and set in another way
		"aws-load-balancer-type":                              "the class",
		"aws-load-balancer-internal":                          "aws-load-balancer-scheme",
		"aws-load-balancer-proxy-protocol":                    "aws-load-balancer-proxy-protocol-per-target-group, without the health check's port",
		"aws-load-balancer-cross-zone-load-balancing-enabled": "aws-load-balancer-attributes",
		"aws-load-balancer-access-log-enabled":                "aws-load-balancer-attributes, which can switch logs off again",
		"aws-load-balancer-access-log-s3-bucket-name":         "aws-load-balancer-attributes",
		"aws-load-balancer-access-log-s3-bucket-prefix":       "aws-load-balancer-attributes",
		"load-balancer-source-ranges":                         "spec.loadBalancerSourceRanges",
	}
	const tls = "tls: {certificateArns: [" + certificate + "]"
	everything := []string{
		alb(`name: shop, group: {name: edge, order: 1}, ipAddressType: dualstack, subnets: [a, b], inboundCIDRs: [10.0.0.0/8], prefixLists: [pl-0123456789abcdef0],
			waf: {webACLArn: none}, shieldAdvanced: true, tags: {a: b}, targetType: instance, targetNodeLabels: {a: b}, ` + tls + `, clientCertificates: {mode: passthrough}},
			listeners: [{protocol: HTTP, port: 80}, {protocol: HTTPS, port: 443, attributes: {routing.http.response.server.enabled: "false"}}],
			authentication: {type: cognito, cognito: {userPoolARN: "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/p", userPoolClientID: c, userPoolDomain: d}},
			actions: [{name: old, paths: [/old], conditions: {methods: [GET]}, forward: {to: [{service: old, port: 80}]}, transforms: {url: [{regex: ^/old, replace: /}]}}],
			frontendNLB: {enabled: true, subnets: [a, b], securityGroups: [sg-1], eipAllocations: [eipalloc-0123456789abcdef0, eipalloc-0123456789abcdef1],
				ports: {"443": 443}, attributes: {dns_record.client_routing_policy: availability_zone_affinity}, tags: {a: b}}`),
		alb(`securityGroups: [sg-1], ` + tls + `}, authentication: {type: oidc, oidc: {issuer: "https://id", authorizationEndpoint: "https://id/a", tokenEndpoint: "https://id/t", userInfoEndpoint: "https://id/u", secret: client}}`),
		alb(tls + `}, jwtValidation: {jwksEndpoint: "https://id/keys", issuer: id}`),
		nlb(`name: shop, subnets: [a, b], staticIPs: {privateIPv4Addresses: [10.0.0.1, 10.0.1.1]}, prefixLists: [pl-0123456789abcdef0], targetType: instance, targetNodeLabels: {a: b}, tags: {a: b},
			accessLogs: {bucket: logs, prefix: p}, crossZone: true, idleTimeoutSeconds: 600, ` + tls + `, ports: [https], alpnPolicy: HTTP2Preferred},
			ports: [{name: https, port: 443, targetPort: 8443}, {name: http, port: 80, targetPort: 8080, proxyProtocol: strict}, {name: dns, port: 53, targetPort: 5353, protocol: TCP_UDP}]`),
		nlb(`securityGroups: [sg-1], ipAddressType: dualstack, ` + tls + `, ports: [https], reencrypt: true, credentials: [{secret: gateway}]}, ports: [{name: https, port: 443, targetPort: 8443}]`),
		`loadBalancers: {nlbPublic: {enabled: true, subnets: [a, b], staticIPs: {eipAllocations: [eipalloc-0123456789abcdef0, eipalloc-0123456789abcdef1]}}}`,
	}
	written, lists := map[string]bool{}, map[string]map[string]listedAnnotation{"alb": annotationsOf(t, "alb"), "nlb": annotationsOf(t, "nlb")}
	for _, values := range everything {
		for _, object := range rendered(t, "base: {enabled: false}", values).Objects {
			for full := range object.GetAnnotations() {
				kind, short := controllers(full)
				if kind == "" {
					continue
				}
				key, found := lookUp(lists[kind], short)
				if !assert.True(t, found, "%s is in no list", full) {
					continue
				}
				assert.False(t, lists[kind][key].through(), "%s: the chart writes it, so it needs value or fixed in the list", full)
				assert.Equal(t, lists[kind][key].Object, strings.ToLower(object.GetKind()), full)
				written[key] = true
			}
		}
	}
	for _, entries := range lists {
		for key, entry := range entries {
			if !entry.through() {
				assert.Equal(t, otherwise[key] == "", written[key], "%s: written by the values above", key)
			}
		}
	}
}
