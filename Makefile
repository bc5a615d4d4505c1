# Each target sets up .venv by itself; README.md shows the pip commands behind them.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup test lint docs bench demo clean

setup: $(READY)

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $(READY)

test: $(READY)
	$(BIN)/pytest

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Writes the generated pages and tables again; tests compare them with the code.
docs: $(READY)
	$(BIN)/python -m docs.generate

bench: $(READY)
	$(BIN)/python -m benchmarks

demo: $(READY)
	$(BIN)/streamit build --recipe dense_caption --out demo-out
	$(BIN)/streamit stats demo-out
	$(BIN)/streamit show demo-out

clean:
	rm -rf demo-out dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
