"""Pictures of the panel: text art and PNG."""

from __future__ import annotations

import random
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from tillbench.host.devices.screen_png import save_screen, screen_image, screen_png
from tillbench.host.devices.text_art import braille, half_blocks

_RNG = random.Random(3)
PIXELS = bytes(_RNG.randrange(2) for _ in range(128 * 64))


def test_half_blocks_hold_every_pixel() -> None:
    lines = half_blocks(PIXELS, frame=False).split("\n")
    assert [len(line) for line in lines] == [128] * 32
    back = bytearray()
    for line in lines:
        back += bytes(char in "▀█" for char in line)
        back += bytes(char in "▄█" for char in line)
    assert back == PIXELS


def test_braille_holds_every_pixel() -> None:
    lines = braille(PIXELS, frame=False).split("\n")
    assert [len(line) for line in lines] == [64] * 16
    # Unicode numbers the dots of a cell downwards, left column first; dots 7 and 8 were added below.
    dot_at = {(0, 0): 1, (0, 1): 2, (0, 2): 3, (1, 0): 4, (1, 1): 5, (1, 2): 6, (0, 3): 7, (1, 3): 8}
    for y in range(64):
        for x in range(128):
            dots = ord(lines[y // 4][x // 2]) - 0x2800
            assert dots >> (dot_at[x % 2, y % 4] - 1) & 1 == PIXELS[y * 128 + x]


def test_frames() -> None:
    lines = half_blocks(PIXELS).split("\n")
    assert (lines[0], lines[-1]) == ("┌" + "─" * 128 + "┐", "└" + "─" * 128 + "┘")
    assert all(line[0] == line[-1] == "│" for line in lines[1:-1])
    assert len(lines) == 34
    assert [len(line) for line in braille(PIXELS).split("\n")] == [66] * 18


def test_png_holds_every_pixel(tmp_path: Path) -> None:
    path = tmp_path / "screen.png"
    save_screen(path, PIXELS, scale=3, border=2)
    assert path.read_bytes() == screen_png(PIXELS, 3, 2)
    with Image.open(BytesIO(path.read_bytes())) as image:
        grey = image.convert("L")
    assert grey.size == ((128 + 4) * 3, (64 + 4) * 3)
    for y in range(64):
        for x in range(128):
            bright = grey.getpixel(((x + 2) * 3 + 1, (y + 2) * 3 + 1))
            assert isinstance(bright, int)
            assert (bright > 128) == bool(PIXELS[y * 128 + x])


def test_bad_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected 8192 bytes.*found 100"):
        screen_image(bytes(100))
    with pytest.raises(ValueError, match="scale must be at least 1"):
        screen_image(PIXELS, scale=0)
