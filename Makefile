# Each target creates its virtual environment, .venv, .venv-scan or .venv-browser, again when requirements change.
STACK ?= dev
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/pytest -n auto --maxprocesses 8 --dist worksteal
# With compiled modules, the processes that tests start import the SDKs sooner.
unexport PYTHONDONTWRITEBYTECODE
QUICK := tests/core tests/settings tests/test_structure.py
# Other programs set variables of these names too, such as WSL, which sets NAME.
$(foreach each,CLUSTER NAME YES,$(if $(filter environment,$(firstword $(origin $(each)))),$(eval $(each) :=)))
GIVEN := $(if $(filter command environment,$(firstword $(origin STACK))),$(STACK))

.PHONY: help preview rehearse drill up release check drain undrain zone-out zone-in shift unshift replace-nodes rollback-version down fleet-status fleet-preview fleet-up fleet-resume failback experiment bump state-bucket policy test test-quick test-report scan lint format hooks reference bench clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/' | expand -t 18

preview: .venv/run.ok  ## show zone loss, cost and findings, offline: make preview STACK=prod; VERBOSE=1: everything; AGAINST=origin/main: what changes
	@$(BIN)/python -m tools.preview $(STACK) $(if $(VERBOSE),--verbose) $(if $(AGAINST),--against '$(AGAINST)')

rehearse: .venv/run.ok  ## run a stack through the real Pulumi engine over a fake cloud; needs Go once
	@$(BIN)/python -m tools.rehearsal $(STACK)

drill: .venv/run.ok $(if $(CLUSTER_AUTOSCALER)$(LOAD_BALANCER_CONTROLLER),.venv/dev.ok)  ## remove zones and nodes on a real control plane, without AWS: make drill STACK=prod SCENARIOS=zones,drain
	@$(BIN)/python -m tools.drills $(STACK) $(if $(SCENARIOS),--scenarios $(SCENARIOS)) $(if $(RECORD),--record) \
		$(if $(CLUSTER_AUTOSCALER),--cluster-autoscaler '$(CLUSTER_AUTOSCALER)') \
		$(if $(LOAD_BALANCER_CONTROLLER),--load-balancer-controller '$(LOAD_BALANCER_CONTROLLER)') \
		$(if $(CHARTS),--charts '$(CHARTS)')

up: .venv/run.ok  ## deploy a stack to AWS: make up STACK=prod
	@$(BIN)/python -m tools.deploy.up $(STACK)

release: .venv/run.ok  ## deploy one image, watch it, roll it back: make release STACK=prod APP=web IMAGE=NAME@sha256:…
	@$(BIN)/python -m tools.deploy.release $(STACK) --app '$(APP)' --image '$(IMAGE)'

check: .venv/run.ok  ## check a deployed stack, and change nothing: make check STACK=prod
	@$(BIN)/python -m tools.deploy.check $(STACK)

drain: .venv/run.ok  ## send clients to other cells, also in an outage: make drain STACK=prod
	@$(BIN)/python -m tools.deploy.remedies drain $(STACK)

undrain: .venv/run.ok  ## send clients to a drained cell again: make undrain STACK=prod
	@$(BIN)/python -m tools.deploy.remedies undrain $(STACK)

zone-out: .venv/run.ok  ## run the cell in the other zones: make zone-out STACK=prod ZONE=us-east-1a
	@$(BIN)/python -m tools.deploy.remedies zone-out $(STACK) --zone '$(ZONE)'

zone-in: .venv/run.ok  ## return a zone to service: make zone-in STACK=prod ZONE=us-east-1a
	@$(BIN)/python -m tools.deploy.remedies zone-in $(STACK) --zone '$(ZONE)'

shift: .venv/run.ok  ## move requests away from a slow zone: make shift STACK=prod ZONE=us-east-1a; CLUSTER=1: in the cluster too; HOURS=12
	@$(BIN)/python -m tools.deploy.zonal_shift shift $(STACK) --zone '$(ZONE)' $(if $(CLUSTER),--cluster) $(if $(HOURS),--hours $(HOURS))

unshift: .venv/run.ok  ## end the shifts of a cell: make unshift STACK=prod
	@$(BIN)/python -m tools.deploy.zonal_shift unshift $(STACK)

bump: .venv/run.ok  ## compare pinned EKS add-ons with the defaults of AWS; WRITE=1 pins them
	@$(BIN)/python -m tools.deploy.bump $(if $(WRITE),--write)

