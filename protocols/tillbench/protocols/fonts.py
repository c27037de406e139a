"""The screen font: a subset of GNU Unifont, 16 pixels high, for the firmware and for whoever reads its pixels.

`font_data/unifont16.hex` has the half-width glyphs (8x16) in Unifont's own format (`CODEPOINT:32 hex digits`, one byte
a row from the top, bit 7 at the left), `font_data/unifont16_gb2312.hex` the full-width ones (16x16, 64 digits) of
GB 2312-80. Licence: SIL OFL 1.1, see `font_data/OFL-1.1.txt`. The firmware gets those of the second file that its texts
and names use: `make generate`.

`python -m tillbench.protocols.fonts --from PATH/unifont.hex` takes both files anew from a full Unifont file.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from tillbench.protocols.texts import FIRST_WIDE, wide_characters

_T = TypeVar("_T")

WIDTH = 8
HEIGHT = 16
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

ASCII = "".join(map(chr, range(0x20, 0x7F)))
# Symbols that are half-width in Unifont. A full block is not among them: it looks the same as an inverse space.
SYMBOLS = "£¥°±·×÷–…€←↑→↓↔▂▄▆▇■▲▶▼◀○●" + REPLACEMENT
CHARSET = ASCII + SYMBOLS

WIDE_WIDTH = 16

_SUBSET = "unifont16.hex"
_WIDE_SUBSET = "unifont16_gb2312.hex"
_HEADER = "# GNU Unifont 15.0.01, %s. Licence: SIL Open Font License 1.1, see OFL-1.1.txt beside this file.\n"


class FontError(ValueError):
    """A font file that is not what it should be: says which file, which line, what was expected and what was found."""


def gb2312() -> str:
    """The characters of GB 2312-80 that take two cells; the ideographic space, which looks like two spaces, is none."""
    codes = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    chars = "".join(code.decode("gb2312", "ignore") for code in codes)
    return "".join(sorted(char for char in chars if ord(char) >= FIRST_WIDE and not char.isspace()))


def parse_hex(text: str, source: str, wanted: str | None = None, width: int = WIDTH) -> dict[str, bytes]:
    """Read Unifont `.hex` text; returns the row bytes of each glyph `width` pixels wide, in the order of the file.

    Args:
        text: lines `CODEPOINT:HEX`; empty lines and lines that begin with `#` are passed over.
        source: name of the file, for errors.
        wanted: only these characters; others are passed over unread, so glyphs of another width may be among them.
        width: 8 or 16 pixels.

    Raises:
        FontError: a line that does not parse, or a glyph of another size than `width` x 16.
    """
    digits = width // 4 * HEIGHT
    glyphs: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        where = f"{source}, line {number}"
        code, colon, rows = line.partition(":")
        try:
            char = chr(int(code, 16))
            if not colon:
                raise ValueError
        except (ValueError, OverflowError):
            raise FontError(f"{where}: expected CODEPOINT:HEX, found {line[:40]!r}") from None
        if wanted is not None and char not in wanted:
            continue
        if len(rows) != digits:
            raise FontError(f"{where}: U+{code}: expected {digits} hex digits ({width}x16), found {len(rows)}")
        try:
            glyphs[char] = bytes.fromhex(rows)
        except ValueError:
            raise FontError(f"{where}: U+{code}: expected hex digits, found {rows!r}") from None
    return glyphs


@cache
def glyphs() -> Mapping[str, bytes]:
    """The 16 row bytes (top row first, bit 7 at the left) of every character of `CHARSET`."""
    found = parse_hex(_font_data(_SUBSET), _SUBSET)
    return {char: found[char] for char in require(found, CHARSET, _SUBSET)}


@cache
def wide_glyphs() -> Mapping[str, bytes]:
    """The 32 bytes (two a row, top row first, bit 7 at the left) of every character of `gb2312()`."""
    found = parse_hex(_font_data(_WIDE_SUBSET), _WIDE_SUBSET, width=WIDE_WIDTH)
    return {char: found[char] for char in require(found, gb2312(), _WIDE_SUBSET)}


def _font_data(name: str) -> str:
    return files("tillbench.protocols").joinpath("font_data", name).read_text("ascii")


def require(found: Mapping[str, bytes], charset: str, source: str) -> str:
    """Return `charset` if each of its characters is in `found`; else FontError names those that are missing."""
    missing = [f"U+{ord(char):04X}" for char in charset if char not in found]
    if missing:
        raise FontError(f"{source}: no glyph for {', '.join(missing)}")
    return charset


def columns(rows: bytes) -> bytes:
    """Turn row bytes (16 of an 8x16 glyph, 32 of a 16x16 one) into a MONO_VLSB buffer of the same size.

    That is the columns of the upper half, then those of the lower half; bit 0 is the topmost pixel (SSD1306 datasheet,
    section 8.7: one byte is eight rows of one column of a page).
    """
    stride = len(rows) // HEIGHT
    return bytes(
        sum(1 << bit for bit in range(8) if rows[(8 * page + bit) * stride + x // 8] & (0x80 >> x % 8))
        for page in range(2)
        for x in range(8 * stride)
    )


def subset(source: Path) -> str:
    """The text of the half-width file for `CHARSET`, taken from a full Unifont `.hex` file."""
    return _subset(source, "8x16 subset", CHARSET, WIDTH)


def wide_subset(source: Path) -> str:
    """The text of the full-width file for `gb2312()`, taken from a full Unifont `.hex` file."""
    return _subset(source, f"16x16 subset: GB 2312-80 from U+{FIRST_WIDE:04X} on", gb2312(), WIDE_WIDTH)


def _subset(source: Path, title: str, charset: str, width: int) -> str:
    found = parse_hex(source.read_text("ascii"), str(source), charset, width)
    chars = sorted(require(found, charset, str(source)))
    return _HEADER % title + "".join(f"{ord(char):04X}:{found[char].hex().upper()}\n" for char in chars)


def generate() -> str:
    """The text of `firmware/generated/font16.py`."""
    return "\n".join(_module(glyphs())) + "\n"


def generate_wide() -> str:
    """The text of `firmware/generated/hanzi16.py`: the full-width characters of texts and names."""
    chars = require(wide_glyphs(), wide_characters(), "text_data")
    return "\n".join(_wide_module(chars)) + "\n"


def _module(table: Mapping[str, bytes]) -> Iterable[str]:
    yield '"""GNU Unifont 15.0.01, 8x16, 7-bit ASCII and a few symbols. Licence: SIL Open Font License 1.1.'
    yield ""
    yield "Generated by `make generate`: do not edit."
    yield '"""'
    yield ""
    yield "# Code points, two bytes each, of the glyphs after 0x20..0x7E; the last is U+FFFD, for what is not here."
    yield from _table("SYMBOLS", SYMBOLS, lambda char: ord(char).to_bytes(2, "big"))
    yield ""
    yield "# 16 bytes a glyph: 8 columns of the upper half, 8 of the lower half, bit 0 topmost (framebuf.MONO_VLSB)."
    yield from _glyphs(CHARSET, table)


