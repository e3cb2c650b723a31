# Creator Tiers: `make help` lists the targets. Only Python 3.11+, git and make are needed.
.DEFAULT_GOAL := help
SHELL := /bin/sh
export CREATOR_TIERS_HOME ?= $(CURDIR)/data
# uv trusts the certificates that this machine trusts (the older and the newer name of the setting)
export UV_NATIVE_TLS := true
export UV_SYSTEM_CERTS := true

VENV := .venv
PYTHON := $(VENV)/bin/python
RUNNER := $(PYTHON) -m creator_tiers.airflow_local
PACKAGES := $(VENV)/.packages
DEV_PACKAGES := $(VENV)/.dev-packages
SPARK_PACKAGES := $(VENV)/.spark-packages

# $(call or_fail,what failed,what to do): the end of a command that must succeed
or_fail = || { code=$$?; echo "FAILED: $(1)" >&2; echo "What to do: $(2)" >&2; exit $$code; }

# Where Python may not write bytecode, each of Airflow's processes would take five seconds more for its imports.
BYTECODE := $(if $(PYTHONDONTWRITEBYTECODE),--compile-bytecode)

# A shell function: install into the virtualenv with uv (on PATH, in the virtualenv, from PyPI), else with pip.
define INSTALL
install() { \
	for uv in uv $(VENV)/bin/uv; do \
		if $$uv --version >/dev/null 2>&1; then \
			$$uv pip install --quiet $(BYTECODE) --python $(PYTHON) "$$@" && return 0; \
			echo "uv could not install; trying pip." >&2; break; \
		fi; \
	done; \
	$(PYTHON) -m pip install -qq --disable-pip-version-check "$$@"; \
}
endef

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(PACKAGES) ## from a bare checkout: set up, sample exports, the DAGs by Airflow, the report
	@mkdir -p "$$CREATOR_TIERS_HOME/landing" \
		$(call or_fail,cannot create $$CREATOR_TIERS_HOME/landing,choose a folder you may write: CREATOR_TIERS_HOME=... make demo)
	@if [ -z "$$(ls -A "$$CREATOR_TIERS_HOME/landing")" ]; then \
		echo "Writing sample exports into $$CREATOR_TIERS_HOME/landing ..."; \
		$(VENV)/bin/creator-tiers samples "$$CREATOR_TIERS_HOME/landing"; \
	fi $(call or_fail,the sample exports could not be written,read the message above; empty $$CREATOR_TIERS_HOME/landing before the next try)
	@week="$(WEEK)"; \
	test -n "$$week" || week=$$($(PYTHON) -c 'from creator_tiers.samples.generate import DEFAULT_UNTIL; print(DEFAULT_UNTIL.label)') \
		|| exit 1; \
	$(RUNNER) run --week "$$week"

.PHONY: run
run: $(PACKAGES) ## the DAGs, by Airflow, over $CREATOR_TIERS_HOME/landing; WEEK=2026-W46 picks the report week
	@mkdir -p "$$CREATOR_TIERS_HOME/landing" \
		$(call or_fail,cannot create $$CREATOR_TIERS_HOME/landing,choose a folder you may write: CREATOR_TIERS_HOME=... make run)
	@$(RUNNER) run --week "$(WEEK)"

.PHONY: up
up: $(PACKAGES) ## Airflow's UI and scheduler on this machine (AIRFLOW_PORT, default 8080), DAGs unpaused
	@mkdir -p "$$CREATOR_TIERS_HOME/landing"
	@$(RUNNER) up

.PHONY: airflow
airflow: $(PACKAGES) ## Airflow's own command line in the same home: make airflow ARGS="dags list"
	@$(RUNNER) airflow $(ARGS)

