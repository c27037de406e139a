"""Text on a frame buffer: 8x16 and 16x16 glyphs on a grid of 16 columns by 4 rows."""

import framebuf
from charset.width import codes, is_wide
from generated import font16
from micropython import const

COLUMNS = 16
ROWS = 4

_WIDTH = const(8)
_WIDE = const(16)
_HEIGHT = const(16)
_FIRST = const(0x20)
_LAST = const(0x7E)

# One glyph at a time passes through here: FrameBuffer wants a buffer that it may write to, the fonts are read-only.
_cell = bytearray(_WIDTH * _HEIGHT // 8)
_cell_fb = framebuf.FrameBuffer(_cell, _WIDTH, _HEIGHT, framebuf.MONO_VLSB)
_wide_cell = bytearray(_WIDE * _HEIGHT // 8)
_wide_fb = framebuf.FrameBuffer(_wide_cell, _WIDE, _HEIGHT, framebuf.MONO_VLSB)
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

    A hanzi takes two cells; one without a glyph is an empty box.

    Raises:
        ValueError: the first cell is not on the screen.
    """
    if not 0 <= col < COLUMNS or not 0 <= row < ROWS:
        raise ValueError("cell %d,%d is not on the screen of %dx%d" % (col, row, COLUMNS, ROWS))
    for code in codes(text):
        cells = 2 if is_wide(code) else 1
        if col + cells > COLUMNS:
            return
        if inverse:
            fb.blit(load_glyph(code), col * _WIDTH, row * _HEIGHT, -1, _swapped)
        else:
            fb.blit(load_glyph(code), col * _WIDTH, row * _HEIGHT)
        col += cells


def load_glyph(code: int) -> framebuf.FrameBuffer:
    """A code point's glyph, 8x16 or 16x16, to be blitted before the next one is loaded."""
    if is_wide(code):
        _load_wide(code)
        return _wide_fb
    at = glyph_offset(code)
    _cell[:] = font16.GLYPHS[at : at + 16]
    return _cell_fb


def _load_wide(code: int) -> None:
    # Not before the first hanzi: where code lies on the heap, a terminal that speaks English does without this table.
    from charset.gb18030 import glyph_index
    from generated import hanzi16

    index = glyph_index(code)
    if index < 0:
        _wide_fb.fill(0)
        _wide_fb.rect(2, 2, 12, 12, 1)
    else:
        _wide_cell[:] = hanzi16.GLYPHS[32 * index : 32 * index + 32]
