# Equiscope. Everything is installed into .venv beside this file, once; `make` lists what there is.

PYTHON  ?= python3
ADDRESS ?= 127.0.0.1
PORT    ?= 8501
WATCH   ?= none
FUZZ    ?= 20

VENV := .venv
BIN  := $(VENV)/bin
RUN  := $(VENV)/.run-installed
DEV  := $(VENV)/.dev-installed
NODE_MODULES := components/node_modules/.installed
DOCS := $(VENV)/.docs-installed

INSTALL := $(BIN)/python deploy/lock.py install

.DEFAULT_GOAL := help
.PHONY: help run test thorough quick lessons lint types format components scripts docs pictures bench lock licences fuzz hostile checkpoints venv

help: ## list the commands
	@echo "usage: make COMMAND [PORT=8501] [PYTHON=python3]"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(RUN) ## start the app on 127.0.0.1 (installs first, if needed; ADDRESS=0.0.0.0 opens it: docs/deploy.md)
	$(BIN)/python -m streamlit run server.py --server.address $(ADDRESS) --server.port $(PORT) --server.fileWatcherType $(WATCH)

WHOLE := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

test: $(DEV) ## lint, types and every kind of test, those in the browser included: under ten minutes on two cores
	@$(MAKE) --no-print-directory -j 3 --output-sync lint types scripts
	$(WHOLE) -m "not thorough"

thorough: $(DEV) ## as `make test`, on every network, page, screen and lesson; what CI runs
	@$(MAKE) --no-print-directory -j 3 --output-sync lint types scripts
	$(WHOLE)

# What is slow has a mark; the first three marks come with the folder of a test (tests/conftest.py).
quick: $(DEV) ## ruff, and the tests without browser, pages and training: under a minute
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not apptest and not training and not slow and not thorough"

lessons: $(DEV) ## every claim and every link of assets/lessons
	$(BIN)/python -m pytest -q tests/lessons

lint: $(DEV) ## ruff: rules and layout; import-linter: who imports whom
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/lint-imports --no-cache --no-logo

types: $(DEV) ## mypy
	$(BIN)/python -m mypy

format: $(DEV) ## let ruff repair what it can
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

components: $(NODE_MODULES) ## bundle the browser components into assets/components (needs node)
	cd components && npm run --silent build

scripts: ## the browser components: types, lint, tests under node, bundles as built (skips without node)
	@if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; then \
	  $(MAKE) --no-print-directory $(NODE_MODULES) && cd components && npm run --silent check; \
	else \
	  echo "make: node and npm are not here, so the scripts of components/ are not checked."; \
	fi

docs: $(DOCS) ## architecture, decisions and the reference from the docstrings, as pages in site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --clean

pictures: $(DEV) ## draw the pictures of the pages that the start page and the README show (needs Chromium)
	$(BIN)/python -m docs.pictures

bench: $(DEV) ## measure speed: networks, sweeps, browser, visitors at once, load and faults
	$(BIN)/python -m benchmarks

lock: | venv ## the requirements*.lock again: versions and hashes of every package (Linux, CPython 3.11)
	$(BIN)/python deploy/lock.py write

licences: $(RUN) ## list what is installed beside the app, with licences
	$(BIN)/python deploy/licences.py

fuzz: $(DEV) ## what visitors may upload, changed at random, always the same way: FUZZ=20 times as many as in `make test`
	EQUISCOPE_FUZZ=$(FUZZ) $(BIN)/python -m pytest -q -m fuzz

hostile: $(DEV) ## thousands of hostile files through every reader, and what they took
	$(BIN)/python -m benchmarks.hostile --readers

checkpoints: $(RUN) ## train again every network kept in assets/checkpoints, as its card says
	$(BIN)/python -m core.training.retrain

# The stamps say which requirements are installed: while they are newer than the files, pip is not called.
$(RUN): requirements.txt requirements.lock | venv
	$(INSTALL) requirements
	@touch $@

$(DEV): requirements.txt requirements-dev.txt requirements-ray.txt requirements-dev.lock | venv
	$(INSTALL) requirements-dev
	@touch $(RUN) $@

$(NODE_MODULES): components/package.json components/package-lock.json
	cd components && npm ci --loglevel=error
	@touch $@

$(DOCS): requirements-docs.txt requirements-docs.lock | venv
	$(INSTALL) requirements-docs
	@touch $@

# Makes .venv, or says in one sentence why the one that is here will not do.
VERSION_OF = -c 'import sys; print("%d.%d" % sys.version_info[:2])'
RECENT = -c 'import sys; sys.exit(sys.version_info < (3, 11))'

venv:
	@if [ ! -e $(VENV) ]; then \
	  command -v $(PYTHON) >/dev/null 2>&1 || { \
	    echo "make: found no '$(PYTHON)'. Install Python 3.11 or newer, or name one: make PYTHON=python3.12 ..." >&2; exit 1; }; \
	  $(PYTHON) $(RECENT) || { \
	    echo "make: Python 3.11 or newer is needed, '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12 ..." >&2; exit 1; }; \
	  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "make: '$(PYTHON)' lacks its venv module. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }; \
	  echo "$(PYTHON) -m venv $(VENV)"; \
	  $(PYTHON) -m venv $(VENV) || { \
	    rm -rf $(VENV); echo "make: could not make $(VENV), see above" >&2; exit 1; }; \
	elif ! $(BIN)/python $(RECENT) 2>/dev/null || [ ! -e $(VENV)/pyvenv.cfg ]; then \
	  echo "make: $(VENV) holds no working Python of version 3.11 or newer (its Python was moved, removed or is too old). Remove it with 'rm -rf $(VENV)' and run make again." >&2; exit 1; \
	elif ! $(BIN)/python -c 'import pip' 2>/dev/null; then \
	  echo "make: $(VENV) has no pip (was its making interrupted?). Remove it with 'rm -rf $(VENV)' and run make again." >&2; exit 1; \
	elif [ "$(origin PYTHON)" != file ] && [ "$$($(PYTHON) $(VERSION_OF))" != "$$($(BIN)/python $(VERSION_OF))" ]; then \
	  echo "make: $(VENV) was made with Python $$($(BIN)/python $(VERSION_OF)), '$(PYTHON)' is another. Remove it with 'rm -rf $(VENV)' and run make again." >&2; exit 1; \
	fi
