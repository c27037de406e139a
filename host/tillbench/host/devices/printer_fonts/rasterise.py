"""Makes the printer's hanzi: `python -m tillbench.host.devices.printer_fonts.rasterise NotoSansCJK-Regular.ttc`.

The file holds GB 2312-80 in the order of its codes, 72 bytes a glyph (24 rows of 24 dots, the leftmost dot in the
highest bit), deflated.
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from tillbench.host.devices.printer_fonts import HANZI_DOTS, HANZI_FILE, gb2312

_SIMPLIFIED_CHINESE = 2
"""Index of "Noto Sans CJK SC" in the collection."""
_ABOVE = 7
"""Dots of the line that no hanzi reaches."""
_INK = 110
"""From this grey on (of 255) a dot burns."""


def rasterise(font: ImageFont.FreeTypeFont, char: str) -> bytes:
    """The dots of one character, row by row."""
    image = Image.new("L", (HANZI_DOTS, HANZI_DOTS), 0)
    ImageDraw.Draw(image).text((0, -_ABOVE), char, font=font, fill=255)
    return image.point(lambda grey: 255 if grey >= _INK else 0).convert("1").tobytes()


def main() -> None:
    """Writes the data file beside this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("font", type=Path, help="NotoSansCJK-Regular.ttc")
    font = ImageFont.truetype(parser.parse_args().font, HANZI_DOTS, index=_SIMPLIFIED_CHINESE)
    data = b"".join(rasterise(font, char) for char in gb2312())
    Path(__file__).with_name(HANZI_FILE).write_bytes(zlib.compress(data, 9))


if __name__ == "__main__":
    main()
