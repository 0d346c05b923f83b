# Everything a developer does here. `make` alone says what there is.

PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
PATHS := functions:layers/mesh/python:layers/networks/python

# What `make run` and `make story` are told on the command line.
CALENDAR ?=
SAMPLE ?=
FRESH ?=
ZONE ?=
PORT ?=
STATE ?=
SHEET ?=
KEY ?=
POST ?=
CHANNEL ?=
STACK ?=
REGION ?=
PROFILE ?=
OPTIONS ?=
GO ?=
ONLY ?=
OLDER ?=
WHY ?=
REVOKE ?=
VERSION ?=
INTO ?=
FROM ?=
REPLACE ?=
BEDROCK ?=
POSTS ?=
ENV :=
YES ?=
ALLOW ?=
ANSWERS ?=
SLACK ?=
CHOSEN = $(if $(CALENDAR),--calendar "$(CALENDAR)") $(if $(ZONE),--zone "$(ZONE)")
CHOSEN_RUN = $(CHOSEN) $(if $(SAMPLE),--sample "$(SAMPLE)") $(if $(FRESH),--fresh) $(if $(PORT),--port "$(PORT)") $(if $(STATE),--state "$(STATE)") $(if $(BEDROCK),--bedrock "$(BEDROCK)")
CHOSEN_AWS = --prefix "$(STACK)" $(if $(REGION),--region "$(REGION)") $(if $(PROFILE),--profile "$(PROFILE)")
CHOSEN_STACK = $(if $(ENV),--env "$(ENV)") $(if $(STACK),$(CHOSEN_AWS)) $(if $(STATE),--state "$(STATE)") $(if $(ZONE),--zone "$(ZONE)")

# What every change is tried by; the rest is left to verify (slow, real) and to the night. That none is left out: tests/contract/test_tiers.py.
QUICK := not slow and not night and not real

# Compiled once and kept (make clean takes it away again): compiling our own code is half of a start, and a test run has hundreds of starts.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run story setup-sheet status trace redrive hold-all release rotate-signing-key verify-audit history connect disconnect deploy deploy-emulator undeploy test check verify week quarter explore zoo fuzz night histories night-tests test-real defects bench eval cost scale privileges audit release-files setup doctor backup restore pins fmt clean

help:  ## this list
	@echo "Social Scheduler"
	@echo
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-27s %s\n", $$1, $$2 }'
	@echo
	@echo "  CALENDAR=mine.xlsx  your own calendar, for run and story    FRESH=1  forget the last run"
	@echo "  SAMPLE=bookshop     another sample business than the café, for run"
	@echo "  ZONE=Europe/Berlin  your time zone, for run and story       PORT=8400, STATE=folder  for run"
	@echo "  BEDROCK=real        drafts from Amazon Bedrock, for run, with this terminal's sign-in (or a region)"

run: $(VENV)/.local-installed  ## the whole mesh on this computer, with a page to look at, until Ctrl-C
	@exec $(BIN)/python -m local run $(CHOSEN_RUN)

story: $(VENV)/.local-installed  ## the sample calendar from row to receipt, unattended
	@exec $(BIN)/python -m local story $(CHOSEN)

setup-sheet: $(VENV)/.local-installed  ## make a shared Google Sheet ours, SHEET=address KEY=service-account.json
	@test -n "$(SHEET)" -a -n "$(KEY)" || { echo "make setup-sheet SHEET=the-sheet's-address KEY=service-account.json [ZONE=Europe/Berlin] [COMPOSE=the-stack's-ComposeUrl]"; exit 1; }
	@exec $(BIN)/python -m local setup-sheet "$(SHEET)" --key "$(KEY)" $(if $(ZONE),--zone "$(ZONE)") $(if $(COMPOSE),--compose "$(COMPOSE)")

verify-audit: $(VENV)/.local-installed  ## walk every chain of the audit, of the last run, or on AWS of ENV=cafe, or STACK=ss REGION=… PROFILE=…
	@exec $(BIN)/python -m local verify-audit $(CHOSEN_STACK) $(OPTIONS)

