# Everything that a person or CI runs. `make run` and `make test` set up what they need first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEED ?= 1
MINUTES ?= 1
MESSAGES ?= 100000
SALES ?= 100
REPLAYS ?= 1000
RUNS ?= 2000
JOBS ?= 3

# Without byte code on disk every worker and every command that a test starts compiles the whole bench anew.
unexport PYTHONDONTWRITEBYTECODE

SOURCES := host hil protocols tests bench

.PHONY: run test lint bench long example golden coverage traced generate qemu qemu-tests clean setup setup-dev pcsc browser

# One sale. Where somebody sits in front of it: on a page in the browser, which stays until Ctrl-C; HEADLESS=1 or no
# terminal window: ends at once.
run: setup
	@if [ -t 0 ] && [ -t 1 ] && [ -z "$$HEADLESS" ]; then $(BIN)/tillbench demo --page --browse; else $(BIN)/tillbench demo; fi

test: setup-dev pcsc browser qemu-tests
	$(if $(CI)$(TILLBENCH_ALL),,TILLBENCH_SAMPLE=1) $(BIN)/python -m pytest -n $(JOBS) $(PYTEST_ARGS)

lint: setup-dev $(VENV)/.stubs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy $(SOURCES)
	$(BIN)/pyright --warnings firmware

bench: setup-dev pcsc browser qemu-tests
	$(BIN)/python -m bench

long: setup-dev qemu-tests pcsc browser
	$(BIN)/python -m bench.long --seed $(SEED) --minutes $(MINUTES)
	$(BIN)/python -m tests.emv_model --seed $(SEED)
	TILLBENCH_ALL=1 $(BIN)/python -m pytest -q -n $(JOBS) --till-target qemu tests/device
	TILLBENCH_CDA_SALES=1000 $(BIN)/python -m pytest -q --till-target qemu tests/device/test_kernel_budget.py
	$(BIN)/python -m tests.hil.power_cuts --jobs $(JOBS)
	TILLBENCH_ALL=1 $(BIN)/python -m pytest -q -n $(JOBS) tests/hil/test_ways_out.py tests/hil/test_declines.py
	TILLBENCH_ALL=1 $(BIN)/python -m pytest -q tests/web/test_page_pictures.py
	TILLBENCH_FUZZ=20 $(BIN)/python -m pytest -q --timeout 900 tests/web/test_api_fuzz.py
	$(BIN)/python -m pytest -q --pyargs tillbench.hil.qualification --till-reader board --till-exchanges 10000 --timeout 1800
	$(BIN)/python -m pytest -q --pyargs tillbench.hil.qualification --till-reader board --till-target qemu --timeout 300
	$(BIN)/python -m tests.ci_lines
	$(BIN)/python -m tests.session_replays --seed $(SEED) --replays $(REPLAYS)
	$(BIN)/python -m bench.long.soak --seed $(SEED) --runs $(RUNS)
	$(BIN)/python -m bench.long.qemu_day
	$(BIN)/python -m bench.long.qemu_sales --sales $(SALES)
	$(BIN)/python -m bench.long.codecs --seed $(SEED) --messages $(MESSAGES) --jobs $(JOBS)

# The example project with the built wheel, in a fresh environment, outside of this checkout.
example: setup-dev
	PYTHON=$(PYTHON) sh tests/prove_example.sh

# Every screen and slip, and the page, as they were reviewed beside what is made now: out/golden/index.html.
golden: setup-dev browser
	rm -rf out/golden
	TILLBENCH_GOLDEN_INTO=$(CURDIR)/out/golden/new $(BIN)/python -m pytest -q -n $(JOBS) tests/hil/test_golden.py tests/web/test_page_pictures.py
	$(BIN)/python tests/golden/review.py tests/golden out/golden/new out/golden/index.html docs/images

# Which lines of the firmware a run of tests has executed on its own VM: out/firmware-coverage/index.html. Slow.
coverage: traced
	$(BIN)/python -m bench.coverage $(PYTEST_ARGS)

# MicroPython's Unix port with line tracing, for that.
traced: setup-dev
	bench/coverage/build.sh

generate: setup-dev
	$(BIN)/python -m tillbench.protocols.generate
	$(BIN)/python -m tillbench.host.boards.wiring docs/images

# MicroPython for QEMU's Cortex-M3, from Debian's source package; offline and instant once it is built.
qemu: setup
	bench/qemu/build.sh

# The same for the tests: where the images cannot be had, it says why, and the tests that need them are skipped by name;
# in CI that is an error.
qemu-tests: setup-dev
	@bench/qemu/build.sh >/dev/null || [ -z "$$CI" ]

clean:
	rm -rf $(VENV) typings out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up. A stamp file for each step, so that the second run costs nothing.

setup: $(VENV)/.run

setup-dev: $(VENV)/.dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "tillbench needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(VENV)/.run: pyproject.toml requirements/run.lock requirements/build.lock | $(BIN)/python
	$(PIP) --require-hashes -r requirements/run.lock -r requirements/build.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.run
	$(PIP) --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m compileall -q -j 2 host protocols hil  # once, before each worker does it
	@touch $@

# The firmware's type stubs stay out of the environment: they would shadow CPython's own platform, ssl...
$(VENV)/.stubs: requirements/stubs.lock | $(BIN)/python
	rm -rf typings
	$(PIP) --require-hashes --no-deps --target typings -r requirements/stubs.lock
	@touch $@

# PC/SC: Debian packages and pyscard, which has no Linux wheels. Where they cannot be had, the tests that need them
# are skipped by name; in CI a missing one is an error.
pcsc: setup-dev
	@BIN=$(BIN) sh tests/setup_pcsc.sh

# Chromium, for the tests of the page; as above.
browser:
	@sh tests/setup_browser.sh
