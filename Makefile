# `make site` does everything on a fresh machine. In a clone of Typedwiki so does `make test`.

PYTHON ?= python3
VENV ?= .venv
RENDERER ?= auto
ENGINE ?= auto
QUARTO_CLI = quarto-cli>=1.9,<1.11
PY = $(VENV)/bin/python
WIKI = $(PY) scripts/wiki.py

.DEFAULT_GOAL := help
.PHONY: help publish site preview check doctor draft clean quarto

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

doctor: $(VENV)/.requirements  ## say what was found, what is missing and what to do
	@$(WIKI) doctor

publish: site  ## publish _site to the branch gh-pages; on GitHub the workflow does it with every push
	@if command -v quarto >/dev/null || [ -x $(VENV)/bin/quarto ]; then \
	  PATH="$(VENV)/bin:$$PATH" quarto publish gh-pages --no-render; \
	else \
	  echo "publishing needs Quarto (https://quarto.org); or copy _site to any web server,"; \
	  echo "or push to GitHub: .github/workflows/publish.yml renders and deploys"; \
	fi

clean:  ## remove what was built; the virtual environment stays
	@if [ -x $(PY) ]; then $(WIKI) clean; fi
	rm -rf .typedwiki .quarto .pytest_cache .mypy_cache .ruff_cache $(VENV)/.quarto-tried

# Use Quarto from PATH or QUARTO_PATH. Otherwise try its official package once: it downloads the
# release. If that cannot be reached, it fails and the draft is built instead.
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

-include tests/develop.mk
