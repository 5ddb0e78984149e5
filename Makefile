# SalesDesk: everything works in .venv, which these targets make and keep up to date.

BIN := .venv/bin
STAMP := .venv/.salesdesk-ready
CATALOGUES := $(wildcard resources/translations/*/LC_MESSAGES/salesdesk.po)
COMPILED := $(CATALOGUES:.po=.mo)
# Three processes for two cores: a quarter of the time, tests of windows wait. Neighbours stay together,
# so that what several tests of a file share is made once.
SHARED := -n 3 --dist worksteal
export QT_LOGGING_RULES ?= qt.qpa.*=false

.DEFAULT_GOAL := help
.PHONY: help demo run test lint bench soak pictures setup messages lock clean

help:
	@echo "make demo      open SalesDesk on a sample workspace (no screen: pictures of its pages)"
	@echo "make run       open SalesDesk"
	@echo "make test      run the tests            (ARGS='-k name' chooses)"
	@echo "make lint      style, types, architecture"
	@echo "make bench     measure, each figure beside its floor   (ARGS='--help')"
	@echo "make soak      the tests at full size: takes hours"
	@echo "make pictures  docs/pictures anew, drawn by the program"
	@echo "make messages  collect the texts for translation"
	@echo "make lock      requirements.lock anew, with the newest versions"

demo: setup
	@installer/demo.sh

run: setup
	@installer/system_libraries.sh window
	@$(BIN)/salesdesk $(ARGS)

test: setup
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -q $(SHARED) $(ARGS)

soak: setup
	@SALESDESK_SOAK=1 QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest $(SHARED) -o faulthandler_timeout=0 $(ARGS)

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m benchmarks $(ARGS)

pictures: setup
	@installer/pictures.sh

messages: setup
	@$(BIN)/python installer/messages.py

lock:
	@installer/lock.sh

clean:
	@rm -rf build dist pictures .mypy_cache .ruff_cache .pytest_cache .hypothesis $(COMPILED)

setup: $(STAMP) $(COMPILED)
	@installer/system_libraries.sh qt

$(STAMP): requirements.lock pyproject.toml installer/setup.sh
	@installer/setup.sh
	@touch $@

%.mo: %.po $(STAMP)
	@$(BIN)/pybabel -q compile --input-file $< --output-file $@ --locale $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))
