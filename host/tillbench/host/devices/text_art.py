"""A screen as text, for consoles and logs: half blocks (two pixels a character) or Braille (eight)."""

from __future__ import annotations

from tillbench.host.devices.panel import HEIGHT, WIDTH

_HALF = " ▀▄█"
# Dots of a Braille character as (x, y, bit): U+2800 plus these bits (Unicode, "Braille Patterns").
_DOTS = ((0, 0, 1), (0, 1, 2), (0, 2, 4), (1, 0, 8), (1, 1, 16), (1, 2, 32), (0, 3, 64), (1, 3, 128))


def half_blocks(pixels: bytes, frame: bool = True) -> str:
    """128x64 pixels as 32 lines of 128 characters, with a frame 34 of 130."""
    lines = []
    for y in range(0, HEIGHT, 2):
        upper = pixels[y * WIDTH : (y + 1) * WIDTH]
        lower = pixels[(y + 1) * WIDTH : (y + 2) * WIDTH]
        lines.append("".join([_HALF[a + 2 * b] for a, b in zip(upper, lower, strict=True)]))
    return "\n".join(_framed(lines) if frame else lines)


def braille(pixels: bytes, frame: bool = True) -> str:
    """128x64 pixels as 16 lines of 64 characters, with a frame 18 of 66."""
    lines = []
    for y in range(0, HEIGHT, 4):
        cells = bytearray(WIDTH // 2)
        for dx, dy, bit in _DOTS:
            row = pixels[(y + dy) * WIDTH + dx : (y + dy + 1) * WIDTH : 2]
            for x, pixel in enumerate(row):
                if pixel:
                    cells[x] |= bit
        lines.append("".join([chr(0x2800 + cell) for cell in cells]))
    return "\n".join(_framed(lines) if frame else lines)


def _framed(lines: list[str]) -> list[str]:
    edge = "─" * len(lines[0])
    return [f"┌{edge}┐", *(f"│{line}│" for line in lines), f"└{edge}┘"]
