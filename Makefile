# The commands of the house. Each installs what it needs first; nothing but Python 3.11+ and make is expected.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Some images set it; without bytecode every start costs several seconds more.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
CODE := manage.py csworkbench accounts playbooks priorities escalations transitions
TEST_WORKERS ?= 2

.PHONY: help
help:  ## What can be done here
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 14

.PHONY: run
run: .venv/.synced  ## The whole workbench on this machine, with demo workspaces; one Ctrl-C ends it
	@exec $(BIN)/python -m csworkbench.supervisor --until-parent-ends

.PHONY: test
test: .venv/.synced  ## All tests but the benchmarks
	$(BIN)/python -m pytest tests -n $(TEST_WORKERS) --ignore=tests/benchmarks $(TEST_ARGS)

.PHONY: lint
lint: .venv/.synced  ## Style, types, templates, security, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/djlint --check --lint templates
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(CODE)
	$(BIN)/python manage.py check
	$(BIN)/python manage.py makemigrations --check --dry-run

.PHONY: bench
bench: .venv/.synced  ## Timings against floors measured in the same run (BENCH_ARGS="--json --scale 10000")
	$(BIN)/python manage.py bench $(BENCH_ARGS)

.PHONY: fmt
fmt: .venv/.synced  ## Rewrite code and templates in the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint --reformat --quiet templates

.PHONY: clean
clean:  ## Remove what can be made again; the data of `make run` (.data) stays
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis .data/static
	find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +

.venv/.synced: uv.lock pyproject.toml | $(UV)
	@echo "Installing the locked dependencies..."
	@$(UV) sync --frozen --quiet
	@touch $@

# Apart from the system's packages, which many distributions guard, and from the environment uv then makes.
.uv/bin/uv:
	$(PYTHON) -m pip install --quiet --target .uv 'uv>=0.9' || { rm -rf .uv; $(PYTHON) -m venv .uv && .uv/bin/pip install --quiet 'uv>=0.9'; }
