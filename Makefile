# `make` prints what can be done. Every target does its own set-up, on a machine with make and Python 3.11 or newer.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
            if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
VENV   ?= .venv
JOBS   ?= 2
EXTRAS := pandas,polars,duckdb,parquet,excel,cli,cfdi,bank,sap,oracle,plot,testing

BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
SLOW   := $(VENV)/.ready-slow
BENCH  := $(VENV)/.ready-bench
PYTEST := $(BIN)/python -m pytest
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help:  ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | \
	  while IFS="$$(printf '\t')" read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done
	@echo
	@echo '  PYTHON=python3.12  another interpreter     VENV=.venv-312  another environment'
	@echo '  JOBS=4             more test processes     ARGS="-k aging" more options for test, demo, mutate'

$(READY): pyproject.toml constraints/dev.txt
	@test -n "$(PYTHON)" || { echo 'No Python 3.11 or newer found; name one: make PYTHON=/path/to/python'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo '$(PYTHON) is older than Python 3.11; name another: make PYTHON=/path/to/python'; exit 1; }
	@test -x $(BIN)/python || { echo 'Creating $(VENV) with $(PYTHON)'; $(PYTHON) -m venv $(VENV); }
	@echo 'Installing receivables and its development tools into $(VENV)'
	@$(PIP) install -q --upgrade pip -c constraints/dev.txt
	@$(PIP) install -q --editable '.[$(EXTRAS)]' --group dev -c constraints/dev.txt
	@touch $@

# Spark is 450 MB that only the slow tests and benchmarks need; without Java they say so and leave it out.
$(SLOW): $(READY)
	@echo 'Installing Spark and SQLFrame into $(VENV)'
	@$(PIP) install -q --editable '.[$(EXTRAS),spark]' --group slow -c constraints/dev.txt
	@touch $@

$(BENCH): $(SLOW)
	@echo 'Installing numba into $(VENV)'
	@$(PIP) install -q --group bench -c constraints/dev.txt
	@touch $@

.PHONY: setup
setup: $(READY)  ## Create the environment and install everything into it
	@echo 'Ready: $(VENV)'

.PHONY: check
check: lint types architecture docs coverage  ## Everything that must pass before a change lands

.PHONY: check-all
check-all: check  ## check, then the suite on Python 3.12 and 3.13 where they are installed
	@bash tools/check_all.sh 3.12 3.13

.PHONY: lint
lint: $(READY)  ## Formatting and style (ruff)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

.PHONY: format
format: $(READY)  ## Rewrite formatting and fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: types
types: $(READY)  ## Types (mypy strict, pyright standard)
	$(BIN)/mypy
	$(if $(wildcard tests/typing),$(BIN)/mypy tests/typing)
	$(BIN)/pyright --warnings

.PHONY: architecture
architecture: $(READY)  ## Who may import whom (import-linter) and what is banned (tools/tidy.py)
	$(BIN)/lint-imports
	$(BIN)/python tools/tidy.py

.PHONY: test
test: $(READY)  ## The tests, quickly: 50 examples a law, no coverage
	$(PYTEST) -n $(JOBS) --dist loadfile $(ARGS)

.PHONY: coverage
coverage: $(READY)  ## The tests as `check` runs them: 200 examples a law, branches counted
	$(PYTEST) -n $(JOBS) --dist loadfile -m 'not slow' --hypothesis-profile=ci --cov --cov-report=html --cov-report=term $(ARGS)

.PHONY: slow
slow: $(SLOW)  ## The tests that take more than ten seconds each: kills by the hundred, Spark, SQLFrame
	$(PYTEST) -n $(JOBS) --dist loadfile -m slow $(ARGS)

.PHONY: docs
docs: $(READY)  ## Build the documentation; a dead reference is an error
	$(BIN)/python -m sphinx -n -W --keep-going -q -b html -d build/doctrees docs build/docs
	@echo 'Documentation: build/docs/index.html'

.PHONY: demo
demo: $(READY)  ## The main job on a shipped portfolio: load, age, explain
	$(BIN)/python examples/demo.py $(ARGS)

.PHONY: bench
bench: $(BENCH)  ## Measure speed and memory (bench/*.py), each at a size that ends within minutes
	@set -e; for script in $(sort $(wildcard bench/*.py)); do echo "== $$script"; $(BIN)/python $$script; done

.PHONY: bench-frames
bench-frames: $(BENCH)  ## The table of docs/reference/performance.md at full size; an hour, 16 GB of memory
	$(BIN)/python bench/frames_age.py --rows 1000000
	$(BIN)/python bench/frames_age.py --rows 10000000 duckdb polars pandas
	$(BIN)/python bench/frames_allocation.py --rows 5000000
	$(BIN)/python bench/frames_history.py --rows 2000000 rolls
	$(BIN)/python bench/frames_history.py --rows 1000000 snapshot
	$(BIN)/python bench/frames_spark.py --rows 5000000
	$(BIN)/python bench/frames_parquet.py --rows 30000000 --rounds 1
	$(BIN)/python bench/frames_growth.py --rows 1000000 3000000 10000000 30000000

.PHONY: mutate
mutate: $(READY)  ## Mutation run: do the tests notice a changed line? ARGS="money aging --sample 100"
	$(BIN)/python tools/mutate.py $(ARGS)

.PHONY: deep
deep: $(READY)  ## The long run: 20,000 examples a law, then a mutation run on the core
	$(PYTEST) -n $(JOBS) --dist loadfile --hypothesis-profile=deep -o faulthandler_timeout=0 tests/laws
	$(BIN)/python tools/mutate.py

.PHONY: clean
clean:  ## Remove the environments and everything generated
	rm -rf .venv .venv-3.* build dist docs/reference/api .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
