# make help lists what there is. ARGS="…" is passed on: make run ARGS="--help", make test ARGS="-k chat"

PYTHON ?= python3
VENV_PYTHON := .venv/bin/python

# Sets up .venv, or does nothing if it is up to date. $(1): options
define bootstrap
@command -v "$(PYTHON)" >/dev/null || { echo "Ragbot needs Python 3.11 or newer, and there is no $(PYTHON). Install one, or name one: make PYTHON=python3.12 run" >&2; exit 2; }
@"$(PYTHON)" scripts/bootstrap.py $(1)
endef

.PHONY: help run test check lint types dev clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

run:  ## open the chat window (the first time sets everything up)
	$(call bootstrap)
	@$(VENV_PYTHON) app.py $(ARGS)

# A process for each core, but no more than four: each has a model of its own in memory.
test: dev  ## run the tests; all of them measure what they reach
	@$(VENV_PYTHON) -m pytest $(or $(ARGS),-n auto --maxprocesses 4 --dist loadfile --cov --cov-report=term:skip-covered)

check: lint types test  ## lint, types and tests: what must pass before a commit

lint: dev  ## look for mistakes and unformatted code
	@$(VENV_PYTHON) -m ruff check
	@$(VENV_PYTHON) -m ruff format --check

types: dev  ## check the types
	@$(VENV_PYTHON) -m mypy ragbot app.py

dev:  ## set up .venv with the tools for tests and checks
	$(call bootstrap,--dev)

clean:  ## remove .venv and what tools left; papers and index stay
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
