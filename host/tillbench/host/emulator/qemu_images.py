"""The MicroPython images for QEMU, where `make qemu` puts them, and whether they are of this checkout's recipe."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

IMAGES = ("heap100k", "default", "spiram")
"""100 KB of heap, as an ESP32 has beside Wi-Fi; 140 KB, as the stock image has; 2 MB, as a board with PSRAM has."""
CHECKOUT = Path(__file__).resolve().parents[4]
RECIPE = ("build.sh", "BENCH_AN385", "usermod")
"""What images are made from, in `bench/qemu`; `build.sh` names them after it by the same rule."""


class NoQemu(Exception):
    """QEMU or the MicroPython image for it is missing or out of date; the message says how to get it."""


def cache_dir() -> Path:
    """Where `make qemu` puts the images: `$TILLBENCH_CACHE`, else `build/qemu` in the checkout."""
    chosen = os.environ.get("TILLBENCH_CACHE")
    return Path(chosen) if chosen else CHECKOUT / "build" / "qemu"


def find_image(name: str) -> Path:
    """The MicroPython image `name` of `IMAGES`.

    Raises:
        NoQemu: `make qemu` was not run here, or the recipe has changed since.
    """
    images = cache_dir() / "current"
    image = images / f"{name}.elf"
    if not image.is_file():
        raise NoQemu(f"no MicroPython image {name}.elf in {image.parent}: run `make qemu` first")
    wanted = recipe(CHECKOUT / "bench" / "qemu")
    if wanted and not images.resolve().name.endswith(f"-{wanted}"):
        raise NoQemu(
            f"the MicroPython images in {images.resolve()} are out of date: this checkout's recipe in bench/qemu is "
            f"{wanted}; run `make qemu`"
        )
    return image


def find_qemu() -> str:
    """qemu-system-arm on PATH.

    Raises:
        NoQemu: it is not there.
    """
    binary = shutil.which("qemu-system-arm")
    if binary is None:
        raise NoQemu("no qemu-system-arm on PATH: run `make qemu` first, or install it")
    return binary


def recipe(folder: Path) -> str:
    """12 hex digits of what `RECIPE` holds, as in the folder names of images; "" where there is no recipe, as in an
    installed package, whose images come from elsewhere."""
    if not (folder / RECIPE[0]).is_file():
        return ""
    parts = [folder / name for name in RECIPE]
    files = [each for part in parts for each in ([part] if part.is_file() else part.rglob("*")) if each.is_file()]
    lines = sorted((each.relative_to(folder).as_posix().encode(), each.read_bytes()) for each in files)
    listed = b"".join(hashlib.sha256(data).hexdigest().encode() + b"  " + name + b"\n" for name, data in lines)
    return hashlib.sha256(listed).hexdigest()[:12]
