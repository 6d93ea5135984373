# `make` lists the targets.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

BUF := go tool -modfile=.ci/tools/buf.mod buf
OPA := go tool opa
FUZZTIME ?= 10s
PAIRS ?= 100000
# The commit that the programs name: git's, "-dirty" for a changed tree, or that of an archive made by git archive.
COMMIT ?= $(shell git describe --always --abbrev=40 --exclude='*' --dirty 2>/dev/null || grep -v '^\$$' .ci/commit || echo unknown)
# The same source gives the same octets, in a clone, a worktree or an archive, wherever it is: so version control is not looked at.
GOFLAGS_BUILD = -trimpath -buildvcs=false -ldflags='-s -w -buildid= -X main.commit=$(COMMIT)'

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "%-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/gatepost-dataplane and bin/gatepost-decider: static, stripped, reproducible
	CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o bin/gatepost-dataplane ./dataplane/cmd/gatepost-dataplane
	CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o bin/gatepost-decider ./decider/cmd/gatepost-decider

.PHONY: deb
deb: build ## build the Debian packages, in dist/
	.ci/deb

.PHONY: check-deb
check-deb: deb ## install, start, upgrade and purge the Debian packages on this machine (root; not where systemd runs)
	.ci/check-deb

.PHONY: sbom
sbom: build ## write a CycloneDX bill of materials of each program, in dist/
	.ci/sbom

.PHONY: report-binaries
report-binaries: build ## size, and time to start, of both programs
	.ci/report-binaries

.PHONY: check-binaries
check-binaries: build ## fail if the programs are not static, stripped and reproducible, name no commit, or the dataplane links OPA
	.ci/check-binaries

.PHONY: run
run: ## run the demo: an IMAP server, the decider and the dataplane on 127.0.0.1:1143
	go run ./deploy/demo $(ARGS)

.PHONY: test
test: lint test-go test-rego ## lint, and run all tests (those that need Dovecot and clients are skipped by name where they are missing)

.PHONY: test-go
test-go: ## Go tests, with the race detector
	go test -race -timeout 15m ./...

.PHONY: test-rego
test-rego: ## Rego tests, with coverage
	$(OPA) test rego
	$(OPA) test --coverage --threshold 100 rego > /dev/null

.PHONY: soundness
soundness: ## compare PAIRS decisions (default 100000), reused and made anew, by random policies
	go test -count=1 -v -timeout 30m -run '^TestSoundness$$' ./decider/internal/reuse -pairs $(PAIRS)

.PHONY: e2e
e2e: ## end-to-end tests only: Dovecot and real clients through both programs
	go test -count=1 -v -timeout 15m ./deploy/e2e/...

.PHONY: test-deploy
test-deploy: build ## what is below deploy/ and is not Go: the Helm chart, containers, alerts, dashboard, runbook
	cd deploy/checks && go tool -modfile=../../go.mod staticcheck ./... && go test -vet=off ./...

.PHONY: bench
bench: ## benchmarks; figures are ratios within one run
	go test -run='^$$' -bench=. -benchmem ./dataplane/... ./decider/... ./rego/...
	go test -count=1 -v -run '^(TestRatios|TestThroughput|TestReloadLatency)$$' ./decider

.PHONY: bench-proxies
bench-proxies: build ## the dataplane beside HAProxy and nginx, in one run (BENCH="-scenarios login*", BENCH="-server dovecot"): see deploy/bench/README.md
	go build -o bin/bench ./deploy/bench
	bin/bench run $(BENCH)

.PHONY: bench-plots
bench-plots: ## draw deploy/bench/results.json
	cd deploy/bench/plot && go run . ../results.json ..

.PHONY: fuzz
fuzz: ## each fuzz target for FUZZTIME, a time or a count (default 10s; 25000x)
	.ci/fuzz $(FUZZTIME)

.PHONY: lint
lint: ## gofmt, vet, staticcheck, buf lint, opa fmt and check
	@out=$$(gofmt -l dataplane decider deploy proto rego); [ -z "$$out" ] || { echo "gofmt: $$out"; exit 1; }
	go vet ./...
	go vet -tags docs ./dataplane/cmd/... ./decider/cmd/...
	go tool staticcheck ./...
	$(BUF) lint
	$(OPA) fmt --fail --list rego
	$(OPA) check --strict --schema rego/schemas rego

.PHONY: docs
docs: ## write rego/REFERENCE.md from METADATA, dataplane/PROTOCOL.md from the tables of commands and capabilities, and the schema of the Helm chart's values
	go test ./rego -run '^TestReference$$' -count=1 -update
	go test ./dataplane -run '^TestProtocol$$' -count=1 -update
	go test ./deploy/kubernetes -run '^TestSchema$$' -count=1 -update

.PHONY: generate
generate: ## generate Go from proto/
	$(BUF) generate --template proto/buf.gen.yaml

.PHONY: check-generate
check-generate: generate ## fail if the generated Go is stale
	git diff --exit-code -- '*.pb.go'

.PHONY: check-breaking
check-breaking: ## fail if a recent commit breaks the contract without saying so in a trailer "Proto-Break: why"
	.ci/breaking

.PHONY: clean
clean: ## remove what was built
	rm -rf bin dist
