"""A line of text as dots, for printers that have no glyph of it: GNU Unifont, 8x16 and 16x16."""

import framebuf
from charset.width import codes, is_wide
from drivers.glyphs import load_glyph
from micropython import const

_HEIGHT = const(16)
_NARROW = const(8)
_WIDE = const(16)
# Four dots to eight: each twice.
_TWICE = b"\x00\x03\x0c\x0f\x30\x33\x3c\x3f\xc0\xc3\xcc\xcf\xf0\xf3\xfc\xff"


class DotText:
    """`text` at the left, in the middle or at the right of `dots` dots, and `right` at their right end."""

    def __init__(self, dots: int, text: str, right: str, bold: bool, double: bool, align: str) -> None:
        self._double = double
        width = dots // 2 if double else dots
        self._stride = width // 8
        self._buffer = bytearray(self._stride * _HEIGHT)
        fb = framebuf.FrameBuffer(self._buffer, width, _HEIGHT, framebuf.MONO_HLSB)
        room = max(0, width - _width(text))
        _draw(fb, text, 0 if align == "left" else room // 2 if align == "center" else room, bold)
        _draw(fb, right, width - _width(right), bold)
        self.height = 2 * _HEIGHT if double else _HEIGHT

    def row(self, y: int) -> "bytes | bytearray":
        """Dot row `y`, leftmost dot in bit 7 of the first byte."""
        if not self._double:
            return self._buffer[y * self._stride : (y + 1) * self._stride]
        at = y // 2 * self._stride
        wide = bytearray(2 * self._stride)
        for x in range(self._stride):
            byte = self._buffer[at + x]
            wide[2 * x] = _TWICE[byte >> 4]
            wide[2 * x + 1] = _TWICE[byte & 15]
        return wide


def _width(text: str) -> int:
    width = 0
    for code in codes(text):
        width += _WIDE if is_wide(code) else _NARROW
    return width


def _draw(fb: framebuf.FrameBuffer, text: str, x: int, bold: bool) -> None:
    for code in codes(text):
        glyph = load_glyph(code)
        fb.blit(glyph, x, 0)
        if bold:
            fb.blit(glyph, x + 1, 0, 0)
        x += _WIDE if is_wide(code) else _NARROW
