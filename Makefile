# Purser needs python3 (3.11 or newer) and make; everything else is fetched into .venv from pinned, hashed versions.
PYTHON ?= python3
PORT ?= 8000
export PORT
RUN := .venv/bin/python

.PHONY: help demo test simulate faults storm bench lint pins clean
.DELETE_ON_ERROR:

help:
	@echo "make demo   a shop with stand-in suppliers, at http://127.0.0.1:$(PORT)/"
	@echo "make test   every test, on SQLite and on PostgreSQL"
	@echo "make simulate   seeded runs of a shop under fire; SEEDS=1000 for more, SEED=17 to replay one"
	@echo "make faults  what the field does to such a system, row by row, and whether it is survived"
	@echo "make storm   a thousand orders by two clusters at once while purchases go wrong; ORDERS=200 for fewer"
	@echo "make bench  how far the hot paths are from what limits them"
	@echo "make lint   style of code and templates"

demo: .venv/base var/demo.env
	@set -a; . ./var/demo.env; set +a; exec $(RUN) manage.py demo

test: .venv/dev
	@exec $(RUN) -m tests.run

# SEEDS=1000 runs more worlds than the usual 200, SEED=17 replays one.
simulate: .venv/dev
	@PURSER_TEST_ENGINE=postgres exec $(RUN) -m pytest -q -n 2 tests/simulation

faults: .venv/dev
	@PURSER_TEST_ENGINE=postgres exec $(RUN) -m pytest -q -n 2 -m fault

storm: .venv/dev
	@PURSER_TEST_ENGINE=postgres ORDERS=$${ORDERS:-1000} exec $(RUN) -m pytest -q tests/orders/test_storm.py

# ROUNDS=5 takes more turns.
bench: .venv/dev
	@exec $(RUN) -m tests.bench $(if $(ROUNDS),--rounds $(ROUNDS))

lint: .venv/dev
	@.venv/bin/ruff check .
	@.venv/bin/djlint --quiet --lint templates

# The demo's own keys: kept, so that a second start can read what the first one wrote. A real shop makes its own.
var/demo.env:
	@mkdir -p var 2>/dev/null && [ -w var ] || { echo "Cannot write to $(CURDIR)/var. Make it writable, then run: make demo" >&2; exit 2; }
	@umask 077 && $(PYTHON) -c 'import base64, os; key = lambda n: base64.b64encode(os.urandom(n)).decode(); \
	print("SECRET_KEY=" + key(48) + "\nFIELD_KEYS=" + key(32) + "\nSUPPLIER_ALLOW_LOCAL=1")' > $@.new && mv $@.new $@

# .venv/base and .venv/dev hold the hash of what was installed, so a second run installs nothing and a changed pin does.
.PHONY: .venv/base .venv/dev
.venv/base .venv/dev:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Purser needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
	       "Install one and run: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 2; }
	@pins=requirements/$(@F).txt; \
	want=$$($(PYTHON) -c 'import hashlib, sys; print(sys.version_info[:2], hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' $$pins); \
	[ "$$(cat $@ 2>/dev/null)" != "$$want" ] || [ ! -x $(RUN) ] || exit 0; \
	echo "Installing $$pins into .venv (once) ..."; rm -f $@; \
	$(RUN) -c 'import sys, pip; sys.exit("%d.%d" % sys.version_info[:2] != sys.argv[1])' \
	  $$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])') 2>/dev/null || \
	  $(PYTHON) -m venv --clear .venv || { \
	    echo "Python cannot make a virtual environment here; on Debian: apt-get install python3-venv" >&2; exit 2; }; \
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: -r $$pins \
	  && echo "$$want" > $@ || { \
	    echo "The packages of $$pins are not all here; the lines above say why. make $(MAKECMDGOALS) goes on from there." >&2; exit 2; }

# For maintainers: fold changed *.in files into pins. Needs uv.
pins:
	@for name in base dev; do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  requirements/$$name.in -o requirements/$$name.txt; done

clean:
	@rm -rf .venv .ruff_cache .hypothesis