history: $(VENV)/.local-installed  ## a post's life in plain words, POST=p_… (stack as for verify-audit)
	@test -n "$(POST)" || { echo "make history POST=p_…  (the id stands in the sheet's column post_id)"; exit 1; }
	@exec $(BIN)/python -m local history "$(POST)" $(CHOSEN_STACK) $(OPTIONS)

status: $(VENV)/.local-installed  ## how it stands and what needs a human (stack as for verify-audit)
	@exec $(BIN)/python -m local status $(CHOSEN_STACK) $(OPTIONS)

trace: $(VENV)/.local-installed  ## a post's way from the sheet to its address, POST=p_…, b_…, t_… or words of its text
	@test -n "$(POST)" || { echo "make trace POST=p_…  (the id in the sheet's column post_id, a batch b_…, a trace id t_…, or some words of its text)"; exit 1; }
	@exec $(BIN)/python -m local trace "$(POST)" $(CHOSEN_STACK) $(OPTIONS)

redrive: $(VENV)/.local-installed  ## the dead letters; GO=1 sends them again, ONLY=sender OLDER=2h choose
	@exec $(BIN)/python -m local redrive $(if $(GO),--go) $(if $(ONLY),--only "$(ONLY)") $(if $(OLDER),--older "$(OLDER)") $(CHOSEN_STACK) $(OPTIONS)

hold-all: $(VENV)/.local-installed  ## put everything on hold, WHY="the kitchen burns"
	@exec $(BIN)/python -m local hold-all $(if $(WHY),--why "$(WHY)") $(CHOSEN_STACK) $(OPTIONS)

release: $(VENV)/.local-installed  ## let everything go on, WHY=…
	@exec $(BIN)/python -m local release $(if $(WHY),--why "$(WHY)") $(CHOSEN_STACK) $(OPTIONS)

rotate-signing-key: $(VENV)/.local-installed  ## a new key for the signed links, REVOKE=1 ends the old ones and every device
	@exec $(BIN)/python -m local rotate-signing-key $(if $(REVOKE),--revoke-old) $(CHOSEN_STACK) $(OPTIONS)

backup: $(VENV)/.local-installed  ## tables and files into a folder (stack as for verify-audit); INTO=folder
	@exec $(BIN)/python -m local backup $(if $(INTO),--into "$(INTO)") $(CHOSEN_STACK) $(OPTIONS)

restore: $(VENV)/.local-installed  ## the newest backup, or FROM=folder, put back with everything on hold; REPLACE=1 throws away what is there, YES=1 asks nothing
	@exec $(BIN)/python -m local restore $(if $(FROM),--from "$(FROM)") $(if $(INTO),--into "$(INTO)") $(if $(REPLACE),--replace) $(if $(YES),--yes) $(CHOSEN_STACK) $(OPTIONS)

connect: $(VENV)/.local-installed  ## sign in at a channel's network, CHANNEL=x-main, and again to renew it (stack as for verify-audit; OPTIONS=--help)
	@test -n "$(CHANNEL)" || { echo "make connect CHANNEL=x-main  (the channel's name in the rules doc)"; exit 1; }
	@exec $(BIN)/python -m local connect "$(CHANNEL)" $(CHOSEN_STACK) $(OPTIONS)

disconnect: $(VENV)/.local-installed  ## end a channel's sign-in and forget it, CHANNEL=x-main
	@test -n "$(CHANNEL)" || { echo "make disconnect CHANNEL=x-main  (the channel's name in the rules doc)"; exit 1; }
	@exec $(BIN)/python -m local connect "$(CHANNEL)" --revoke $(CHOSEN_STACK) $(OPTIONS)

