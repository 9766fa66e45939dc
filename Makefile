# `make help` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash

RELEASE := -c release --static-swift-stdlib
STAGE := build/stage
BENCHMARKS := Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Peers/grpc-swift

.PHONY: help demo demo-groups demo-rollout test check format references protos build stage examples bench clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 16

demo: ## Run a redis node from YAML to Running, update it, delete it; CRASH=1 kills everything on the way
demo: ## EXAMPLE=postgres: a PostgreSQL database instead, of a kind and plugins of its own
	@deploy/dependencies.sh build demo
	@$(MAKE) --no-print-directory stage $(if $(EXAMPLE),examples)
	@examples/$(or $(EXAMPLE),redis)/demo.sh $(STAGE) $(if $(CRASH),--crash)

demo-groups: ## Five devices, a group, a rotation of its key with one device away, a cancel
	@deploy/dependencies.sh build
	@$(MAKE) --no-print-directory stage
	@examples/groups/demo.sh $(STAGE)

demo-rollout: ## Roll six children out, of which the third fails, under each failure policy in turn
	@deploy/dependencies.sh build
	@$(MAKE) --no-print-directory stage
	@examples/rollout/demo.sh $(STAGE) "$$(swift build $(RELEASE) --show-bin-path)/files-plugin"

# Tests that start processes and keep real deadlines starve one another when all begin at once.
test: ## Install what the tests need and run them all
	@deploy/dependencies.sh build test protos examples
	@$(MAKE) --no-print-directory -C proto check
	$(MAKE) --no-print-directory -j2 -C plugins/examples test
	swift test --experimental-maximum-parallelization-width 4
	Tests/conformance.sh "$$(swift build --show-bin-path)"
	@deploy/stage.sh "$$(swift build --show-bin-path)" build/test-stage
	examples/redis/demo.sh build/test-stage --crash
	examples/postgres/demo.sh build/test-stage
	examples/groups/demo.sh build/test-stage
	examples/rollout/demo.sh build/test-stage "$$(swift build --show-bin-path)/files-plugin"

check: ## Lint, generated code and rules of the tree
	@deploy/dependencies.sh build protos
	swift format lint --strict -r Package.swift Sources Tests plugins $(BENCHMARKS)
	@$(MAKE) --no-print-directory -C proto check
	swift test --filter TidyTests

format: ## Format all Swift code
	swift format -i -r Package.swift Sources Tests plugins $(BENCHMARKS)

references: ## Rewrite the pages of docs/ that are made from the program
	swift build --product mortise
	for page in cli blueprints configuration; do \
	  "$$(swift build --show-bin-path)/mortise" help --reference $$page >docs/$$page.md || exit 1; done

protos: ## Regenerate the code of the protocol's messages
	@deploy/dependencies.sh build protos
	@$(MAKE) --no-print-directory -C proto protos

build: ## Build in release mode, Swift's library linked statically
	@deploy/dependencies.sh build
	@echo "building in release mode; the first time takes some minutes"
	swift build $(RELEASE)

stage: build ## Lay out the build as it is installed, in build/stage
	@deploy/stage.sh "$$(swift build $(RELEASE) --show-bin-path)" $(STAGE)

examples: ## Build the plugins in Go and Python, in build/examples/plugins
	@deploy/dependencies.sh examples
	@$(MAKE) --no-print-directory -C plugins/examples

bench: ## Measure the RPC path and the engine beside their peers; QUICK=1 in two minutes
	@deploy/dependencies.sh build bench
	@$(MAKE) --no-print-directory -C Benchmarks $(if $(QUICK),quick,bench)

clean: ## Remove all that was built
	rm -rf .build build Benchmarks/.build
