# Each target sets up what it needs in .venv; the environment is rebuilt when requirements change.
STACK ?= dev
PYTHON ?= python3
BIN := .venv/bin

.PHONY: preview rehearse up bump test lint format hooks bench clean

preview: .venv/run.ok  ## what a stack would create, offline: make preview STACK=prod
	@$(BIN)/python -m preflight $(STACK)

rehearse: .venv/run.ok  ## a stack through the real Pulumi engine, over a stand-in cloud: make rehearse STACK=prod
	@$(BIN)/python -m rehearsal $(STACK)

up: .venv/run.ok  ## deploys a stack to AWS: make up STACK=prod
	@$(BIN)/python -m preflight.up $(STACK)

bump: .venv/run.ok  ## the add-ons' versions that AWS gives by default: make bump WRITE=1 pins them
	@$(BIN)/python -m preflight.bump $(if $(WRITE),--write)

test: .venv/dev.ok  ## all tests
	@$(BIN)/pytest

lint: .venv/dev.ok  ## format check, lint, types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright

format: .venv/dev.ok
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

hooks: .venv/dev.ok  ## the quick checks before every commit
	@$(BIN)/pre-commit install

bench: .venv/run.ok  ## preview's time over that of the imports it needs
	@$(BIN)/python -m tests.bench

clean:
	rm -rf .venv build

.venv/run.ok: requirements.txt
	@echo "setting up .venv (once) …"
	@rm -rf .venv && $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev.ok: .venv/run.ok requirements-dev.txt
	@echo "installing what tests and lint need (once) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
