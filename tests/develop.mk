# Targets for developers of Typedwiki; included by the Makefile.

# Tests of one file share what they build, so they stay in one process. conftest.py says which files begin.
PARALLEL = -n auto --dist loadfile --no-loadscope-reorder

.PHONY: test test-fast lint setup bench screenshots

test: lint  ## lint, type-check and run all tests
	$(PY) -m pytest $(PARALLEL)

test-fast: lint  ## lint, type-check and run the pure tests: no Quarto, no browser, no long ones
	$(PY) -m pytest $(PARALLEL) -m "not slow"

lint: $(VENV)/.requirements-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/zizmor --offline --quiet .github/workflows

setup: $(VENV)/.requirements-dev  ## install what building and testing need, without doing either

bench: $(VENV)/.requirements-dev  ## measure speed, weight and conversion, and write the tables of docs/performance.md (BENCH="--only scale --no-write")
	@PYTHONPATH=scripts:tests $(PY) -m bench $(BENCH)

screenshots: $(VENV)/.requirements-dev  ## make the pictures of the README from _site
	@$(PY) tests/screenshots.py

$(VENV)/.requirements-dev: tests/requirements.txt $(VENV)/.requirements
	$(PY) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@
