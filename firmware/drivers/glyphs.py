"""Text on a frame buffer: 8x16 glyphs on a grid of 16 columns by 4 rows."""

import framebuf
from generated import font16
from micropython import const

COLUMNS = 16
ROWS = 4

_WIDTH = const(8)
_HEIGHT = const(16)
_FIRST = const(0x20)
_LAST = const(0x7E)

# One glyph at a time passes through here: FrameBuffer wants a buffer that it may write to, the font is read-only.
_cell = bytearray(_WIDTH * _HEIGHT // 8)
_cell_fb = framebuf.FrameBuffer(_cell, _WIDTH, _HEIGHT, framebuf.MONO_VLSB)
# A palette of two colours, swapped: paper becomes ink and ink paper.
_swapped = framebuf.FrameBuffer(bytearray(b"\x01\x00"), 2, 1, framebuf.MONO_VLSB)


def glyph_offset(code: int) -> int:
    """Where the 16 bytes of a code point's glyph begin in `font16.GLYPHS`; that of U+FFFD if there is none."""
    if _FIRST <= code <= _LAST:
        return (code - _FIRST) * 16
    symbols = font16.SYMBOLS
    index = _LAST - _FIRST + 1
    for at in range(0, len(symbols), 2):
        if symbols[at] << 8 | symbols[at + 1] == code:
            return (index + at // 2) * 16
    return len(font16.GLYPHS) - 16


def draw_text(fb: framebuf.FrameBuffer, text: str, col: int, row: int, inverse: bool = False) -> None:
    """Draw `text` from cell (`col`, `row`) on; dark on light if `inverse`. What runs over the right edge is cut off.

    Raises:
        ValueError: the first cell is not on the screen.
    """
    if not 0 <= col < COLUMNS or not 0 <= row < ROWS:
        raise ValueError("cell %d,%d is not on the screen of %dx%d" % (col, row, COLUMNS, ROWS))
    glyphs = font16.GLYPHS
    for char in text:
        if col == COLUMNS:
            return
        at = glyph_offset(ord(char))
        _cell[:] = glyphs[at : at + 16]
        if inverse:
            fb.blit(_cell_fb, col * _WIDTH, row * _HEIGHT, -1, _swapped)
        else:
            fb.blit(_cell_fb, col * _WIDTH, row * _HEIGHT)
        col += 1
