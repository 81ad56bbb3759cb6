# The words of this project.  `make demo` and `make test` set up whatever they need.
.PHONY: setup demo test check fix bench assets browser protection trouble spark soak clean
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CHILDREN ?= 20000
PORT ?= 8000
MINUTES ?= 10
RUNS ?= 40

help:
	@echo "make demo    a made-up England of $(CHILDREN) children on http://localhost:$(PORT)"
	@echo "make test    every test, the browser's included"
	@echo "make protection   thousands of tries to tell what is hidden; planted leaks must be found"
	@echo "make trouble      kill -9, full disks and lost databases at random moments"
	@echo "make spark   the same links on Spark as on DuckDB (Java 17; 400 MB to download)"
	@echo "make soak    the national peak, then the same tries, each for MINUTES=$(MINUTES)"
	@echo "make check   style, types, layers, migrations"
	@echo "make fix     mend what tools can mend"
	@echo "make bench   measure, in minutes (SIZE=national: all England, most of a day)"
	@echo "make setup   only install"
	@echo "make clean   remove what was installed and built; asks nothing, keeps .data"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing (Debian: apt install python3-venv)"; exit 1; }

$(VENV)/run.done: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the service needs"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.done: requirements/dev.txt $(VENV)/run.done
	@echo "Installing what the tests need"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

# npm comes with the machine, else as a Python package.
node_modules/.package-lock.json: package-lock.json package.json .npmrc | $(VENV)/run.done
	@command -v npm >/dev/null || [ -x $(BIN)/npm ] || { echo "Installing Node.js"; $(PIP) install --require-hashes -r requirements/node.txt; }
	@echo "Installing GOV.UK Frontend"
	@PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --ignore-scripts --omit=optional --no-audit --no-fund --no-update-notifier --loglevel=error

contactpoint/web/static/built/.done: node_modules/.package-lock.json $(shell find contactpoint/web/assets -type f 2>/dev/null)
	@echo "Building the page assets"
	@PATH="$$PATH:$(CURDIR)/$(BIN)" npm run --silent build
	@touch $@

assets: contactpoint/web/static/built/.done
setup: $(VENV)/dev.done assets

demo: $(VENV)/run.done assets
	@exec $(BIN)/contactpoint demo --children $(CHILDREN) --port $(PORT)

browser: $(VENV)/dev.done
	@$(BIN)/python tests/browser/find_chromium.py

# Several processes, each with a database of its own; a file's tests stay together.
MANY := -n logical --maxprocesses 4

test: setup browser
	@$(BIN)/pytest $(MANY) --dist loadfile --no-loadscope-reorder

protection: setup
	@MACHINE_EXAMPLES=$(RUNS) $(BIN)/pytest $(MANY) -m 'long or not long' --durations=5 tests/protection

trouble: setup
	@KILLS=10 $(BIN)/pytest $(MANY) -m 'long or not long' --durations=5 tests/journeys/test_killed.py tests/journeys/test_loads_in_trouble.py tests/journeys/test_load_bad_files.py

# 400 MB to download, so in a folder of its own and no part of `make test`.
$(VENV)/spark/.done: requirements/spark.txt $(VENV)/dev.done
	@java -version >/dev/null 2>&1 || { echo "Spark needs Java 17 (Debian: apt install openjdk-17-jre-headless)"; exit 1; }
	@$(PIP) install --require-hashes --upgrade --target $(VENV)/spark -r requirements/spark.txt
	@touch $@

spark: $(VENV)/spark/.done
	@PYTHONPATH=$(CURDIR)/$(VENV)/spark $(BIN)/pytest -q tests/matching/test_spark.py

soak: setup
	@$(BIN)/contactpoint bench soak --children $(CHILDREN) --minutes $(MINUTES)
	@MINUTES=$(MINUTES) nice $(BIN)/pytest -q -s tests/protection/soak.py

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/contactpoint database check

fix: setup
	$(BIN)/python -m tests.rule_book
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	@$(BIN)/contactpoint bench all

clean:
	rm -rf $(VENV) node_modules contactpoint/web/static/built