deploy: $(VENV)/.local-installed $(VENV)/.sam-installed  ## a business of samconfig.toml brought up on AWS, ENV=cafe; YES=1 asks nothing, ALLOW=StatusTable (docs/deploying.md)
	@test -n "$(ENV)" || { echo "make deploy ENV=cafe  (its name in samconfig.toml; make setup ENV=cafe writes it there)"; exit 1; }
	@exec $(BIN)/python -m local deploy "$(ENV)" $(if $(YES),--yes) $(if $(ALLOW),--allow "$(ALLOW)") $(OPTIONS)

undeploy: $(VENV)/.local-installed  ## its stacks removed from AWS, ENV=cafe; tables, buckets and secrets stay
	@test -n "$(ENV)" || { echo "make undeploy ENV=cafe  (its name in samconfig.toml)"; exit 1; }
	@exec $(BIN)/python -m local undeploy "$(ENV)" $(if $(YES),--yes) $(OPTIONS)

deploy-emulator: $(VENV)/.local-installed $(VENV)/.sam-installed  ## all of a deployment by the true SAM CLI on this computer: first, again, changed, removed, back
	@exec $(BIN)/python -m local deploy-emulator

setup: $(VENV)/.local-installed  ## a business set up step by step, again as often as you like, ENV=cafe (docs/setting-up.md)
	@test -n "$(ENV)" || { echo "make setup ENV=cafe  (a short name for the business; KEY=service-account.json, ANSWERS=file, SLACK=slack.json)"; exit 1; }
	@exec $(BIN)/python -m local setup "$(ENV)" $(if $(ANSWERS),--answers "$(ANSWERS)") $(if $(KEY),--key "$(KEY)") $(if $(SLACK),--slack "$(SLACK)") $(OPTIONS)

doctor: $(VENV)/.local-installed  ## everything a business needs, looked at, with what to do, ENV=cafe, or the make run that is up
	@exec $(BIN)/python -m local doctor $(if $(ENV),"$(ENV)") $(if $(STATE),--state "$(STATE)") $(OPTIONS)

test: check  ## what every change must pass: check, the tests, the story
	@echo "== tests, and the story beside them"
	@$(BIN)/python -m local story >$(VENV)/story.log 2>&1 & story=$$!; \
	trap 'kill $$story; wait $$story; exit 130' INT TERM; wrong=0; \
	$(BIN)/pytest -q -n 2 --dist worksteal -m "$(QUICK)" || wrong=1; \
	echo "== the story"; wait $$story || wrong=1; cat $(VENV)/story.log; \
	exit $$wrong

