#!/usr/bin/env bash
# Writes requirements.lock anew: the newest versions that pyproject.toml allows, tried together in
# an empty environment. No addresses in it: pip asks the index that this machine is set up for.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=${PYTHON:-python3}
"$python" -m venv "$work/venv"
"$python" - >"$work/wanted.txt" <<'PY'
import tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
print("\n".join(project["dependencies"] + project["optional-dependencies"]["dev"]))
PY
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$work/wanted.txt"
{
    echo "# Exact versions that the tests pass with; written by \`make lock\`, not by hand."
    "$work/venv/bin/pip" freeze --disable-pip-version-check --exclude pip --exclude setuptools |
        sed -E 's/^((jeepney|SecretStorage|cryptography|cffi|pycparser)==.*)$/\1 ; sys_platform == "linux"/I
                s/^((backports\.tarfile|importlib_metadata|zipp)==.*)$/\1 ; python_version < "3.12"/I'
} >"$work/requirements.lock"
mv "$work/requirements.lock" requirements.lock
echo "requirements.lock: $(grep -vc '^#' requirements.lock) packages"
