"""Text read from pixels."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.host.devices.glyph_reader import ScreenText, pixel_hash, read_screen, read_text
from tillbench.protocols.fonts import CHARSET, REPLACEMENT, gb2312, glyphs, wide_glyphs

# No verdict here may depend on how busy the machine is.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def drawn(rows: list[str], inverse: list[list[bool]]) -> bytearray:
    """The screen as pixels, by the rows of the font file."""
    pixels = bytearray(128 * 64)
    for row, text in enumerate(rows):
        for col, char in enumerate(text):
            for y, bits in enumerate(glyphs()[char]):
                for x in range(8):
                    lit = (bits >> (7 - x) & 1) ^ inverse[row][col]
                    pixels[(row * 16 + y) * 128 + col * 8 + x] = lit
    return pixels


def hanzi_drawn(row: str, inverse: bool) -> bytes:
    """One row of hanzi and ASCII over three blank ones."""
    bands = [bytearray() for _ in range(16)]
    for char in row:
        wide = char in wide_glyphs()
        glyph = wide_glyphs()[char] if wide else glyphs()[char]
        for y, band in enumerate(bands):
            bits = int.from_bytes(glyph[2 * y : 2 * y + 2]) if wide else glyph[y]
            band += bytes((bits >> x & 1) ^ inverse for x in reversed(range(16 if wide else 8)))
    return b"".join(bands) + bytes(128 * 48)


PLAIN = [[False] * 16 for _ in range(4)]


@unhurried
@given(
    st.lists(st.text(CHARSET, min_size=16, max_size=16), min_size=4, max_size=4),
    st.lists(st.lists(st.booleans(), min_size=16, max_size=16), min_size=4, max_size=4),
)
def test_every_text_normal_and_inverse_is_read(rows: list[str], inverse: list[list[bool]]) -> None:
    screen = read_screen(bytes(drawn(rows, inverse)))
    assert list(screen.rows) == rows
    assert [list(row) for row in screen.inverse] == inverse


@unhurried
@given(st.text(gb2312(), min_size=5, max_size=5), st.text(CHARSET, min_size=6, max_size=6), st.integers(0, 6))
def test_every_hanzi_among_letters_is_read(hanzi: str, letters: str, at: int) -> None:
    row = letters[:at] + hanzi + letters[at:]
    for inverse in (False, True):
        screen = read_screen(hanzi_drawn(row, inverse))
        assert screen.rows[0] == row
        assert screen.inverse[0] == (inverse,) * 16
        assert len(screen.inverse[1]) == 16


def test_one_wrong_pixel_is_an_unknown_glyph() -> None:
    rows = ["AMOUNT  12.34   "] * 4
    pixels = drawn(rows, PLAIN)
    pixels[(16 + 7) * 128 + 8 * 2 + 3] ^= 1
    screen = read_screen(bytes(pixels))
    assert screen.rows[1] == "AM" + REPLACEMENT + rows[1][3:]
    assert screen.unknown == 1
    assert [screen.rows[row] for row in (0, 2, 3)] == [rows[0]] * 3


def test_noise_is_no_text() -> None:
    rng = random.Random(5)
    noise = bytes(rng.randrange(2) for _ in range(128 * 64))
    assert read_text(noise) == [REPLACEMENT * 16] * 4


def test_text_shifted_by_a_pixel_is_not_read() -> None:
    pixels = bytes(drawn(["HELLO WORLD HERE"] * 4, PLAIN))
    assert "HELLO" not in read_screen(pixels[-1:] + pixels[:-1]).text


def test_screen_text() -> None:
    inverse = [[True] * 16, [True] * 4 + [False] * 12, *PLAIN[2:]]
    screen = read_screen(bytes(drawn(["      SALE      ", "AMOUNT          ", " " * 16, "ENTER           "], inverse)))
    assert screen.text == "      SALE\nAMOUNT\n\nENTER"
    assert screen.inverse_rows() == (0,)
    assert screen == ScreenText(screen.rows, screen.inverse)


def test_pixel_hash_tells_pictures_apart() -> None:
    a, b = bytes(8192), bytes(8191) + b"\x01"
    assert pixel_hash(a) == pixel_hash(bytes(8192))
    assert pixel_hash(a) != pixel_hash(b)


def test_a_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected 8192 bytes .*found 8191"):
        read_text(bytes(8191))