.PHONY: test
test: $(DEV_PACKAGES) ## the whole test suite on the embedded engine; PYTEST_ARGS="-k name" narrows it
	@$(PYTHON) -m pytest -n $(TEST_WORKERS) --dist loadgroup --ignore=tests/engines --ignore=tests/compose $(PYTEST_ARGS) \
		$(call or_fail,tests,read the first failure above; run it alone with PYTEST_ARGS=\"-k name -n 0\")
TEST_WORKERS ?= 2

.PHONY: test-engines
test-engines: $(DEV_PACKAGES) $(SPARK_PACKAGES) ## the same on DuckDB, PostgreSQL and a Spark cluster of its own: one table of results
	@CREATOR_TIERS_ENGINES_MUST_RUN=1 $(PYTHON) -m pytest -n $(TEST_WORKERS) --dist loadgroup --no-loadscope-reorder tests/engines tests/sql $(PYTEST_ARGS) \
		$(call or_fail,an engine,read the first failure above; on Debian the servers are: apt-get install postgresql openjdk-17-jre-headless)

.PHONY: soak
soak: $(DEV_PACKAGES) ## fifty readers for a minute while the pipeline writes, on DuckDB and on a PostgreSQL of its own; SOAK_SECONDS=60
	@CREATOR_TIERS_ENGINES_MUST_RUN=1 $(PYTHON) -m pytest -n 0 -s tests/operations/test_readers.py --reader-seconds $(SOAK_SECONDS) \
		$(call or_fail,the readers,read what they met above; on Debian the server is: apt-get install postgresql)
SOAK_SECONDS ?= 60

.PHONY: test-compose
test-compose: $(DEV_PACKAGES) ## docker-compose.yaml with each profile, on whatever Docker engine and images are there (minutes)
	@$(PYTHON) -m pytest -n 0 -s tests/compose $(PYTEST_ARGS) \
		$(call or_fail,the compose stack,read the first failure above; one shape alone: PYTEST_ARGS=\"-k plain\")

.PHONY: check
check: $(DEV_PACKAGES) ## ruff, mypy, SQL lint, generated docs up to date
	@$(PYTHON) -m ruff check . $(call or_fail,ruff check,mend what it lists or run: $(VENV)/bin/ruff check --fix .)
	@$(PYTHON) -m ruff format --check . $(call or_fail,ruff format,run: $(VENV)/bin/ruff format .)
	@$(PYTHON) -m mypy $(call or_fail,mypy,mend the types it lists)
	@$(PYTHON) -m sqlfluff lint include/sql $(call or_fail,sqlfluff,mend what it lists or run: $(VENV)/bin/sqlfluff fix include/sql)
	@$(PYTHON) -m creator_tiers.docs_pages --check $(call or_fail,the generated pages under docs/ are stale,run: make docs)

.PHONY: audit
audit: $(PACKAGES) ## compare the pinned packages with the public lists of weaknesses (needs uv and the package index)
	@PATH="$$PATH:$(CURDIR)/$(VENV)/bin"; uv tool run pip-audit==2.10.1 --no-deps --disable-pip $(foreach name,requirements requirements-production,-r $(name).txt) \
		$(call or_fail,the audit,raise the package that it names in the .in file and run: make requirements)

.PHONY: docs
docs: $(PACKAGES) ## write the generated pages: docs/data-dictionary.md and docs/dags.md
	@$(PYTHON) -m creator_tiers.docs_pages $(call or_fail,the pages could not be written,mend the description or DAG file that it names)

.PHONY: screenshot
screenshot: $(DEV_PACKAGES) ## the picture of the page in Airflow's UI, for README, over the reports in $CREATOR_TIERS_HOME
	@$(PYTHON) -m tests.plugins.screenshot $(call or_fail,the picture,run make demo first; it needs chromium on the machine)

.PHONY: bench
bench: $(PACKAGES) ## the benchmark beside floors, dlt, dbt, pandas, scipy (long, 20 GB of disk); BENCH_ARGS="--only marts"
	@$(PYTHON) -m bench $(BENCH_ARGS) $(call or_fail,the benchmark,read the traceback above; BENCH_ARGS=\"--rows 1000000\" is the short one)

.PHONY: bench-quick
bench-quick: $(PACKAGES) ## a small benchmark that fails when a ratio is 1.5 times the recorded one
	@$(PYTHON) -m bench --quick \
		$(call or_fail,the benchmark,profile what became slower or record the new ratios in bench/recorded.yaml with a reason)

.PHONY: simulate
simulate: $(PACKAGES) ## the calibration study: how often intervals and verdicts are wrong; writes docs/calibration.md (minutes)
	@$(PYTHON) bench/simulate.py $(call or_fail,the study,read the traceback above; REPLICATES are an option of bench/simulate.py)

# Resolved as of Airflow 3.3.2's release day; the packages named on purpose are newer.
COMPILE := compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links \
	--exclude-newer 2026-09-17 $(foreach package,great-expectations pandas pyarrow duckdb sqlalchemy sqlalchemy-utils pyspark,\
	--exclude-newer-package $(package)=2026-11-20)

.PHONY: requirements
requirements: $(VENV)/.python ## pin the requirements*.txt anew from the .in files (needs uv)
	@( PATH="$(CURDIR)/$(VENV)/bin:$$PATH"; for name in requirements requirements-dev requirements-production requirements-spark requirements-bench; do \
		cp $$name.txt $$name.txt.new; \
		uv pip $(COMPILE) $$name.in --output-file $$name.txt.new >/dev/null || exit 1; \
		{ echo "# Compiled from $$name.in by \`make requirements\`; do not edit."; grep -v '^# Compiled' $$name.txt.new; } \
			> $$name.txt && rm $$name.txt.new; \
	done ) $(call or_fail,the requirements could not be resolved,read uv's explanation above and loosen a bound in the .in file)

.PHONY: spark
spark: $(SPARK_PACKAGES) ## install Spark beside the rest: docs/runbooks/move-to-spark.md

.PHONY: clean
clean: ## remove the virtualenv and all caches (never the data)
	rm -rf $(VENV) build dist include/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.python:
	@for python in $(PYTHON_FOR_VENV) python3 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1; then \
			echo "Creating $(VENV) with $$($$python --version) ..."; \
			$$python -m venv $(VENV) || uv venv --seed --clear --python $$python $(VENV) || break; \
			touch $@; exit 0; \
		fi; \
	done; \
	echo "FAILED: no virtualenv with Python 3.11, 3.12 or 3.13 could be created." >&2; \
	echo "What to do: install one of them (on Debian: python3 and python3-venv), or name it: make PYTHON_FOR_VENV=/path/to/python ..." >&2; \
	exit 1

$(PACKAGES): requirements.txt pyproject.toml | $(VENV)/.python
	@echo "Installing the pinned requirements ..."; date +%s >$(VENV)/.began
	@$(PYTHON) -c '' 2>/dev/null \
		$(call or_fail,$(VENV) does not work any more (its Python is gone?),run: make clean)
	@$(INSTALL); \
	uv --version >/dev/null 2>&1 || $(PYTHON) -m pip install -qq --disable-pip-version-check uv >/dev/null 2>&1 || true; \
	install -r requirements.txt && install --no-deps --editable . \
		$(if $(BYTECODE),&& $(PYTHON) -m compileall -q include dags plugins) \
		$(call or_fail,the requirements could not be installed,check the connection to the package index; then run the same command again)
	@echo "  $$(( $$(date +%s) - $$(cat $(VENV)/.began) )) s  requirements installed"; rm $(VENV)/.began; touch $@

$(DEV_PACKAGES): requirements-dev.txt $(PACKAGES)
	@echo "Installing what tests and checks need ..."
	@$(INSTALL); install -r requirements-dev.txt \
		$(call or_fail,the requirements could not be installed,check the connection to the package index; then run the same command again)
	@touch $@

$(SPARK_PACKAGES): requirements-spark.txt $(PACKAGES)
	@echo "Installing Spark ..."
	@$(INSTALL); install -r requirements-spark.txt \
		$(call or_fail,the requirements could not be installed,check the connection to the package index; then run the same command again)
	@touch $@
