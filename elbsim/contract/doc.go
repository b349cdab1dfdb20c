// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package contract holds samples of the JSON that elbsim speaks: plan.json is `elbsim plan -o json`
// of manifests.yaml, loadbalancers.json an answer of GET /v1/loadbalancers. The tests here write
// them and keep them true; the harness, which has its own copy of the types, decodes the same files
// and refuses unknown fields. Two more say what the chart's own lists are held against:
// annotations.json the names that LBC reads, attributes.json (written by internal/fakeaws) what AWS
// knows of attributes. plan.schema.json and diff.schema.json (written by hack/schema) are for whoever reads elbsim's
// answers with a program.
package contract

//go:generate go run -C .. ./hack/schema
//go:generate go test . -update
