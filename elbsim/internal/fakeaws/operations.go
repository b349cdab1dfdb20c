// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// operation answers one kind of API call. The lock is held while it runs.
type operation struct {
	input   string // the SDK's input type
	changes bool   // on success subscribers are told
	lasting bool   // on success the account is committed before the caller learns of it
	run     func(in any) (any, error)
}

func reads[I, O any](f func(*I) (*O, error)) operation {
	return operation{
		input: reflect.TypeFor[*I]().String(),
		run: func(in any) (any, error) {
			out, err := f(in.(*I))
			if err != nil {
				return nil, err
			}
			return out, nil
		},
	}
}

func changes[I, O any](f func(*I) (*O, error)) operation {
	op := reads(f)
	op.changes = true
	return op
}

// lasting is for what objects of the cluster refer to by ARN or ID. All else the controller finds and mends.
func lasting[I, O any](f func(*I) (*O, error)) operation {
	op := changes(f)
	op.lasting = true
	return op
}

func typeName(v any) string { return fmt.Sprintf("%T", v) }

func (a *AWS) allOperations() map[string]operation {
	all := map[string]operation{}
	for _, ops := range [][]operation{
		a.loadBalancerOperations(), a.listenerOperations(), a.certificateOperations(), a.ruleOperations(),
		a.targetGroupOperations(), a.targetOperations(), a.attributeOperations(), a.tagOperations(),
		a.networkOperations(), a.instanceOperations(), a.securityGroupOperations(),
		a.taggingOperations(), a.acmOperations(), a.webACLOperations(), a.trustStoreOperations(), a.protectionOperations(), a.capacityOperations(),
	} {
		for _, op := range ops {
			all[op.input] = op
		}
	}
	return all
}

// operationNames are the names by which AWS calls operations, such as CreateRule.
func operationNames(all map[string]operation) []string {
	names := map[string]bool{}
	for input := range all {
		names[strings.TrimSuffix(input[strings.Index(input, ".")+1:], "Input")] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// id returns n hexadecimal digits that no other call returns.
func (a *AWS) id(n int) string {
	a.serial++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", a.opts.Account, a.serial))
	return hex.EncodeToString(sum[:])[:n]
}

func (a *AWS) arn(service, resource string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, a.opts.Region, a.opts.Account, resource)
}

// wanted says whether v is among the asked for; asking for none asks for all.
func wanted(asked []string, v *string) bool { return len(asked) == 0 || slices.Contains(asked, *v) }
