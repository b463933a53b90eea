# make run    a shell in the sandbox, in this repository (AGENT=shell, ARGS='…')
# make test   every test but the soak
# Both install what is missing (scripts/setup) and may be repeated.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help deps run build test unit e2e check fmt bench docs doctor update update-image
.PHONY: update-agents attacks

AGENT ?= shell
ARGS ?=
RELEASE := .build/release
# Warnings of our own are errors in everything that checks or tests; it is one setting
# so that `make check` and `make test` share one build.
STRICT := AGS_STRICT=1

# How many tests run at once. All of them would keep those that wait for a process of their
# own from running for longer than the limits they are about.
WIDTH := --experimental-maximum-parallelization-width 4

help:
	@sed -n '1,3s/^# \{0,1\}//p' Makefile
	@echo 'also: build unit e2e check fmt bench docs deps doctor update-image update-agents'

deps:
	@scripts/setup build run test bench

run:
	@scripts/setup build run
	@scripts/swift build -c release --quiet
	@scripts/with-podman-config $(RELEASE)/ags --agent $(AGENT) $(ARGS)

build:
	@scripts/setup build
	scripts/swift build -c release

test: unit e2e

unit:
	@scripts/setup build run test
	$(STRICT) scripts/swift build --build-tests
	$(STRICT) scripts/swift test --skip-build --disable-xctest --skip EndToEndTests $(WIDTH)

e2e:
	@scripts/setup build run test
	$(STRICT) scripts/swift build --build-tests
	scripts/swift build --package-path Examples/EmbeddedRun --scratch-path .build/example
	scripts/test-env env $(STRICT) \
	  scripts/swift test --skip-build --disable-xctest --filter EndToEndTests

# Of these only attacks on git and ordinary git operations, but every attack in every kind of
# workspace: more than half an hour.
attacks:
	@scripts/setup build run test
	$(STRICT) scripts/swift build --build-tests
	scripts/test-env env $(STRICT) AGS_ATTACK_KINDS=every \
	  scripts/swift test --skip-build --disable-xctest --filter 'GitAttackTests|GitOperationTests'

check:
	@scripts/setup build test
	@scripts/check

fmt:
	git ls-files -z -- '*.swift' | xargs -0 swift format --in-place

bench:
	@scripts/setup build run test bench
	scripts/swift build -c release
	@scripts/bench

# The library's reference, as static pages below docs/api.
docs:
	@scripts/setup build
	AGS_DOCS=1 scripts/swift package --allow-writing-to-directory docs/api generate-documentation \
	  --target AGSLib --output-path docs/api --transform-for-static-hosting

doctor: build
	@scripts/with-podman-config $(RELEASE)/ags doctor $(ARGS)

update update-image: build
	@scripts/with-podman-config $(RELEASE)/ags update-image $(ARGS)

update-agents: build
	@scripts/with-podman-config $(RELEASE)/ags update-agents $(ARGS)
