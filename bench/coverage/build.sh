#!/bin/sh
# Build MicroPython's Unix port with line tracing, from the source package that bench/qemu/build.sh has fetched.
#
# Result: traced/micropython in $TILLBENCH_CACHE (default: build/qemu in the checkout). Nothing of upstream is patched:
# the variant in this folder switches tracing on. Compiled modules are not loaded, so the firmware runs from its sources.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${TILLBENCH_CACHE:-$root/build/qemu}
packages="gcc libc6-dev make pkgconf libmbedtls-dev dpkg-dev"

give_up() {
    echo "coverage build: $1" >&2
    shift
    for line in "$@"; do echo "  $line" >&2; done
    exit 1
}

ls "$cache"/source/*.dsc >/dev/null 2>&1 || "$root/bench/qemu/build.sh" >/dev/null
cache=$(cd "$cache" && pwd)
[ "$cache/traced/micropython" -nt "$here/traced/mpconfigvariant.h" ] && { echo "$cache/traced/micropython"; exit 0; }

lacking=
for package in $packages; do
    dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q 'ok installed' || lacking="$lacking $package"
done
if [ -n "$lacking" ]; then
    [ "$(id -u)" = 0 ] || give_up "missing packages, and only root may install them" "apt-get install$lacking"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $lacking; } >&2 ||
        give_up "apt-get could not install$lacking"
fi

work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
dpkg-source -x "$cache"/source/*.dsc "$work/tree" >"$work/unpack.log" 2>&1 ||
    give_up "the source package is damaged:" "$(tail -n 3 "$work/unpack.log")"
{
    make -C "$work/tree/mpy-cross" -j"$(nproc)" &&
        make -C "$work/tree/ports/unix" -j"$(nproc)" VARIANT_DIR="$here/traced" BUILD="$work/objects" STRIP=true \
            FROZEN_MANIFEST="$work/tree/extmod/asyncio/manifest.py" MICROPY_SSL_AXTLS=0 MICROPY_SSL_MBEDTLS=1 \
            MICROPY_PY_BTREE=0 MICROPY_PY_FFI=0 MICROPY_PY_JNI=0
} >"$work/build.log" 2>&1 || give_up "the build failed:" "$(tail -n 15 "$work/build.log")"
mkdir -p "$cache/traced"
cp "$work/objects/micropython" "$cache/traced/micropython"
echo "$cache/traced/micropython"
