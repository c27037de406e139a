"""A MicroPython image for an ESP32: found, and looked at before it is written."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

MAGIC = 0xE9
CHIP_OF = {0: "ESP32", 5: "ESP32-C3", 9: "ESP32-S3"}
"""By the number in the image header."""
OFFSET = {"ESP32": 0x1000, "ESP32-S3": 0, "ESP32-C3": 0}
"""Where the bootloader, with which such an image begins, is in the flash."""
_HEAD = struct.Struct("<BBBBIB3sHBHH4sB")
_SMALLEST = 64 * 1024


class WrongImage(ValueError):
    """The file is no image for this board; the message says what was expected and found."""


@dataclass(frozen=True)
class Image:
    """An image file for `chip`; `offset` is where it goes in the flash."""

    path: Path
    chip: str
    offset: int


def mpflash_folder() -> Path:
    """Where mpflash keeps what it has downloaded: `$MPFLASH_FIRMWARE`, else its folder in the downloads."""
    chosen = os.environ.get("MPFLASH_FIRMWARE")
    return Path(chosen) if chosen else Path.home() / "Downloads" / "firmware"


def open_image(name: str) -> Image:
    """The image at path `name`, or of that file name in mpflash's folder.

    Raises:
        WrongImage: there is none, or it is not for an ESP32 that this bench knows.
    """
    path = Path(name)
    if not path.exists():
        cached = sorted(mpflash_folder().rglob(path.name)) if "/" not in name else []
        if not cached:
            raise WrongImage(f"{name}: no such file, and none of that name in {mpflash_folder()}")
        path = cached[0]
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD.size)
        size = path.stat().st_size
    except OSError as error:
        raise WrongImage(f"{path}: {error.strerror}") from None
    if len(head) < _HEAD.size or head[0] != MAGIC:
        found = f"{head[0]:#04x}" if len(head) >= _HEAD.size else f"{len(head)} bytes"
        raise WrongImage(f"{path}: offset 0: expected {MAGIC:#04x}, with which an ESP32 image begins, found {found}")
    number = _HEAD.unpack(head)[7]
    if number not in CHIP_OF:
        known = ", ".join(f"{chip} ({code})" for code, chip in CHIP_OF.items())
        raise WrongImage(f"{path}: offset 12: expected the number of {known}, found {number}")
    if size < _SMALLEST:
        raise WrongImage(f"{path}: expected more than {_SMALLEST} bytes of a whole image, found {size}")
    chip = CHIP_OF[number]
    return Image(path, chip, OFFSET[chip])
