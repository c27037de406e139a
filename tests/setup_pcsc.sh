#!/bin/sh
# Install what the PC/SC tests need. Says what is missing where it may not; in CI ($CI) that is an error.
set -u
packages="libpcsclite-dev swig pcscd libccid vsmartcard-vpcd opensc pcsc-tools util-linux"

missing() {
    for package in $packages; do
        dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
    done
}

give_up() {
    echo "PC/SC tests: $1; they are skipped by name" >&2
    [ -z "${CI:-}" ] || exit 1
    exit 0
}

command -v dpkg-query >/dev/null || give_up "this is no Debian system; install pcscd, libccid, vpcd, opensc, pcsc-tools, swig and the headers of pcsclite by hand"
lacking=$(missing)
if [ -n "$lacking" ]; then
    [ "$(id -u)" = 0 ] || give_up "missing: $lacking(run as root: apt-get install $lacking)"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $lacking; } \
        >/dev/null 2>&1 || give_up "apt-get could not install: $lacking"
fi
"$BIN/python" -c 'import smartcard' 2>/dev/null ||
    "$BIN/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/pcsc.lock ||
    give_up "pyscard could not be built"

# emvtool, a foreign client: it insists on old releases, so it has an environment of its own.
emvtool=$BIN/../emvtool
if ! [ -x "$emvtool/bin/emvtool" ]; then
    { "$BIN/python" -m venv "$emvtool" &&
        "$emvtool/bin/python" -m pip install --disable-pip-version-check --require-hashes -r requirements/emvtool.lock; } \
        >/dev/null 2>&1 || { rm -rf "$emvtool"; give_up "emvtool could not be built"; }
fi
