# Needed: Python 3.11 or later with venv, git, make, the package index. `make` alone lists what there is.
# Variables: VENV (.venv), PYTHON (the first of python3.13, 3.12, 3.11, python3 that fits), and those named below.

VENV ?= .venv
BENCH_VENV ?= .bench
LAB_NAME ?= live
WORKERS ?= 2
FAULTS ?= 200
REQUESTS ?= 2000
EINVOICES ?= 1000
ifndef SEED
SEED := $(shell date +%s)
endif

python = "$(VENV)/bin/python"
# What one fixture is made for (pytest.mark.xdist_group) stays with one worker: made twice it takes twice as long.
spread = -n $(WORKERS) --dist loadgroup
sources = studio_support cli invoices lab tools tests

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports pure suite lab test-live faults browser einvoices bench pins clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: ## the whole month end on bundled data, into demo/ (made anew each time)
	@PYTHON="$(PYTHON)" tools/environment "$(VENV)" runtime
	@if [ -e demo/studio-support.toml ]; then rm -rf demo; fi
	@"$(VENV)/bin/studio-support" demo demo

test: check suite ## all checks and all tests that need no servers and no root

check: lint types imports pure ## ruff, mypy, import-linter, unit tests with every branch of the pure rooms

lint: dev
	$(python) -m ruff check $(sources)
	$(python) -m ruff format --check $(sources)

types: dev
	$(python) -m mypy
	$(python) -m mypy lab/studio_lab lab/sink.py tools

imports: dev
	"$(VENV)/bin/lint-imports" --no-logo

pure: dev
	$(python) -m pytest tests/unit $(spread) --cov --cov-report=
	$(python) -m coverage report --include="$$($(python) -m tools.rooms)" --fail-under=100

suite: dev
	$(python) -m pytest tests/contract tests/flow tests/cli lab/tests $(spread)

lab: ## real servers on loopback, filled (root on Debian; see docs/developing.md)
	lab/up
	lab/seed

test-live: dev ## tests on real servers; LAB_NAME=live is brought up and taken down again (root on Debian)
	tools/live "$(LAB_NAME)" $(python) -m pytest tests/live lab/live

faults: dev ## kill -9 at FAULTS=200 moments, REQUESTS=2000 odd ones, by SEED; servers that spoil calls (root on Debian)
	@echo "FAULTS=$(FAULTS) REQUESTS=$(REQUESTS) SEED=$(SEED)"
	STUDIO_FAULTS=$(FAULTS) STUDIO_FAULTS_REQUESTS=$(REQUESTS) STUDIO_FAULTS_SEED=$(SEED) \
		tools/live "$(LAB_NAME)" $(python) -m pytest tests/faults --hypothesis-seed=$(SEED)

browser: dev ## the page in Chromium, behind serve, nginx and Apache; print, axe-core (root on Debian, the first time)
	tools/browser $(python) -m pytest tests/browser

einvoices: dev ## EINVOICES=1000 invoices by chance, from SEED, each in six formats, against all official rules
	@echo "EINVOICES=$(EINVOICES) SEED=$(SEED)"
	STUDIO_EINVOICES=$(EINVOICES) $(python) -m pytest -n $(WORKERS) \
		tests/unit/test_einvoice_valid.py tests/unit/test_einvoice_networks.py --hypothesis-seed=$(SEED)

bench: ## speed and memory at the sizes that the documentation names, beside other PDF engines; BENCH=pdf takes one
	@PYTHON="$(PYTHON)" tools/environment "$(BENCH_VENV)" bench
	"$(BENCH_VENV)/bin/python" tests/bench $(BENCH)

pins: dev ## write constraints.txt anew; UPGRADE=1 takes the newest versions
	$(python) -m tools.pins $(if $(UPGRADE),--upgrade)

clean: ## delete what make has made
	rm -rf "$(VENV)" demo dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .bench .browser

.PHONY: dev
dev:
	@PYTHON="$(PYTHON)" tools/environment "$(VENV)" dev
