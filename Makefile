# SPDX-License-Identifier: Apache-2.0
# The only entry point: what CI runs, a laptop runs. Plain `make` prints help.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --warn-undefined-variables --no-print-directory
include versions.env

# One set of Go settings for every module, so that they share one build cache.
export CGO_ENABLED := 0
export GOWORK := off
export GOFLAGS := -trimpath -buildvcs=false
# What is vetted and tested. hack/tools has no packages of its own; its go.mod is verified with these.
MODULES := . elbsim test/argocd hack/components

LAB ?= istio-aws-lab
VALUES ?= values/kind.yaml
IMAGE_REGISTRY ?=
export IMAGE_REGISTRY
# One end to end test by name: make test-e2e RUN=TestALBPublic
RUN ?= .

##@ Use

help: ## Show this help.
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

up: deps ## Bring up the lab and print what to curl (VALUES=file, LAB=name, IMAGE_REGISTRY=mirror).
	@go run ./hack/lab up --name $(LAB) --values $(VALUES)

down: ## Remove the lab: containers, network and everything in them.
	@go run ./hack/lab down --name $(LAB)

plan: deps elbsim ## Print the load balancers that AWS would build from VALUES.
	@go tool helm template istio-aws charts/istio-aws -n istio-system -f $(VALUES) | bin/elbsim plan -

package: deps ## Make the complete chart package in dist/.
	@go tool helm package charts/istio-aws -d dist

##@ Build

deps: ## Put Istio's charts and CRDs under charts/istio-aws.
	@go run ./hack/deps

elbsim: ## Build bin/elbsim.
	@cd elbsim && go build -ldflags '-s -w' -o ../bin/elbsim .

helm: ## Build bin/helm (Helm 3) and bin/helm4, which users run, ct calls and test/render compares.
	@go build -o bin/ helm.sh/helm/v3/cmd/helm
	@cd hack/components && go build -o ../../bin/helm4 helm.sh/helm/v4/cmd/helm

tools: ## Build the linters into bin/: those of hack/tools, and hack/schemas.
	@go build -C hack/tools -o ../../bin/ tool
	@go build -o bin/ ./hack/schemas

images: ## Build everything the lab runs, without starting it.
	@go run ./hack/lab build

generate: ## Write all generated files again.
	@go run ./hack/values
	@cd elbsim && go generate ./... && go run ./hack/fidelity ../docs/elbsim-fidelity.md

##@ Check

test: test-unit test-clients test-console test-e2e ## Every tier; brings up and removes a cluster of its own.

test-unit: deps elbsim helm ## Unit, render and plan tests: no Docker.
	@for m in $(MODULES); do go test -C $$m ./...; done

test-clients: ## Test elbsim's load balancers with curl, gRPC, Envoy and other foreign programs.
	@ENVOY=$$(go run ./hack/packages clients) && export ENVOY && go test -C elbsim -tags clients -count=1 ./internal/dataplane/clients/...

test-console: ## Test elbsim's console in headless Chromium.
	@go run ./hack/packages console
	@go test -C elbsim -tags browser -count=1 ./internal/console

test-e2e: deps elbsim ## End to end on a kind cluster of its own (RUN=pattern, KEEP=1 keeps the cluster).
	@grep -hoE '^func Test\w+' test/e2e/*_test.go | grep -qE '$(firstword $(subst /, ,$(RUN)))' || { echo "RUN=$(RUN) names no test of test/e2e" >&2; exit 1; }
	@go test -tags e2e -count=1 -timeout 40m -v -run '$(RUN)' ./test/e2e/...

bench-elbsim: ## Measure elbsim's load balancers beside HAProxy and nginx.
	@go run ./hack/packages bench
	@go run -C elbsim ./hack/bench

bench-install: deps elbsim ## Time one-release installs beside four official releases.
	@go test -tags bench -count=1 -timeout 60m -v -run '$(RUN)' ./test/bench/...

lint: lint-go lint-chart lint-shell ## go vet, staticcheck; ct, kubeconform, istioctl analyze; shellcheck.

lint-go: tools
	@test -z "$$(gofmt -l $$(git ls-files '*.go') | tee -a /dev/stderr)"
	@for m in $(MODULES); do (cd $$m && go vet -tags e2e,bench,clients,browser ./... && $(CURDIR)/bin/staticcheck -tags e2e,bench,clients,browser ./...); done

lint-chart: deps tools helm
	@go run ./hack/lint-chart

lint-shell:
	@hack/shellcheck $$(git grep -lE '^#!.*/(env )?(ba)?sh' | sort)

verify: ## Fail if a generated file or go.sum is out of date.
	@hack/verify $(MODULES) hack/tools

clean: ## Remove what was built in this folder; the cache stays.
	@rm -rf bin dist _artifacts .lab charts/istio-aws/charts charts/istio-aws/crds

.PHONY: help up down plan package deps elbsim helm tools images generate test test-unit test-clients test-console test-e2e bench-elbsim bench-install lint lint-go lint-chart lint-shell verify clean
