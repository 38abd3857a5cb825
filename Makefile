# `make run` opens the lab, `make test` checks everything; both set themselves up.
# Extra options for pip, such as an index with CPU builds of torch: make PIP_ARGS="--index-url ..." run

PYTHON ?= python3
PIP_ARGS ?=
BIN := .venv/bin
READY := .venv/.ready
PACKAGES := app widgets agents envs resources

.PHONY: install run test lint clean

install: $(READY)

# the tests look at the real avalanche; of what it depends on, they use nothing
$(READY): pyproject.toml constraints.txt Makefile
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) --constraint constraints.txt --editable ".[dev,llm]"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) --constraint constraints.txt --no-deps avalanche-lib
	touch $(READY)

run: $(READY)
	$(BIN)/python -m app

lint: $(READY)
	$(BIN)/ruff check $(PACKAGES) tests
	$(BIN)/ruff format --check $(PACKAGES) tests
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest --numprocesses 2

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
