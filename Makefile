# Every step leaves a stamp, so that a second `make demo` starts at once. `make` alone lists what
# there is to do.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
NODE_BIN := node_modules/.bin
CACHE := node_modules/.cache/okaeri
# Two processes at least: tests wait for databases and browsers more than they compute.
WORKERS ?= auto
say = @printf '%s\n' "==> $(1)"

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- what people do -----------------------------------------------------------------------------

.PHONY: demo
demo: .venv/.stamp $(CACHE)/.stamp ## Run Okaeri with a simulated Shopify; Ctrl-C stops it, the data stays
	@exec $(BIN)/okaeri demo

.PHONY: demo-reset
demo-reset: .venv/.stamp ## Delete the demo's data
	@$(BIN)/okaeri demo --reset

.PHONY: test
test: ready-to-test lint test-widgets ## Check everything and run every test
	$(call say,Tests)
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal
	$(call say,Story)
	@$(BIN)/python -m tests.story

.PHONY: check
check: lint house ## Lint, types, import floors and the house rules (about a minute)

.PHONY: story
story: ready-to-test ## Tell one buyer's whole journey, step by step
	@$(BIN)/python -m tests.story

.PHONY: bench
bench: .venv/.stamp-dev ready ## Measure webhook to mail; the figure depends on this machine
	@$(BIN)/python -m tests.bench

.PHONY: fmt
fmt: .venv/.stamp-dev ## Put the code in order
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

.PHONY: migration
migration: .venv/.stamp-dev ## Write a new migration: make migration name=add_gifts
	@test -n "$(name)" || { echo 'Name it: make migration name=add_gifts'; exit 2; }
	@$(BIN)/python -m migrations.new "$(name)"

# --- parts of the above -------------------------------------------------------------------------

.PHONY: ready ready-to-test lint house test-widgets widgets lock browser
ready: .venv/.stamp $(CACHE)/.stamp widgets

ready-to-test: .venv/.stamp-dev ready browser

lint: .venv/.stamp-dev
	$(call say,Lint)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo 'Some files want: make fmt'; exit 1; }
	$(call say,Types)
	@$(BIN)/mypy --no-error-summary
	$(call say,Import floors)
	@$(BIN)/lint-imports > /dev/null 2>&1 || { $(BIN)/lint-imports; exit 1; }

house: .venv/.stamp-dev $(CACHE)/.stamp
	$(call say,House rules)
	@$(BIN)/pytest -q -n $(WORKERS) tests/house

test-widgets: node_modules/.stamp widgets
	$(call say,Widgets)
	@OPT_OUT_INSTRUMENTATION=true $(NODE_BIN)/vitest run --passWithNoTests

# --- Python -------------------------------------------------------------------------------------

define find_python
python=; \
for name in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
    if "$$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; \
    then python="$$name"; break; fi; \
done; \
if [ -z "$$python" ]; then \
    echo 'Okaeri needs Python 3.11, 3.12 or 3.13 with its venv module (Debian, Ubuntu: apt-get install python3-venv).' >&2; \
    exit 1; \
fi
endef

install = PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install -qq --no-input

.venv/.stamp: requirements.lock pyproject.toml
	$(call say,Python packages (about a minute the first time))
	@if ! $(BIN)/python -m pip --version > /dev/null 2>&1; then \
	    $(find_python); "$$python" -m venv --clear .venv; \
	fi
	@$(install) --require-hashes -r requirements.lock
	@$(install) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.stamp-dev: requirements-dev.lock .venv/.stamp
	$(call say,Python packages for tests)
	@$(install) --require-hashes -r requirements-dev.lock
	@touch $@

# --- Node ---------------------------------------------------------------------------------------

node_modules/.stamp: package-lock.json .npmrc
	$(call say,Node packages (half a minute))
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || \
	    { echo 'Okaeri needs Node 20 or newer, with npm.' >&2; exit 1; }
	@npm ci
	@touch $@

# As a script, so that a fault in the app cannot stand in the way; -P, because its folder has a
# room called graphql, too.
$(CACHE)/.stamp: node_modules/.stamp app/sandbox/schema_build.py | .venv/.stamp
	$(call say,Shopify's schema)
	@$(BIN)/python -P app/sandbox/schema_build.py
	@touch $@

# The Shopify CLI wants Node 22, which is among the packages for most platforms.
NODE22 = $(firstword $(wildcard node_modules/node-*/bin/node) node)
WIDGET_FILES := $(shell find widgets -type f -not -path '*/dist/*' -not -path '*/node_modules/*' \
    -not -name '.stamp' -not -name '.address' -not -name 'manifest.json' \
    -not -name 'shopify.d.ts' 2>/dev/null)

# A widget knows the address of the app that it asks: the demo's unless APP_URL says another.
export APP_URL ?= http://localhost:8000

widgets: widgets/.stamp

# Written anew only when the address is another one, so that the widgets are built again then.
widgets/.address: FORCE
	@test "$$(cat $@ 2>/dev/null)" = "$(APP_URL)" || printf '%s' "$(APP_URL)" > $@
FORCE:

widgets/.stamp: $(WIDGET_FILES) shopify.app.toml widgets/.address node_modules/.stamp
	$(call say,Widgets for Shopify)
	@log=$$(CI=1 SHOPIFY_CLI_NO_ANALYTICS=1 OPT_OUT_INSTRUMENTATION=true $(NODE22) \
	    node_modules/@shopify/cli/bin/run.js app build --path . --skip-dependencies-installation \
	    < /dev/null 2>&1) || { printf '%s\n' "$$log" >&2; exit 1; }
	@touch $@

# --- the browser the tests drive ----------------------------------------------------------------

# Debian's own, with a font for Japanese; Playwright's download would be a second one.
browser:
	@missing=; \
	for name in chromium chromium-browser google-chrome none; do \
	    command -v $$name > /dev/null && break; done; \
	[ $$name = none ] && missing=chromium; \
	fc-list :lang=ja 2>/dev/null | grep -q . || missing="$$missing fonts-noto-cjk"; \
	[ -z "$$missing" ] && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    printf '==> Installing %s\n' "$$missing"; \
	    export DEBIAN_FRONTEND=noninteractive; \
	    { apt-get update -qq && apt-get install -y -qq --no-install-recommends fontconfig $$missing; } \
	        > /dev/null; \
	else \
	    echo "The tests drive a browser. Install it once, then start again:" >&2; \
	    echo "    sudo apt-get install $$missing" >&2; exit 1; \
	fi

# --- locks --------------------------------------------------------------------------------------

compile = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

# No lock says where packages come from: that is each machine's own setting. npm cannot leave it out
# by itself without losing what other platforms need, hence the last line.
lock: .venv/.stamp-dev ## Write the locks anew from pyproject.toml and package.json
	$(compile) --extra demo --extra install -o requirements.lock
	$(compile) --extra demo --extra install --extra dev -c requirements.lock -o requirements-dev.lock
	npm install --package-lock-only --omit-lockfile-registry-resolved=false
	npm install --package-lock-only --omit-lockfile-registry-resolved=false --prefix tests/bench/peers
	for lock in . tests/bench/peers; do \
	    sed -i.old '/^ *"resolved": /d' $$lock/package-lock.json && rm $$lock/package-lock.json.old; \
	done
