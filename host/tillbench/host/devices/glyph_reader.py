"""Text from pixels: each 8x16 cell of a screen is matched against the font, normal and inverse.

Independent of the firmware: whatever the panel shows is read, and what is no glyph is U+FFFD.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256

from tillbench.protocols.fonts import HEIGHT, REPLACEMENT, WIDTH, glyphs

COLUMNS = 16
ROWS = 4

_LINE = COLUMNS * WIDTH
_BAND = _LINE * HEIGHT
_INVERTED = bytes([1, 0]) + bytes(254)


@dataclass(frozen=True)
class ScreenText:
    """Four rows of sixteen characters, and for each cell whether it is inverse."""

    rows: tuple[str, ...]
    inverse: tuple[tuple[bool, ...], ...]

    @property
    def text(self) -> str:
        """The rows as lines, without the blanks at their ends."""
        return "\n".join(row.rstrip() for row in self.rows)

    @property
    def unknown(self) -> int:
        """How many cells hold no known glyph."""
        return sum(row.count(REPLACEMENT) for row in self.rows)

    def inverse_rows(self) -> tuple[int, ...]:
        """The rows that are wholly inverse (a title, a chosen line)."""
        return tuple(index for index, row in enumerate(self.inverse) if all(row))


def read_screen(pixels: bytes) -> ScreenText:
    """Read a 128x64 screen, one byte (0 or 1) a pixel, rows from the top.

    Raises:
        ValueError: not 8192 bytes.
    """
    if len(pixels) != ROWS * _BAND:
        raise ValueError(f"pixels: expected {ROWS * _BAND} bytes (128x64), found {len(pixels)}")
    bands = [_read_band(pixels[at : at + _BAND]) for at in range(0, len(pixels), _BAND)]
    return ScreenText(tuple(text for text, _ in bands), tuple(inverse for _, inverse in bands))


def read_text(pixels: bytes) -> list[str]:
    """The four rows of a 128x64 screen, sixteen characters each."""
    return list(read_screen(pixels).rows)


def pixel_hash(pixels: bytes) -> str:
    """A name for a picture: the first 16 hex digits of its SHA-256."""
    return sha256(pixels).hexdigest()[:16]


# Most rows of a new frame are those of the frame before.
@lru_cache(maxsize=256)
def _read_band(band: bytes) -> tuple[str, tuple[bool, ...]]:
    by_cell = _cells()
    turned = b"".join(band[x::_LINE] for x in range(_LINE))
    cells = [by_cell.get(turned[at : at + WIDTH * HEIGHT], (REPLACEMENT, False)) for at in range(0, _BAND, 128)]
    return "".join(char for char, _ in cells), tuple(inverse for _, inverse in cells)


@cache
def _cells() -> dict[bytes, tuple[str, bool]]:
    """A cell's 128 pixels, column by column, to its character and whether it is inverse."""
    table: dict[bytes, tuple[str, bool]] = {}
    for char, rows in glyphs().items():
        cell = bytes(rows[y] >> (7 - x) & 1 for x in range(WIDTH) for y in range(HEIGHT))
        table[cell] = (char, False)
        table[cell.translate(_INVERTED)] = (char, True)
    return table
