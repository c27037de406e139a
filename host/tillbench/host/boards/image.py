"""A MicroPython image for an ESP32: found, and looked at before it is written."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from tillbench.host.devices.esp32.chips import CHIPS

MAGIC = 0xE9
_CHIP_OF = {chip.image_id: chip for chip in CHIPS.values()}
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
    chip = _CHIP_OF.get(number)
    if chip is None:
        known = ", ".join(f"{known.name} ({known.image_id})" for known in CHIPS.values())
        raise WrongImage(f"{path}: offset 12: expected the number of {known}, found {number}")
    if size < _SMALLEST:
        raise WrongImage(f"{path}: expected more than {_SMALLEST} bytes of a whole image, found {size}")
    return Image(path, chip.name, chip.image_offset)
