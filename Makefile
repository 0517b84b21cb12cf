# `make demo` runs the shipped demonstration, `make test` the tests. Both install what they need into .venv.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test fuzz golden lint types slow mutants bench standard spanish recognisers fixtures clean

demo: .venv/whisper-tiny
	$(BIN)/harness run benchmarks/demo.toml

test: .venv/developing system
	$(BIN)/python -m pytest -n 2 -m "not slow"

# The property tests, with a thousand new examples each; a failing one is added to its test as an `@example`.
fuzz: .venv/developing system
	$(BIN)/python -m pytest -n 2 -m "hypothesis and not slow" --hypothesis-profile fuzz

slow: .venv/developing system
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow

# Writes the golden reports of the tests again: read what changed in tests/report/golden/ before it is committed.
golden: .venv/developing system
	GOLDEN=write $(BIN)/python -m pytest tests/report -k "golden or verdict" -m "not slow"

# Edits that make the package wrong, one by one: each must make the test fail that is named beside it (tests/mutants/).
mutants: .venv/developing
	$(BIN)/python -m pytest tests/mutants -n 2 -m slow

lint: .venv/developing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/developing
	$(BIN)/mypy

bench: .venv/developing system
	$(BIN)/python -m pytest benchmarks --benchmark-only --benchmark-columns=median,ops -s

standard: .venv/developing
	$(BIN)/harness run benchmarks/standard.toml

spanish: .venv/developing
	$(BIN)/harness run benchmarks/spanish.toml

recognisers: .venv/developing
	$(BIN)/python benchmarks/recognisers/run.py

fixtures: .venv/developing
	$(BIN)/python fixtures/build.py
	$(BIN)/python fixtures/build_spanish.py
	$(BIN)/python fixtures/speak.py
	$(BIN)/python fixtures/verify.py
	$(BIN)/python fixtures/verify_spanish.py

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --constraint constraints.txt
	@touch $@

.venv/whisper-tiny: .venv/installed constraints.txt
	$(BIN)/python -m pip install --quiet --editable '.[whisper-tiny]' --constraint constraints.txt
	@touch $@

.venv/developing: .venv/installed constraints.txt
	$(BIN)/python -m pip install --quiet --editable . --group dev --constraint constraints.txt
	@touch $@

# Programs that some tests compare with. Without them those tests are skipped, with that reason.
.PHONY: system
system:
	@for program in flite espeak-ng sctk chromium; do command -v $$program >/dev/null || missing="$$missing $$program"; done; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq >/dev/null && apt-get install -y -qq $$missing >/dev/null || echo "could not install$$missing: tests that need them are skipped"; \
	  else echo "not installed:$$missing (as root: apt-get install$$missing); tests that need them are skipped"; fi; fi
