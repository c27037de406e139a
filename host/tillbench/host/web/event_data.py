"""What can be seen, as events have it: JSON, pixels and dots as base64."""

from __future__ import annotations

import base64
import itertools
from typing import Any

from tillbench.host.emulator.screen import Shown
from tillbench.host.pcsc.readers import ReaderState
from tillbench.host.web.events import Event


def frame_data(shown: Shown) -> dict[str, Any]:
    """A frame as JSON: number, rows of text, pixels (64 rows of 16 bytes, most significant bit left, base64)."""
    bits = int(shown.pixels.translate(_DIGITS).decode("ascii"), 2)
    pixels = base64.b64encode(bits.to_bytes(len(shown.pixels) // 8, "big")).decode()
    return {"frame": shown.number, "rows": list(shown.rows), "pixels": pixels, "hash": shown.hash}


def visible(event: Event) -> str:
    """The text of a frame, as a person would read it."""
    return "\n".join(row.rstrip() for row in event["rows"])


def pack_rows(rows: list[int], width: int) -> str:
    """Dot rows, most significant bit left, whole bytes each, base64."""
    size = -(-width // 8)
    pad = size * 8 - width
    packed = itertools.chain.from_iterable((row << pad).to_bytes(size, "big") for row in rows)
    return base64.b64encode(bytes(packed)).decode()


def reader_data(state: ReaderState) -> dict[str, Any]:
    """A card reader as JSON."""
    return {"name": state.name, "card": state.has_card, "atr": state.atr.hex().upper()}


_DIGITS = bytes([0x30, 0x31]) + bytes(254)
