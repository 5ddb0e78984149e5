#!/usr/bin/env bash
# Fills .venv: Python packages as locked, SalesDesk itself (editable). Quiet unless something fails.
# PYTHON names the interpreter to use (3.11 or newer).
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.venv
log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() { printf '%s\n' "$*"; }

quietly() { # what it is about, the command: its output is shown only when it fails
    local what=$1
    shift
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        say "Could not $what; the lines above say why." >&2
        exit 1
    fi
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.11 python3 python3.12 python3.13 python3.14 python; do
        if command -v "$candidate" >/dev/null && new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    say "SalesDesk needs Python 3.11 or newer, and none was found (set PYTHON=/path/to/python)." >&2
    exit 1
}

make_venv() {
    local python
    python=$(find_python)
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        # Debian keeps the standard library's venv in a package of its own.
        installer/system_libraries.sh packages python3-venv
    fi
    say "Making .venv with $("$python" --version) ..."
    quietly "make .venv" "$python" -m venv --clear "$venv"
}

if ! new_enough "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    make_venv
fi
pip=("$venv/bin/python" -m pip --disable-pip-version-check --no-input --quiet)
say "Installing Python packages (a minute or two the first time) ..."
quietly "install the Python packages" "${pip[@]}" install -r requirements.lock
quietly "install SalesDesk" "${pip[@]}" install --no-deps --no-build-isolation --editable .
# Starts are measured in milliseconds: nothing is compiled then, wherever bytecode is not kept.
quietly "compile SalesDesk" "$venv/bin/python" -m compileall -q salesdesk
