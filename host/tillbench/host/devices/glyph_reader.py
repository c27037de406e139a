"""Text from pixels: the cells of a screen, two for a hanzi, are matched against the font, normal and inverse.

Independent of the firmware: whatever the panel shows is read, all of GB 2312, and what is no glyph is U+FFFD.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256

from tillbench.protocols.fonts import HEIGHT, REPLACEMENT, WIDE_WIDTH, WIDTH, glyphs, wide_glyphs

COLUMNS = 16
ROWS = 4

_LINE = COLUMNS * WIDTH
_BAND = _LINE * HEIGHT
_CELL = WIDTH * HEIGHT
_INVERTED = bytes([1, 0]) + bytes(254)
_BITS = bytes.maketrans(b"01", b"\0\1")


@dataclass(frozen=True)
class ScreenText:
    """Four rows of sixteen cells (a hanzi is one character and two cells), and for each cell whether it is inverse."""

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
    """The four rows of a 128x64 screen, sixteen cells each."""
    return list(read_screen(pixels).rows)


def pixel_hash(pixels: bytes) -> str:
    """A name for a picture: the first 16 hex digits of its SHA-256."""
    return sha256(pixels).hexdigest()[:16]


# Most rows of a new frame are those of the frame before.
@lru_cache(maxsize=256)
def _read_band(band: bytes) -> tuple[str, tuple[bool, ...]]:
    narrow, wide = _cells(), _wide_cells()
    turned = b"".join(band[x::_LINE] for x in range(_LINE))
    text = ""
    inverse: list[bool] = []
    while len(inverse) < COLUMNS:
        at = len(inverse) * _CELL
        # A hanzi first: the halves of one may look like letters, but no two letters look like one (a test says so).
        if found := wide.get(turned[at : at + 2 * _CELL]):
            inverse += [found[1]] * 2
        else:
            found = narrow.get(turned[at : at + _CELL], (REPLACEMENT, False))
            inverse.append(found[1])
        text += found[0]
    return text, tuple(inverse)


@cache
def _cells() -> dict[bytes, tuple[str, bool]]:
    """A cell's 128 pixels, column by column, to its character and whether it is inverse."""
    return _pictures(glyphs(), WIDTH)


@cache
def _wide_cells() -> dict[bytes, tuple[str, bool]]:
    """The same for two cells and the hanzi in them."""
    return _pictures(wide_glyphs(), WIDE_WIDTH)


def _pictures(font: Mapping[str, bytes], width: int) -> dict[bytes, tuple[str, bool]]:
    table: dict[bytes, tuple[str, bool]] = {}
    for char, rows in font.items():
        picture = int.from_bytes(rows)
        bits = f"{picture:0{width * HEIGHT}b}"
        cell = "".join(bits[x::width] for x in range(width)).encode().translate(_BITS)
        table[cell] = (char, False)
        table[cell.translate(_INVERTED)] = (char, True)
    return table
