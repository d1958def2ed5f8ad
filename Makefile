# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything that make writes lies in .build/; only the virtual environments are made here, the rest by the scripts in .ci/.

PYTHON ?= python3
# For the tool behind a target: make unit ARGS='-k paging', make integration ARGS=rtk_livestream, make simulator ARGS='--port 8080'.
ARGS ?=
# For make chaos: how many requests are to meet a fault, and the first episode.
N ?=
SEED ?=
# For make release.
VERSION ?=
COMMIT ?=
# The least coverage, in percent of lines and branches, that `make unit` accepts for plugins/module_utils.
COVERAGE ?= 100

TEST_STAGES := lint house unit contract chaos sanity integration secrets runner build test-release

# Paths below are relative: the checkout's own may have spaces.
BIN := .build/venv/bin
TREE := .build/tree/ansible_collections/streamops/realtimekit

.DEFAULT_GOAL := help
.PHONY: help demo simulator test $(TEST_STAGES) test-matrix versions test-media docs docs-serve test-docs release check-tag publish compare bench setup format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: .build/demo-venv.stamp $(TREE) ## start, find started, observe and stop livestreams of a simulated account
	@.ci/demo.sh

simulator: .build/demo-venv.stamp ## serve a simulated account until Ctrl-C; prints its URL, token and ids
	@.build/demo-venv/bin/python tests/simulator $(ARGS)

test: setup ## every check from lint to build, one after another, with the time each takes
	@+.ci/test.sh $(TEST_STAGES)

lint: setup ## ansible-lint, ruff, mypy, docs, changelog, licences and workflows; ARGS=ruff for one of them
	@.ci/lint.sh $(ARGS)

house: setup ## the rules of the house: imports, sizes, names that must agree
	$(BIN)/pytest tests/unit/test_house*.py $(ARGS)

unit: setup ## unit tests, with the coverage of plugins
	@.ci/unit.sh $(COVERAGE) $(ARGS)

contract: setup ## the simulator by itself, under the official Cloudflare SDK, and under the modules over real HTTP
	$(BIN)/pytest tests/contract $(ARGS)

chaos: setup ## the modules under faults, rivals and late effects; make chaos N=50000 SEED=7 for more, SEED=… N=1 to repeat one
	@.ci/chaos.sh "$(N)" "$(SEED)" $(ARGS)

sanity: setup ## ansible-test sanity, on a copy of what git would commit
	@.ci/ansible_test.sh sanity $(ARGS)

integration: setup ## ansible-test integration: the modules against the simulator, by real ansible
	@.ci/ansible_test.sh integration $(ARGS)

secrets: setup ## no token and no stream key gets out, on the ansible-cores that tests/versions.toml marks as quick
	@.ci/cores.sh $$($(BIN)/python .ci/versions.py quick)
	$(BIN)/pytest tests/secrets $(ARGS)

runner: setup ## the playbooks as AWX runs them, the one-liners, and the tarball that Galaxy would get
	@.ci/runner.sh $(ARGS)

test-matrix: setup ## everything on every version of tests/versions.toml; ARGS picks, such as 3.8 or units; JOBS=1 for one at a time
	@$(BIN)/python .ci/matrix.py $(ARGS)

versions: ## the versions of tests/versions.toml as JSON, for CI
	@$(PYTHON) .ci/versions.py

test-media: setup ## real video through the roles: ffmpeg, an RTMP server, and a browser that plays the page
	@.ci/media.sh $(ARGS)

docs: .build/docs-venv.stamp $(TREE) ## the site of guides, modules and roles, in .build/docs/html/; warnings are errors
	@.ci/docs.sh

docs-serve: docs ## build the site and serve it on this machine until Ctrl-C; ARGS='--port 8000' for a port of your own
	@.build/docs-venv/bin/python .ci/serve_docs.py $(ARGS)

test-docs: setup docs ## the site in a browser: every page, link, anchor and option table, on a wide and a narrow screen
	@.ci/test_docs.sh $(ARGS)

build: setup ## the tarball, in .build/dist/: has what users need, pleases Galaxy's importer, installs and runs a task
	@.ci/build.sh

release: setup .build/docs-venv.stamp ## changelog, version and verified tarball; make release VERSION=x.y.z, and COMMIT=1 to commit and tag as well
	@.ci/release.sh "$(VERSION)" "$(COMMIT)"

test-release: setup .build/docs-venv.stamp ## make release itself, in a scratch clone
	$(BIN)/pytest tests/release $(ARGS)

check-tag: ## see that this commit has the version of galaxy.yml as its tag
	@.ci/publish.sh --check

publish: .build/demo-venv.stamp ## the tarball of make build to Galaxy, from a commit with its tag; needs GALAXY_TOKEN
	@.ci/publish.sh

compare: setup ## the same faults for the official SDK and for the modules; writes the tables of docs/official-sdk.md
	$(BIN)/python tests/chaos/compare.py --write

bench: setup ## what a task costs, side by side with what else there is; writes docs/benchmarks.md
	$(BIN)/python tests/bench/bench.py $(ARGS)

format: setup ## let ruff put the Python files in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## remove everything that make wrote
	rm -rf .build

setup: .build/venv.stamp $(TREE)

.build/demo-venv.stamp: requirements-demo.txt
.build/venv.stamp: requirements-dev.txt requirements-demo.txt
.build/docs-venv.stamp: requirements-docs.txt requirements-dev.txt requirements-demo.txt
# What is installed may run code of its own, which has no business with the token.
.build/%.stamp:
	@env -u GALAXY_TOKEN .ci/venv.sh "$(PYTHON)" ".build/$*" "$<"
	@touch $@

# The checkout under its collection's name, for the tools that look for it there.
$(TREE):
	@mkdir -p $(@D)
	@ln -sfn ../../../.. $@