def _wide_module(chars: str) -> Iterable[str]:
    yield '"""GNU Unifont 15.0.01, 16x16, what texts and names use. Licence: SIL Open Font License 1.1.'
    yield ""
    yield "Generated from the tables in protocols/tillbench/protocols/text_data by `make generate`: do not edit."
    yield '"""'
    yield ""
    yield "# Code points, ascending, two bytes each: the n-th glyph below is the n-th character's."
    yield from _table("UNICODE", chars, lambda char: ord(char).to_bytes(2, "big"))
    yield ""
    yield "# The GB 18030 code of each, in the same order."
    yield from _table("GB", chars, lambda char: char.encode("gb2312"))
    yield ""
    yield "# Places in these tables in the order of the GB 18030 codes, two bytes each."
    by_gb = sorted(range(len(chars)), key=lambda index: chars[index].encode("gb2312"))
    yield from _table("BY_GB", by_gb, lambda index: index.to_bytes(2, "big"))
    yield ""
    yield "# 32 bytes a glyph: 16 columns of the upper half, 16 of the lower half, bit 0 topmost (framebuf.MONO_VLSB)."
    yield from _glyphs(chars, wide_glyphs())


def _table(name: str, items: Iterable[_T], code: Callable[[_T], bytes]) -> Iterable[str]:
    codes = b"".join(code(item) for item in items)
    yield f"{name} = ("
    for at in range(0, len(codes), 16):
        yield f"    {_literal(codes[at : at + 16])}"
    yield ")"


def _glyphs(chars: str, table: Mapping[str, bytes]) -> Iterable[str]:
    yield "GLYPHS = ("
    for char in chars:
        yield f"    {_literal(columns(table[char]))}  # U+{ord(char):04X}{'' if ord(char) < FIRST_WIDE else ' ' + char}"
    yield ")"


def _literal(data: bytes) -> str:
    return 'b"' + "".join(f"\\x{byte:02x}" for byte in data) + '"'


def main() -> None:
    """Take the font data of the checkout that this file is in anew."""
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(prog="python -m tillbench.protocols.fonts", description=__doc__)
    parser.add_argument("--from", dest="source", type=Path, required=True, help="a full unifont.hex")
    options = parser.parse_args()
    try:
        (here / "font_data" / _SUBSET).write_text(subset(options.source), "ascii")
        (here / "font_data" / _WIDE_SUBSET).write_text(wide_subset(options.source), "ascii")
    except (FontError, OSError) as error:
        parser.exit(1, f"{error}\n")
    print(f"{len(CHARSET)} half-width and {len(gb2312())} full-width glyphs; now `make generate`")


if __name__ == "__main__":
    main()
