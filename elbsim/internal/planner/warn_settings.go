// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/aws-load-balancer-controller/pkg/annotations"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/shared_constants"
)

// settings are the annotations of an object under one prefix, read as the controller reads them.
type settings struct {
	prefix string // with its slash
	of     map[string]string
	parser annotations.Parser
}

func newSettings(prefix string, of map[string]string) settings {
	return settings{prefix + "/", of, annotations.NewSuffixAnnotationParser(prefix)}
}

func ingressSettings(of map[string]string) settings {
	return newSettings(annotations.AnnotationPrefixIngress, of)
}

func (s settings) has(suffix string) bool {
	_, ok := s.of[s.prefix+suffix]
	return ok
}

func (s settings) value(suffix string) string { return s.of[s.prefix+suffix] }

// isTrue says whether it is a boolean that is true.
func (s settings) isTrue(suffix string) bool {
	on, err := strconv.ParseBool(s.value(suffix))
	return err == nil && on
}

func (s settings) list(suffix string) []string {
	var out []string
	s.parser.ParseStringSliceAnnotation(suffix, &out, s.of)
	return out
}

// pairs are those of key=value; none if they do not parse, which is a rejection.
func (s settings) pairs(suffix string) map[string]string {
	var out map[string]string
	if _, err := s.parser.ParseStringMapAnnotation(suffix, &out, s.of); err != nil {
		return nil
	}
	return out
}

// suffixes that are set and begin so, in order.
func (s settings) suffixes(start string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(s.of)) {
		if suffix, ok := strings.CutPrefix(key, s.prefix); ok && strings.HasPrefix(suffix, start) {
			out = append(out, suffix)
		}
	}
	return out
}

// named writes an annotation with its value, if that is short.
func (s settings) named(suffix string) string {
	out := "annotation " + s.prefix + suffix
	if v := s.value(suffix); len(v) <= 60 {
		out += fmt.Sprintf(" %q", v)
	}
	return out
}

// idle warns of those suffixes that are set. why ends in the cure.
func (p *plan) idle(name string, s settings, why string, suffixes ...string) {
	for _, suffix := range suffixes {
		if s.has(suffix) {
			p.warning(name, "%s has no effect: %s", s.named(suffix), why)
		}
	}
}

// warnLogs names logs that are described and not written: built are the attributes of the load balancer that differ from the default.
func (p *plan) warnLogs(name string, s settings, suffix string, built map[string]string) {
	own := s.pairs(suffix)
	for _, kind := range []string{"access_logs", "connection_logs", "health_check_logs"} {
		if own[kind+".s3.bucket"] != "" && built[kind+".s3.enabled"] != "true" {
			p.warning(name, "%s.s3.bucket in annotation %s%s has no effect: nothing is logged without %s.s3.enabled=true; add it", kind, s.prefix, suffix, kind)
		}
	}
}

// warnStickiness names details of a stickiness that is off.
func (p *plan) warnStickiness(name string, s settings, suffix string) {
	own := s.pairs(suffix)
	if on, err := strconv.ParseBool(own["stickiness.enabled"]); err == nil && on {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(own)) {
		if strings.HasPrefix(key, "stickiness.") && key != "stickiness.enabled" {
			p.warning(name, "%s in annotation %s%s has no effect: stickiness is off; add stickiness.enabled=true", key, s.prefix, suffix)
		}
	}
}

// warnTags names tags that are the controller's own, which it does not let anybody change.
func (p *plan) warnTags(name string, s settings, suffix string) {
	for _, key := range slices.Sorted(maps.Keys(s.pairs(suffix))) {
		if key == shared_constants.TagKeyK8sCluster || strings.HasPrefix(key, ingressTags+"/") || strings.HasPrefix(key, serviceTags+"/") {
			p.warning(name, "tag %s in annotation %s%s has no effect: the controller finds its load balancers by it and sets it itself; choose another key", key, s.prefix, suffix)
		}
	}
}

// warnCapacity names a capacity that is no number, which the controller reads as 0.
func (p *plan) warnCapacity(name string, s settings, suffix string) {
	if v, ok := s.pairs(suffix)["CapacityUnits"]; ok {
		if _, err := strconv.ParseInt(v, 10, 64); err != nil {
			p.warning(name, "CapacityUnits=%s in annotation %s%s is no number: the controller reserves 0; write CapacityUnits=<number>", v, s.prefix, suffix)
		}
	}
}
