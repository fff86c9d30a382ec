# Two commands are enough on a fresh machine: `make demo` and `make test`.
# Everything is installed into .venv, from pinned and hashed lists. Nothing is installed
# twice: an empty file beside the packages says which list they came from.

PYTHON ?= python3
PY := .venv/bin/python
RUN := .venv/.installed-run
DEV := .venv/.installed-dev
BENCH := .venv/.installed-bench
NODE := .venv/.installed-node
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check
PROJECT := --no-deps --no-build-isolation --editable .
# Each file of tests is run by one process, in the order of the folders: those that take
# longest come first. A process that dies under a test is not replaced: the run fails.
SPREAD := -n auto --dist loadfile --no-loadscope-reorder --max-worker-restart 0

.PHONY: help demo test check bench fmt clean messages requirements

help:
	@echo "make demo          install and start a live blog with a story to look at"
	@echo "make test          run all tests (ARGS='-k name' for some, ARGS=-n0 in one process)"
	@echo "make check         lint, format, types, who imports whom"
	@echo "make fmt           format the code and fix what can be fixed"
	@echo "make bench         measure"
	@echo "make messages      bring the catalogues of languages up to date"
	@echo "make requirements  choose new versions of the dependencies"
	@echo "make clean         remove what can be made again, but no data"

demo: $(RUN)
	@.venv/bin/liveblog demo $(ARGS)

test: $(DEV) $(NODE)
	@$(PY) -m pytest $(SPREAD) $(ARGS)

check: $(DEV)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

fmt: $(DEV)
	@$(PY) -m ruff check --fix --quiet . || true
	@$(PY) -m ruff format .

bench: $(DEV) $(BENCH)
	@$(PY) -m bench $(ARGS)

messages: $(DEV)
	@$(PY) -m tests.messages

clean:
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

# Needs uv (`pip install uv`), which nothing else here does. No index is named, so no
# host gets into the files.
COMPILE := uv pip compile --quiet --upgrade --universal --generate-hashes --no-annotate
requirements:
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt
	$(COMPILE) --group build -o requirements/build.txt
	$(COMPILE) pyproject.toml --group bench -c requirements/run.txt -o requirements/bench.txt

$(NODE): tests/node/package-lock.json tests/nodetools.py | $(DEV)
	@echo "Installing what checks the pages …"
	@$(PY) -m tests.nodetools
	@touch $@

$(RUN): requirements/run.txt requirements/build.txt pyproject.toml | $(PY)
	@echo "Installing what Liveblog needs to run …"
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@$(INSTALL) --require-hashes -r requirements/build.txt
	@$(INSTALL) $(PROJECT)
	@touch $@

$(DEV): requirements/dev.txt pyproject.toml | $(PY)
	@echo "Installing what Liveblog and its tests need …"
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@$(INSTALL) $(PROJECT)
	@touch $@

$(BENCH): requirements/bench.txt pyproject.toml | $(PY)
	@echo "Installing what Liveblog is measured beside …"
	@$(INSTALL) --require-hashes -r requirements/bench.txt
	@touch $@

$(PY):
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Liveblog needs Python 3.11 or newer, and there is no $(PYTHON) here." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Liveblog needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
	       "Name another one like this: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make virtual environments." \
	       "Install what is missing: sudo apt-get install -y python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }
