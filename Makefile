# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# `make X` installs nox and runs its session X; `make X ARGS='...'` is `nox -s X -- ...`. The sessions are in noxfile.py.
# The Python of the distribution, if it is new enough: pyenv builds its own without optimizations, and the tests take almost half as long again.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo /usr/bin/)python3
ARGS ?=
NOX := .build/venv/bin/nox

help: .build/venv.stamp
	@exec $(NOX) --list
clean:
	rm -rf .build
# Sessions run side by side, and each prints its output in one piece. Many of them wait for something most of the time.
test: FLAGS := --parallel 3 --stop-on-first-error
matrix: FLAGS := --parallel 2
%: .build/venv.stamp FORCE
	@exec $(NOX) --session $@ $(FLAGS) $(if $(ARGS),-- $(ARGS))
# The environment hides the token for Galaxy from what is being installed.
.build/venv.stamp: requirements-nox.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is required: make PYTHON=python3.11 test")'
	@echo 'Installing nox into .build/venv ...' >&2
	@$(PYTHON) -m venv --clear .build/venv
	@env -u GALAXY_TOKEN .build/venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-nox.txt
	@touch $@
FORCE:
Makefile requirements-nox.txt: ;
.PHONY: help clean FORCE
