# `make up` on a fresh machine needs Python 3.11 to 3.13 and nothing else.

SUITS := -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do $$name $(SUITS) && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
# In the order of tests/conftest.py, not by the number of tests in a file: those of few tests are the longest.
TOGETHER := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: up install test test-quick faults lint format sentences bench clean

up: $(INSTALLED)
	@exec $(BIN)/fitboard up $(UP)

install: $(INSTALLED)

$(BIN)/python:
	@$(or $(PYTHON),false) $(SUITS) || { \
		echo "No Python 3.11, 3.12 or 3.13 with venv was found; install one, or name it: make PYTHON=/path/to/python up"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(INSTALLED_DEV): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

test: $(INSTALLED_DEV)
	$(BIN)/python -m pytest $(TOGETHER) --ignore=tests/faults --durations=25
	$(BIN)/python -m pytest $(TOGETHER) tests/faults

test-quick: $(INSTALLED_DEV)
	$(BIN)/python -m pytest $(TOGETHER) -m "not slow and not browser"

faults: $(INSTALLED_DEV)
	FITBOARD_FAULTS=$(N) $(BIN)/python -m pytest tests/faults -m slow

lint: $(INSTALLED_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(INSTALLED_DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

sentences: $(INSTALLED_DEV)
	$(BIN)/python -m tests.support.sentences

bench: $(INSTALLED_DEV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	@for file in tests/benchmarks/bench_*.py; do \
		echo "== $$file"; $(BIN)/python -m tests.benchmarks.$$(basename $$file .py) || exit 1; \
	done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
