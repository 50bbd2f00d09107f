# The only door: people and CI use the same words. Nothing but Python 3.11 and make is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/.done

# What decides.
PURE := $(shell sed -n 's|^[a-z].*|dialctl/&|p' tests/pure.txt | paste -sd, -)

.PHONY: setup check lint style types test cover cover-report demo live run bench bench-live deb packages docs

setup: $(DONE)

$(DONE): setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dialctl needs Python 3.11 or newer; try: make PYTHON=python3.11 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(DONE)

check: lint types test  ## before every commit

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

style: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: setup
	$(BIN)/mypy

test: setup  ## everything that needs no FreeSWITCH
	$(BIN)/python -m pytest --ignore tests/live --ignore tests/packages

cover: setup  ## branch coverage of the pure modules, which must be whole
	$(BIN)/python -m pytest --ignore tests/live --ignore tests/packages --cov --cov-report=
	$(MAKE) cover-report

cover-report: setup
	$(BIN)/coverage report --include='$(PURE)' --show-missing --fail-under=100

demo: setup
	$(BIN)/dialctl demo

live: setup  ## drives a real FreeSWITCH: the one that FREESWITCH names, or on the PATH
	$(BIN)/python -m pytest tests/live

run: setup
	$(BIN)/dialctl serve --config conf

deb:  ## dist/dialctl_VERSION_ARCH.deb, for the Debian that this runs on
	tools/deb.sh

packages: setup  ## builds the wheel and the Debian package, and installs, upgrades and purges them
	$(BIN)/python -m pytest tests/packages

docs: setup  ## the tables that are written from the code
	$(BIN)/python tools/manual.py --docs

bench: setup  ## what a call costs, on the built-in switch; prints a table, two minutes
	$(BIN)/python tests/bench/double.py

bench-live: setup  ## the same on a real FreeSWITCH with SIPp as the telephones
	$(BIN)/python tests/bench/live.py