replace-nodes: .venv/run.ok  ## replace nodes zone by zone: make replace-nodes STACK=prod POOL=general
	@$(BIN)/python -m tools.deploy.replace_nodes $(STACK) $(if $(POOL),--pool $(POOL))

rollback-version: .venv/run.ok  ## return to the former Kubernetes version: make rollback-version STACK=prod; CHECK=1: print the steps
	@$(BIN)/python -m tools.deploy.rollback_version $(STACK) $(if $(CHECK),--check)

fleet-status: .venv/run.ok  ## print region, version, role and health of each cell of fleet.yaml
	@$(BIN)/python -m tools.fleet status

fleet-preview: .venv/run.ok  ## preview all cells of fleet.yaml, and record what fleet-up deploys
	@$(BIN)/python -m tools.fleet preview

fleet-up: .venv/run.ok  ## update the cells of fleet.yaml in order, with a gate before and after each
	@$(BIN)/python -m tools.fleet up $(if $(EMERGENCY),--emergency "$$EMERGENCY")

fleet-resume: .venv/run.ok  ## continue fleet-up where it stopped: make fleet-resume APPROVE=prod
	@$(BIN)/python -m tools.fleet resume $(if $(APPROVE),--approve $(APPROVE)) $(if $(EMERGENCY),--emergency "$$EMERGENCY")

failback: .venv/run.ok  ## send users to a cell again after a failover or a drain, if it is ready: make failback STACK=prod
	@$(BIN)/python -m tools.fleet failback $(STACK)

experiment: .venv/run.ok  ## run a fault-injection experiment of AWS: make experiment STACK=prod NAME=lose-a-zone; PREVIEW=1: only its targets; without NAME: list them
	@$(BIN)/python -m tools.deploy.experiment $(STACK) $(NAME) $(if $(PREVIEW),--preview) $(if $(YES),--yes) $(if $(JSON),--json)

down: .venv/run.ok  ## delete a cell, after its name is typed: make down STACK=prod
	@$(BIN)/python -m tools.deploy.down $(STACK)

state-bucket: .venv/run.ok  ## create a bucket for the state, once per account: make state-bucket REGION=us-east-2
	@$(BIN)/python -m tools.deploy.state_bucket $(REGION)

policy: .venv/run.ok  ## write the IAM policies of a deployer: make policy STACK=prod; APP=web: of its releases
	@$(BIN)/python -m tools.deploy.policy $(STACK) $(if $(ACCOUNT),--account $(ACCOUNT)) $(if $(APP),--app $(APP)) \
		$(if $(PRINCIPAL),--principal $(PRINCIPAL)) $(if $(REPOSITORY),--repository $(REPOSITORY))

test: .venv/dev.ok  ## run all tests on all cores
	@$(PYTEST)

test-quick: .venv/dev.ok  ## run the tests of settings, arithmetic and imports, in under 30 seconds
	@$(PYTEST) -m "not hypothesis" $(QUICK)

test-report: .venv/dev.ok .venv-browser/run.ok  ## test the report in Chromium: layout, controls, accessibility; needs chromium
	@command -v chromium >/dev/null || { echo "chromium is not installed: apt-get install chromium" >&2; exit 1; }
	@$(BIN)/python -m tests.browser.pages build/browser
	@REPORTS=build/browser .venv-browser/bin/pytest --noconftest -p no:cacheprovider tests/browser/check_report.py

scan: .venv/run.ok .venv-scan/run.ok  ## scan manifests with checkov and kube-score: all stacks, or one: make scan STACK=prod
	@$(BIN)/python -m tools.scan $(GIVEN)

lint: .venv/dev.ok  ## check format, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright

format: .venv/dev.ok  ## format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

hooks: .venv/dev.ok  ## install the quick checks as a pre-commit hook
	@$(BIN)/pre-commit install

reference: .venv/run.ok  ## write the generated pages (settings, rules, eksreview, proof) and the schemas
	@$(BIN)/python -m tools.reference

bench: .venv/run.ok  ## measure the CPU time of a preview as a multiple of its imports: all stacks, or one: make bench STACK=prod
	@$(BIN)/python -m tools.bench $(GIVEN)

clean:  ## remove virtual environments and build
	rm -rf .venv .venv-scan .venv-browser build

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

.venv-browser/run.ok: requirements-browser.txt
	@echo "setting up .venv-browser (once) …"
	@rm -rf .venv-browser && $(PYTHON) -m venv .venv-browser
	@.venv-browser/bin/pip install --quiet --disable-pip-version-check -r requirements-browser.txt
	@touch $@
