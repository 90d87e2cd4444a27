# Kanalvakt. "make" utan mål visar vad som går att göra.

PYTHON ?= python3
# Kommunens regelfil i policies/municipalities/, utan .yaml.
MUNICIPALITY ?= mall

export MUNICIPALITY
export UV_PYTHON_DOWNLOADS = never

PIP_OPTIONS := --quiet --disable-pip-version-check --root-user-action=ignore
UV = .venv/bin/uv pip
INTO := --quiet --python .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run demo test torture bench large check install picture lock pictures reference

help: ## visa den här hjälpen
	@echo "Kanalvakt – så här används make:"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Välj kommun med MUNICIPALITY, till exempel: make run MUNICIPALITY=tibro"
	@echo "Utan val används mallen (mall). Allt installeras i mappen .venv; root behövs inte."

run: .venv/.installed ## starta Kanalvakt på den här datorn (första gången installeras det som behövs)
	@.venv/bin/python -m deployments.local_stack

demo: .venv/.installed ## spela upp alla kedjor och ett kontos hela liv med riktig post, portal och Prefect, och jämför med riktlinjerna
	@.venv/bin/python -m deployments.demo

test: .venv/.installed ## kör alla kontroller och tester (PARTS="rules portal" kör bara de delarna)
	@.venv/bin/python -m tests.run_parts $(PARTS)

torture: .venv/.installed ## spela år, döda, angrip och pröva vem som får göra vad (för hand, tar upp till en halvtimme)
	@.venv/bin/python -m tests.run_parts open killed years choices everybody silence simulation postgresql saturday christmas night captures letters copies leaks links fuzz

bench: .venv/.bench ## mät det som README lovar, bredvid gränsen och det man annars kunde välja (NAMES="rounds post" mäter bara det)
	@.venv/bin/python -m benchmarks $(NAMES)

large: .venv/.installed ## pröva den stora installationen: 290 kommuner, 50 000 konton, en arbetare som dör (högst 20 minuter)
	@scripts/install-large-needs
	@.venv/bin/python -m tests.large.run

check: .venv/.installed ## kontrollera kodens form, typer och importer
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/kanalvakt policies check

pictures: .venv/.installed ## ta bilderna i docs/pictures på nytt: sidorna, breven och demonstrationen (några minuter, för utvecklare)
	@.venv/bin/python -m tests.pictures

reference: .venv/.installed ## skriv docs/reference på nytt ur koden (för utvecklare)
	@.venv/bin/python -m deployments.reference
	@.venv/bin/python -m tests.roles.page

install: .venv/.installed ## installera det som behövs, utan att starta något
	@echo "Allt är installerat."

picture: .venv/.installed ## rita om processens bilder i docs efter en ändrad regel
	@.venv/bin/kanalvakt policies picture --docs docs

lock: .venv/.installed ## räkna om requirements.lock efter en ändring i pyproject.toml (för utvecklare)
	$(UV) compile --quiet --universal --generate-hashes --no-header --no-annotate --all-extras --group dev \
		--no-emit-index-url --no-emit-find-links pyproject.toml --output-file requirements.lock
	$(UV) compile --quiet --universal --generate-hashes --no-header --no-annotate --group pyproject.toml:bench \
		--no-emit-index-url --no-emit-find-links --constraint requirements.lock \
		--output-file benchmarks/requirements.lock

# Det som jämförs med läggs till i samma .venv; nästa gång paketen räknas om försvinner det igen.
.venv/.bench: .venv/.installed benchmarks/requirements.lock
	@$(UV) install $(INTO) --require-hashes --requirement benchmarks/requirements.lock
	@touch $@

# Paketen tas ur requirements.lock med kontrollsummor, uv själv också. Filen minns hur många sekunder det tog.
.venv/.installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Kanalvakt behöver Python 3.11 eller senare." if sys.version_info < (3, 11) else 0)'
	@echo "Installerar Kanalvakts Python-paket i .venv (första gången tar det omkring en minut) …"
	@set -e; started=$$(date +%s); \
	if $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		test -x .venv/bin/python || $(PYTHON) -m venv --without-pip .venv; \
		pip="$(PYTHON) -m pip --python .venv/bin/python"; \
	else \
		test -x .venv/bin/python || $(PYTHON) -m venv .venv; \
		pip=".venv/bin/python -m pip"; \
	fi; \
	awk '/^[^ ]/ { uv = /^uv==/ } uv' requirements.lock > .venv/uv.txt; \
	$$pip install $(PIP_OPTIONS) --require-hashes --no-deps -r .venv/uv.txt; \
	$(UV) sync $(INTO) --compile-bytecode --require-hashes requirements.lock; \
	$(UV) install $(INTO) --no-deps --no-build-isolation --editable .; \
	echo $$(( $$(date +%s) - started )) > $@
