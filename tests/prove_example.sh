#!/bin/sh
# The example project as a user would run it: the wheel, a fresh environment, its own tests, nothing of the checkout.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$root/.venv/bin/python" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
    --wheel-dir "$work/wheel" "$root"
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    -r "$root/requirements/run.lock"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$work"/wheel/*.whl
cp -r "$root/examples/shop" "$work/shop"
cd "$work/shop"
env -u PYTHONPATH "$work/venv/bin/python" -m pytest -q -p no:cacheprovider "$@"
