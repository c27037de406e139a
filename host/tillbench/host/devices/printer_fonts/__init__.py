"""The printer's character generator: bitmap glyphs of font A (12x24), font B (9x17) and hanzi (24x24)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

HANZI_DOTS = 24
HANZI_FILE = "gb2312_24x24.z"
_ROW_DIGITS = 3
_ROW_BITS = 4 * _ROW_DIGITS


@dataclass(frozen=True)
class Font:
    """Glyphs of one cell size. A glyph is one int for each dot row, bit `width - 1` is the leftmost dot."""

    name: str
    width: int
    height: int
    glyphs: dict[str, tuple[int, ...]]

    def glyph(self, char: str) -> tuple[int, ...] | None:
        """The rows of `char`, or None when the font has no such glyph."""
        return self.glyphs.get(char)


@cache
def load(name: str) -> Font:
    """Font "A" or "B".

    Raises:
        ValueError: no such font, or its data file is damaged (file, line, expected and found).
    """
    if name not in ("A", "B"):
        raise ValueError(f"printer font: expected A or B, found {name!r}")
    width, height = (12, 24) if name == "A" else (9, 17)
    file = f"font_{name.lower()}_{width}x{height}.hex"
    glyphs = {}
    for number, line in enumerate((files(__name__) / file).read_text(encoding="ascii").splitlines(), 1):
        code, _, digits = line.partition(":")
        if len(digits) != _ROW_DIGITS * height:
            raise ValueError(f"{file} line {number}: expected {_ROW_DIGITS * height} hex digits, found {len(digits)}")
        rows = [int(digits[at : at + _ROW_DIGITS], 16) for at in range(0, len(digits), _ROW_DIGITS)]
        glyphs[chr(int(code, 16))] = tuple(row >> (_ROW_BITS - width) for row in rows)
    return Font(name, width, height, glyphs)


def gb2312() -> list[str]:
    """The characters of GB 2312-80 in the order of their codes."""
    codes = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return [char for code in codes if (char := code.decode("gb2312", "ignore"))]


@cache
def hanzi() -> Font:
    """The two-byte characters of a printer with kanji mode.

    Raises:
        ValueError: its data file is damaged.
    """
    data = zlib.decompress((files(__name__) / HANZI_FILE).read_bytes())
    chars = gb2312()
    size = HANZI_DOTS * HANZI_DOTS // 8
    if len(data) != size * len(chars):
        raise ValueError(f"{HANZI_FILE}: expected {size * len(chars)} bytes, found {len(data)}")
    row = HANZI_DOTS // 8
    glyphs = {}
    for index, char in enumerate(chars):
        at = size * index
        rows = (data[top : top + row] for top in range(at, at + size, row))
        glyphs[char] = tuple(int.from_bytes(bits) for bits in rows)
    return Font("hanzi", HANZI_DOTS, HANZI_DOTS, glyphs)
