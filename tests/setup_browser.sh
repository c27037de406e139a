#!/bin/sh
# Install the browser for the tests of the page: Debian's Chromium. Says when it cannot be had; in CI ($CI) that is an
# error.
set -u

give_up() {
    echo "page tests: $1; they are skipped by name" >&2
    [ -z "${CI:-}" ] || exit 1
    exit 0
}

command -v chromium >/dev/null && exit 0
command -v apt-get >/dev/null || give_up "this is no Debian system; install chromium by hand"
[ "$(id -u)" = 0 ] || give_up "missing: chromium (run as root: apt-get install chromium)"
{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core fonts-noto-cjk; } \
    >/dev/null 2>&1 || give_up "apt-get could not install chromium"
