# Two targets do everything on a fresh machine: `make site` and `make test`.

PYTHON ?= python3
VENV ?= .venv
RENDERER ?= auto
ENGINE ?= auto
QUARTO_CLI = quarto-cli==1.9.38
PY = $(VENV)/bin/python
WIKI = $(PY) scripts/wiki.py
# Tests of one file share what they build, so they stay in one process.
PARALLEL = -n auto --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help publish site test test-fast lint setup preview check draft bench screenshots clean quarto

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 13

site: $(VENV)/.requirements quarto  ## build the site into _site (RENDERER=auto|quarto|draft ENGINE=auto|quarto|fast)
	@$(WIKI) render --renderer $(RENDERER) --engine $(ENGINE)

draft: $(VENV)/.requirements  ## build the site with pandoc alone, in seconds
	@$(WIKI) draft

preview: $(VENV)/.requirements quarto  ## show the site and follow what is edited (RENDERER=draft: faster)
	@$(WIKI) preview $(if $(filter draft,$(RENDERER)),--draft)

check: $(VENV)/.requirements  ## report broken links and other problems in the wiki
	@$(WIKI) check

test: lint  ## lint, type-check and run all tests
	$(PY) -m pytest $(PARALLEL)

test-fast: lint  ## lint, type-check and run the pure tests: no Quarto, no browser, no long ones
	$(PY) -m pytest $(PARALLEL) -m "not slow"

lint: $(VENV)/.requirements-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

setup: $(VENV)/.requirements-dev  ## install what building and testing need, without doing either

publish: site  ## publish _site to the branch gh-pages; on GitHub the workflow does it with every push
	@if command -v quarto >/dev/null || [ -x $(VENV)/bin/quarto ]; then \
	  PATH="$(VENV)/bin:$$PATH" quarto publish gh-pages --no-render; \
	else \
	  echo "publishing needs Quarto (https://quarto.org); or copy _site to any web server,"; \
	  echo "or push to GitHub: .github/workflows/publish.yml renders and deploys"; \
	fi

bench: $(VENV)/.requirements-dev  ## measure speed, weight and what conversion loses (BENCH="--only scale --pages 1000,25000")
	@PYTHONPATH=scripts:tests $(PY) -m bench $(BENCH)

screenshots: $(VENV)/.requirements-dev  ## make the pictures of the README from _site
	@$(PY) tests/screenshots.py

clean:  ## remove what was built; the virtual environment stays
	@if [ -x $(PY) ]; then $(WIKI) clean; fi
	rm -rf .typedwiki .quarto .pytest_cache .mypy_cache .ruff_cache $(VENV)/.quarto-tried

# Quarto is the one on PATH or in QUARTO_PATH. Otherwise its official package is tried, once: it
# downloads the release, so it fails where that cannot be reached, and then the draft steps in.
quarto: $(VENV)/.requirements
	@if [ "$(RENDERER)" != draft ] && [ -z "$$QUARTO_PATH" ] && ! command -v quarto >/dev/null \
	  && [ ! -x $(VENV)/bin/quarto ] && [ ! -f $(VENV)/.quarto-tried -o "$(RENDERER)" = quarto ]; then \
	  echo "Quarto is not installed: trying $(QUARTO_CLI) from PyPI"; \
	  $(PY) -m pip install --quiet --disable-pip-version-check "$(QUARTO_CLI)" >$(VENV)/quarto-cli.log 2>&1 \
	    || echo "Quarto could not be installed (see $(VENV)/quarto-cli.log); https://quarto.org has installers"; \
	  touch $(VENV)/.quarto-tried; \
	fi

$(PY):
	$(PYTHON) -m venv $(VENV)

$(VENV)/.requirements: requirements.txt | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.requirements-dev: tests/requirements.txt $(VENV)/.requirements
	$(PY) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@