# The types take as long as everything else, so they are looked at beside it. All are told of, and any of them fails it.
check: $(VENV)/.dev-installed  ## format, lint, types, import rules, templates
	@$(BIN)/mypy --no-error-summary >$(VENV)/types.log 2>&1 & types=$$!; \
	trap 'kill $$types; exit 130' INT TERM; wrong=0; \
	echo "== format"; $(BIN)/ruff format --check -q . || wrong=1; \
	echo "== lint"; $(BIN)/ruff check -q . || wrong=1; \
	echo "== imports"; PYTHONPATH=$(PATHS) $(BIN)/lint-imports --no-cache >$(VENV)/imports.log || { cat $(VENV)/imports.log; wrong=1; }; \
	echo "== templates"; $(BIN)/cfn-lint template.yaml stacks/*.yaml || wrong=1; \
	echo "== types"; wait $$types || wrong=1; cat $(VENV)/types.log; \
	exit $$wrong

verify: test $(VENV)/.sam-installed  ## before a release: test, and some seconds of every race, the slower tests, process kills, defects, real servers
	@echo "== the explorer, some seconds for each race"
	@$(BIN)/python tests/explore/run.py --whole --seconds $(or $(LIMIT),4)
	@echo "== a hundred thousand forged requests"
	@$(BIN)/python tests/fuzz/run.py --requests 100000
	@echo "== the slower tests"
	@$(BIN)/pytest -q -n 2 -o faulthandler_timeout=1800 -m slow
	@echo "== defects"
	@$(BIN)/python tests/defects/run.py
	@$(MAKE) --no-print-directory test-real

week: $(VENV)/.local-installed  ## a virtual week of edits, faults and kills on the deployed template, SEED=n to have it again
	@exec $(BIN)/python -m local week $(if $(SEED),--seed $(SEED))

quarter: $(VENV)/.local-installed  ## thirteen virtual weeks: outages of an hour and a day, throttling, edits, a move to another zone, SEED=n
	@exec $(BIN)/python -m local quarter $(if $(SEED),--seed $(SEED))

explore: $(VENV)/.dev-installed  ## every history of the send protocol within its bound; build/explore.json
	@$(BIN)/python tests/explore/run.py --whole --seconds $(or $(LIMIT),600)

zoo: $(VENV)/.dev-installed  ## scanners, expanders, prefetchers and people at the door: who approves, and with how many clicks
	@$(BIN)/pytest -q -n 2 tests/zoo

fuzz: $(VENV)/.dev-installed  ## forged, mangled and replayed requests to the public door, N=100000 SEED=1; build/fuzz.json
	@$(BIN)/python tests/fuzz/run.py --requests $(or $(N),100000) --seed $(or $(SEED),1)

night: histories explore night-tests  ## what takes hours: random histories, every race to its end, the longest tests

night-tests: $(VENV)/.dev-installed  ## the longest tests alone: what verify tries a part of
	@$(BIN)/pytest -q -n 2 -o faulthandler_timeout=3600 -m night

histories: $(VENV)/.dev-installed  ## random histories with more faults, SEED=n to have them again
	@$(BIN)/python tests/explore/run.py --random $(or $(HISTORIES),1000000) --seed $(or $(SEED),$(shell date +%Y%m%d))

test-real: $(VENV)/.clients-installed  ## a real Bluesky PDS, mastodon-mock, and the vendors' own clients before our servers
	@echo "== real servers and clients"
	@$(BIN)/pytest -q -n 2 -m real tests/real
	@$(BIN)/pytest -q -n 0 tests/contract/networks/test_networks_x_document.py

defects: $(VENV)/.dev-installed  ## seed each defect of the bank and see what notices it
	@exec $(BIN)/python tests/defects/run.py

bench: $(VENV)/.local-installed  ## the figures: counts and ratios; COMPARE=build/earlier.json, ONLY="calls ticks"; build/bench.json
	@exec $(BIN)/python -m local bench $(if $(ONLY),--only $(ONLY)) $(if $(COMPARE),--compare "$(COMPARE)")

eval: $(VENV)/.local-installed  ## prompts and model on a small set of notes, BEDROCK=real for the real one; build/eval.json
	@exec $(BIN)/python -m local eval $(if $(BEDROCK),--bedrock "$(BEDROCK)") $(if $(MODEL),--model "$(MODEL)") $(OPTIONS)

cost: $(VENV)/.local-installed  ## what a month costs on AWS, counted in virtual time, POSTS=600, OPTIONS="--days 3"; build/cost.json
	@exec $(BIN)/python -m local cost $(if $(POSTS),--posts $(POSTS)) $(OPTIONS)

scale: $(VENV)/.local-installed  ## one business to fifty thousand: what fits, what bends first in the herd's hour, simulated; OPTIONS="--most 1000", --page
	@exec $(BIN)/python -m local scale $(OPTIONS)

privileges: $(VENV)/.dev-installed  ## who may do what on AWS and what used it: recorded anew by the tests over moto, the emulator and the story
	@rm -rf build/privileges
	@PRIVILEGES_TO="$(CURDIR)/build/privileges" $(BIN)/pytest -q -n 2 --dist worksteal -m "$(QUICK)" tests/integration tests/contract/emulator/test_emulator_roles_of_services.py
	@PRIVILEGES_TO="$(CURDIR)/build/privileges" $(BIN)/python -m local story
	@exec $(BIN)/python -m local privileges --from build/privileges

audit: $(VENV)/.dev-installed $(VENV)/.audit-installed  ## known holes, workflows, templates, licences, build/sbom.json; OPTIONS=--offline asks nobody
	@exec $(BIN)/python -m local audit $(OPTIONS)

release-files: $(VENV)/.dev-installed $(VENV)/.audit-installed  ## what a release consists of, VERSION=v1.2.3; build/release
	@test -n "$(VERSION)" || { echo "make release-files VERSION=v1.2.3  (as pyproject.toml and CHANGELOG.md have it)"; exit 1; }
	@exec $(BIN)/python -m local release-files "$(VERSION)"

# From inside the folder, so that no path of it gets into the files. dev.txt holds everything; the others follow its versions. A layer
# ships neither what Lambda's runtime has nor what the base layer below it brings.
WITHOUT_base = jmespath
WITHOUT_google = certifi idna urllib3
WITHOUT_holidays = python-dateutil six

pins:  ## recompile requirements/*.txt from the .in files (needs uv)
	@command -v "$(UV)" >/dev/null || { echo "make pins needs uv; name it with UV=path/to/uv"; exit 1; }
	@echo "== pins"
	@cd requirements && export UV_CUSTOM_COMPILE_COMMAND="make pins" && \
	  "$(UV)" pip compile -q --universal --python-version 3.11 --generate-hashes dev.in -o dev.txt && \
	  $(foreach name,base google holidays,"$(UV)" pip compile -q --universal --python-version 3.11 --generate-hashes -c dev.txt \
	    $(WITHOUT_$(name):%=--no-emit-package %) $(name).in -o $(name).txt &&) \
	  for name in clients imaging mail local real; do \
	    "$(UV)" pip compile -q --universal --python-version 3.11 --generate-hashes -c dev.txt $$name.in -o $$name.txt || exit 1; \
	  done && \
	  for name in sam audit; do \
	    "$(UV)" pip compile -q --universal --python-version 3.11 --generate-hashes $$name.in -o $$name.txt || exit 1; \
	  done

fmt: $(VENV)/.dev-installed  ## put the code into shape
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check -q --fix .

# Not .local: it holds the sheet, the mails and the tables of the last run; FRESH=1 is for that.
clean:  ## remove the environment, caches and builds (not the last run's data)
	@rm -rf $(VENV) build .aws-sam .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find functions layers local tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A stamp for each requirements file, so that nothing is installed twice.

$(VENV)/.made:
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or newer, or name it with PYTHON=path."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, $(PYTHON) is $$("$(PYTHON)" -V 2>&1); name another with PYTHON=python3.12."; exit 1; }
	@test -w . || { echo "$(CURDIR) cannot be written: the environment and the data of a run are kept there. Make it writable or copy it elsewhere."; exit 1; }
	@echo "== environment"
	@"$(PYTHON)" -m venv $(VENV) || { echo "Python could not make an environment; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.local-installed: requirements/local.txt $(VENV)/.made
	@echo "== packages to run (about half a minute, once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/local.txt
	@touch $@

$(VENV)/.dev-installed: requirements/dev.txt $(VENV)/.local-installed
	@echo "== packages to test (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# Beside the environment, not in it: at the end of the tests' path (tests/conftest.py), so that none of it takes another's place.
$(VENV)/.clients-installed: requirements/clients.txt $(VENV)/.dev-installed
	@echo "== the vendors' own clients (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps --upgrade --target $(VENV)/clients -r requirements/clients.txt
	@touch $@

# Environments of their own, since their packages want other versions than ours. The list for SAM is whole, and pip stumbles over its extras.
$(VENV)/.sam-installed: requirements/sam.txt $(VENV)/.made
	@echo "== the SAM CLI (once)"
	@"$(PYTHON)" -m venv $(VENV)/sam
	@$(VENV)/sam/bin/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements/sam.txt
	@touch $@

$(VENV)/.audit-installed: requirements/audit.txt $(VENV)/.made
	@echo "== pip-audit, zizmor, cyclonedx (once)"
	@"$(PYTHON)" -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/audit.txt
	@touch $@
