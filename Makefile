# Linarite. `make` prints the targets; each installs what it needs, given Go.

GO        ?= go
FUZZTIME  ?= 10s
BENCHTIME ?= 1s
ROUNDS    ?= 200
SEEDS     ?= 1 2 3
PROCS     ?= 4

# Recordings of the real services, published descriptions and the programs that use them are no part of the repository.
# They are looked for beside the checkout; UPDATE=1 writes the lists of known differences anew.
SHARED ?= $(dir $(CURDIR))shared
UPDATE ?=

# No colours in what is no terminal.
PLAIN = $(if $(MAKE_TERMOUT),false,true)

# The modules that are tested: the Azure SDKs have a module of their own, so that nobody inherits them.
MODULES = . $(patsubst %/go.mod,%,$(wildcard conformance/sdkcompat/go.mod))
each    = set -e; for module in $(MODULES); do $(1); done

# Linters, pinned by tools/go.mod; built again when that file or the Go version changes.
BIN   = $(CURDIR)/.cache/bin
TOOLS = .cache/bin/.built-with-$(shell $(GO) env GOVERSION 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help tutorial clients clients-doc test conformance golden soak lint race fuzz bench build cover replay openapi-check compare containers kubernetes examples release clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

tutorial: build ## build Linarite and play the seven flows of the tutorial (AZ=install: with a real az)
	$(GO) run ./fixtures/tutorial/play -linarite bin/linarite

clients: build ## real clients in worlds of their own (CLIENTS="curl az": only these; see docs/clients.md)
	$(GO) run ./fixtures/clients/play -linarite bin/linarite $(CLIENTS)

clients-doc: ## docs/clients.md, from what the clients claim
	$(GO) run ./fixtures/clients/play -write docs/clients.md

test: ## all tests, in random order
	@$(call each,$(GO) -C $$module test -shuffle=on ./...)

conformance: ## the conformance suite on the emulator, in random order: SEEDS (3), PROCS (4) processes each; the other clouds once
	@mkdir -p .cache
	@$(GO) test -c -o .cache/conformance.test ./cmd/linarite-conformance
	@set -e; for seed in $(SEEDS); do \
	  $(GO) run github.com/onsi/ginkgo/v2/ginkgo --procs=$(PROCS) --randomize-all --seed=$$seed --no-color=$(PLAIN) --succinct .cache/conformance.test -- \
	    -report $(CURDIR)/.cache/conformance/$$seed; done; \
	for cloud in china usgov; do \
	  $(GO) run github.com/onsi/ginkgo/v2/ginkgo --procs=$(PROCS) --randomize-all --no-color=$(PLAIN) --succinct .cache/conformance.test -- \
	    -cloud $$cloud -report $(CURDIR)/.cache/conformance/$$cloud; done

golden: ## write the lists anew that tests hold the suite to: specs, rules without one, docs/azurite.md
	$(GO) test ./conformance/selftest -run=TestCoverage -update
	$(GO) test ./conformance/known -run=TestAzuriteTable -update

soak: ## a world with --data killed ROUNDS (200) times while it is written to
	LINARITE_KILL_ROUNDS=$(ROUNDS) $(GO) test -count=1 -timeout=60m -v -run=TestKilledWhileWriting ./cmd/linarite

lint: $(TOOLS) ## house rules, gofmt, go vet, staticcheck, golangci-lint, govulncheck
	@.ci/lint.sh $(BIN)

# -vet=off here and below: lint vets the tests, and go test would once more for each way of building them.
race: ## all tests under the race detector (needs a C compiler)
	@$(call each,CGO_ENABLED=1 $(GO) -C $$module test -race -vet=off -shuffle=on ./...)

fuzz: ## each fuzz target for FUZZTIME (10s)
	@.ci/fuzz.sh $(FUZZTIME)

bench: ## all benchmarks, BENCHTIME (1s) each
	@$(call each,$(GO) -C $$module test -run='^$$' -vet=off -bench=. -benchmem -benchtime=$(BENCHTIME) ./...)

build: ## bin/linarite and bin/linarite-conformance, static
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/ ./cmd/...

cover: ## coverage of all packages by all tests, as .cache/cover.html
	@mkdir -p .cache
	$(GO) test -shuffle=on -coverpkg=./... -coverprofile=.cache/cover.out ./...
	$(GO) tool cover -html=.cache/cover.out -o .cache/cover.html

replay: ## recorded requests to the real services, sent to Linarite (SHARED: the folder with the recordings)
	@.ci/truth.sh replay "$(SHARED)" $(if $(UPDATE),-update)

openapi-check: ## the traffic of the SDK tests, held against the published descriptions (SHARED: their folder)
	@.ci/truth.sh openapi "$(SHARED)" $(if $(UPDATE),-update)

compare: ## the client library beside the Azure SDK for Go: weight, allocations, bad hours, time per call
	$(GO) -C conformance/sdkcompat test -count=1 -v -run='TestWeight|TestAllocations|TestNoFaultWorse' -bench=BenchmarkCalls .

containers: ## docker-compose.yml and the sidecar, played from network namespaces and with Docker (Linux, root)
	@.ci/containers

kubernetes: ## the manifests for Kubernetes, played from network namespaces with real clients (Linux, root)
	@.ci/kubernetes

examples: build ## the test fixtures of examples/, each with its own tools (EXAMPLES="pytest node": only these; docs/testing.md)
	@.ci/examples --linarite bin/linarite $(EXAMPLES)

release: ## dist/: archives for six platforms, container image, bills of materials, checksums (VERSION=v1.2.3; default: by tag and commit)
	@mkdir -p .cache && $(GO) -C tools/release build -o $(CURDIR)/.cache/release .
	@.cache/release -out dist $(if $(VERSION),-version $(VERSION)) $(if $(PLATFORMS),-platforms $(PLATFORMS))

clean: ## remove what the other targets made
	rm -rf bin dist .cache

$(TOOLS): tools/go.mod tools/go.sum
	@echo "building the linters (minutes the first time, then cached)"
	$(GO) -C tools build -o $(BIN)/ tool
	@rm -f .cache/bin/.built-with-* && touch $@
