# Kezhou. `make run` needs Python 3.11 and make, nothing else; `make help` lists the rest.

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$name; break; }; done)
ifeq ($(strip $(PYTHON)),)
PYTHON := python3
endif
BIN := .venv/bin
PREPARE := $(PYTHON) -I platform/kezhou/local/prepare.py
CODE := platform/kezhou tenants search billing portal plugins tests

# What can be chosen: make run PORT=8080 BASE_DOMAIN=crm.example.com FOLDER=/srv/kezhou HOST=0.0.0.0
PORT ?=
HOST ?=
BASE_DOMAIN ?=
SCHEME ?=
FOLDER ?=
CHOICES = $(if $(FOLDER),--home $(FOLDER)) $(if $(PORT),--port $(PORT)) $(if $(HOST),--host $(HOST)) \
	$(if $(BASE_DOMAIN),--base-domain $(BASE_DOMAIN)) $(if $(SCHEME),--scheme $(SCHEME))

.DEFAULT_GOAL := help
.PHONY: cluster elasticsearch help run status backup restore upgrade test bench requirements queries lint types lock assets \
	environment test-environment clean-test clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: environment assets ## start everything on this machine (PORT=, HOST=, BASE_DOMAIN=, SCHEME=, FOLDER=)
	@exec $(BIN)/kezhou run $(CHOICES)

status: environment ## what runs, where, and how far behind
	@$(BIN)/kezhou status $(if $(FOLDER),--home $(FOLDER))

backup: environment ## save database and files: make backup FILE=kezhou.backup
	@$(BIN)/kezhou backup $(if $(FOLDER),--home $(FOLDER)) $(or $(FILE),$(error Say where to: make backup FILE=kezhou.backup))

restore: environment ## bring a backup back: make restore FILE=kezhou.backup
	@$(BIN)/kezhou restore $(if $(FOLDER),--home $(FOLDER)) $(or $(FILE),$(error Say which one: make restore FILE=kezhou.backup))

upgrade: environment ## bring the data of all companies up to this version
	@$(BIN)/kezhou upgrade $(if $(FOLDER),--home $(FOLDER))

# Lint, import law and types are tests (tests/lint), so that they run beside the others; a slip that ruff sees stops at once.
test: test-environment assets ## lint, types, import law and every test (ARGS= goes to pytest)
	@$(BIN)/ruff check --quiet $(CODE)
	@$(BIN)/python -m pytest -n $(or $(WORKERS),auto) $(ARGS)

bench: test-environment assets ## measure; a table, and JSON lines under build/
	@$(BIN)/python -m tests.bench $(ARGS)

elasticsearch: test-environment ## fetch and start a real Elasticsearch on this machine; prints ELASTICSEARCH_URL
	@$(BIN)/python -m search.engines.elastic.development $(or $(ARGS),start)

cluster: test-environment ## install, upgrade and roll back the chart on a real Kubernetes API server (needs Go)
	@$(BIN)/python -m tests.cluster $(ARGS)

requirements: test-environment ## which rows of the catalogue the last test run proved
	@$(BIN)/python -m kezhou.testing.requirements

queries: test-environment assets ## write the pinned query counts anew
	@KEZHOU_WRITE_QUERIES=1 $(BIN)/python -m pytest -q tests/perf $(ARGS)

lint: test-environment ## ruff, import law
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/lint-imports --no-cache

types: test-environment ## mypy, strict
	@$(BIN)/mypy

lock: ## compile requirements/*.txt with hashes and without addresses (needs uv)
	@for name in build node base test; do \
		uv pip compile --quiet --universal --upgrade --generate-hashes --no-header --python-version 3.11 \
			requirements/$$name.in --output-file requirements/$$name.txt || exit 1; done
	@uv pip compile --quiet --no-deps --generate-hashes --no-header --python-version 3.11 \
		requirements/regions.in --output-file requirements/regions.txt

assets: environment ## fetch the front-end files and compile the translations
	@$(BIN)/python -m kezhou.local.assets

environment:
	@$(PREPARE)

test-environment:
	@$(PREPARE) --test

clean-test: ## stop the servers of the test runs and delete their data
	@if [ -d .kezhou/test ]; then $(BIN)/python -m search.engines.elastic.development stop .kezhou/test \
		&& $(BIN)/python -m kezhou.testing.services stop && rm -rf .kezhou/test; fi

clean: clean-test ## delete what can be made again; the installation's data stay
	@rm -rf .venv node_modules build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
