#!/bin/sh
# Build MicroPython for QEMU's mps2-an385 (Cortex-M3) from Debian's source package, with the board in this folder.
#
#   build.sh             make the images if they are not there yet; offline and instant if they are
#   build.sh --refresh   ask the archive for a newer source package first
#
# Result, in $TILLBENCH_CACHE (default: build/qemu in the checkout):
#   <version>-<hash of this folder>/default.elf     heap as in the stock image (140 KB)
#   <version>-<hash of this folder>/heap100k.elf    heap of 100 KB: what an ESP32 has left beside Wi-Fi
#   <version>-<hash of this folder>/spiram.elf      heap of 2 MB: the reference board, an ESP32-S3 with PSRAM
#   <version>-<hash of this folder>/lib/            modules in Python that belong to this MicroPython: asyncio
#   current -> the folder of the last build
#
# The source package comes by apt, with a sources list and lists of its own that take the mirror from this machine's
# sources: nothing of the system's set-up changes, and apt verifies the archive's signature as always.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${TILLBENCH_CACHE:-$root/build/qemu}
suites="trixie sid"
packages="qemu-system-arm gcc-arm-none-eabi libnewlib-arm-none-eabi"

say() {
    echo "make qemu: $*" >&2
}

give_up() {
    say "$1"
    shift
    for line in "$@"; do echo "  $line" >&2; done
    exit 1
}

installed() {
    dpkg-query -W -f='${Status}\n' "$1" 2>/dev/null | grep -q 'ok installed'
}

install_tools() {
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || give_up \
        "this is no Debian system, and the recipe is for Debian's packages" \
        "needed: qemu-system-arm, arm-none-eabi-gcc with newlib, make, python3, dpkg-source, apt-get" \
        "in a Debian 12 or newer container: apt-get update && apt-get install make python3 && make qemu" \
        "or copy the folder $cache from a machine that has it"
    lacking=
    for package in $packages dpkg-dev make; do
        installed "$package" || lacking="$lacking $package"
    done
    [ -n "$lacking" ] || return 0
    [ "$(id -u)" = 0 ] || give_up "missing packages, and only root may install them" "apt-get install$lacking"
    say "installing$lacking"
    {
        apt-get update
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $lacking
    } >"$work/apt.log" 2>&1 || give_up "apt-get could not install$lacking" "$(tail -n 3 "$work/apt.log")"
}

# apt with our own sources list, package lists and download cache.
own_apt() {
    tool=$1
    shift
    "$tool" -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" "$@"
}

fetch_source() {
    uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
    [ -n "$uri" ] || give_up "apt on this machine knows no Debian mirror (or no list was ever fetched)" \
        "run: apt-get update"
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    option=
    [ ! -e "$keyring" ] || option="[signed-by=$keyring] "
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/download"
    for suite in $suites; do
        echo "deb-src $option$uri $suite main"
    done >"$work/sources.list"
    say "fetching MicroPython's source package ($suites)"
    own_apt apt-get update >"$work/apt.log" 2>&1 || give_up "apt could not read the archive:" "$(tail -n 3 "$work/apt.log")"
    newest=
    for found in $(own_apt apt-cache showsrc micropython | sed -n 's/^Version: //p'); do
        if [ -z "$newest" ] || dpkg --compare-versions "$found" gt "$newest"; then newest=$found; fi
    done
    [ -n "$newest" ] || give_up "there is no source package micropython in $suites"
    (cd "$work/download" && own_apt apt-get source --download-only "micropython=$newest") >"$work/apt.log" 2>&1 ||
        give_up "apt could not fetch micropython $newest:" "$(tail -n 3 "$work/apt.log")"
    rm -rf "$cache/source"
    mkdir -p "$cache/source"
    mv "$work/download"/* "$cache/source/"
}

# build NAME HEAP_BYTES; paths must be absolute. The size of the heap is in main.o and nowhere else.
build() {
    say "building $1.elf"
    objects=$work/objects
    rm -f "$objects/main.o" "$objects/firmware.elf"
    make -C "$work/tree/ports/qemu" -j"$(nproc)" BOARD=BENCH_AN385 BOARD_DIR="$here/BENCH_AN385" \
        USER_C_MODULES="$here/usermod" FROZEN_MANIFEST= MICROPY_HEAP_SIZE="$2" BUILD="$objects" \
        >"$work/$1.log" 2>&1 || give_up "the build of $1.elf failed:" "$(tail -n 15 "$work/$1.log")"
    cp "$objects/firmware.elf" "$work/images/$1.elf"
}

refresh=no
case "${1:-}" in
    "") ;;
    --refresh) refresh=yes ;;
    *) give_up "unknown argument '$1'" "usage: build.sh [--refresh]" ;;
esac

hash=$(cd "$here" && find build.sh BENCH_AN385 usermod -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c 1-12)
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

if [ "$refresh" = no ]; then
    for images in "$cache"/*-"$hash"; do
        if [ -e "$images/spiram.elf" ] && command -v qemu-system-arm >/dev/null; then
            ln -sfn "$(basename "$images")" "$cache/current"
            echo "$images"
            exit 0
        fi
    done
fi

work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

install_tools
if [ "$refresh" = yes ] || ! ls "$cache"/source/*.dsc >/dev/null 2>&1; then
    fetch_source
fi
dsc=$(ls "$cache"/source/*.dsc)
version=$(sed -n 's/^Version: //p' "$dsc" | head -n 1)
dpkg-source -x "$dsc" "$work/tree" >"$work/unpack.log" 2>&1 || give_up "the source package is damaged:" \
    "$(tail -n 3 "$work/unpack.log")" "remove $cache/source and try again"
mkdir "$work/images"
build default 143360
build heap100k 102400
build spiram 2097152
# asyncio is plain Python, which a stock ESP32 image has frozen; here it goes into the ROMFS.
mkdir "$work/images/lib"
cp -R "$work/tree/extmod/asyncio" "$work/images/lib/asyncio"
rm -f "$work/images/lib/asyncio/manifest.py"
images="$cache/$version-$hash"
rm -rf "$images"
mv "$work/images" "$images"
ln -sfn "$(basename "$images")" "$cache/current"
echo "$images"
