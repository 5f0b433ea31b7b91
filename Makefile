# Each target sets up what it needs in .venv or .venv-scan, rebuilt when requirements change.
STACK ?= dev
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/pytest -n auto --maxprocesses 8 --dist worksteal
QUICK := tests/core tests/settings tests/test_structure.py
GIVEN := $(if $(filter command environment,$(firstword $(origin STACK))),$(STACK))

.PHONY: preview rehearse up replace-nodes bump test test-quick scan lint format hooks bench clean

preview: .venv/run.ok  ## what a stack would create, offline: make preview STACK=prod
	@$(BIN)/python -m tools.preview $(STACK)

rehearse: .venv/run.ok  ## a stack through the real Pulumi engine, over a stand-in cloud: make rehearse STACK=prod
	@$(BIN)/python -m tools.rehearsal $(STACK)

up: .venv/run.ok  ## deploys a stack to AWS: make up STACK=prod
	@$(BIN)/python -m tools.deploy.up $(STACK)

bump: .venv/run.ok  ## the add-ons' versions that AWS gives by default: make bump WRITE=1 pins them
	@$(BIN)/python -m tools.deploy.bump $(if $(WRITE),--write)

replace-nodes: .venv/run.ok  ## nodes that cannot change in place, zone by zone: make replace-nodes STACK=prod POOL=general
	@$(BIN)/python -m tools.deploy.replace_nodes $(STACK) $(if $(POOL),--pool $(POOL))

test: .venv/dev.ok  ## all tests, on every core
	@$(PYTEST)

test-quick: .venv/dev.ok  ## settings, arithmetic and import rules only, in under 30 seconds
	@$(PYTEST) -m "not hypothesis" $(QUICK)

scan: .venv/run.ok .venv-scan/run.ok  ## an independent scanner over all stacks' manifests, or one's: make scan STACK=prod
	@$(BIN)/python -m tools.scan $(GIVEN)

lint: .venv/dev.ok  ## format check, lint, types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright

format: .venv/dev.ok
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

hooks: .venv/dev.ok  ## the quick checks before every commit
	@$(BIN)/pre-commit install

bench: .venv/run.ok  ## CPU time of a preview, as a multiple of the imports that it needs
	@$(BIN)/python -m tools.bench

clean:
	rm -rf .venv .venv-scan build

.venv/run.ok: requirements.txt
	@echo "setting up .venv (once) …"
	@rm -rf .venv && $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev.ok: .venv/run.ok requirements-dev.txt
	@echo "installing what tests and lint need (once) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv-scan/run.ok: requirements-scan.txt
	@echo "setting up .venv-scan (once) …"
	@rm -rf .venv-scan && $(PYTHON) -m venv .venv-scan
	@.venv-scan/bin/pip install --quiet --disable-pip-version-check -r requirements-scan.txt
	@touch $@
