"""Registers of a 240x320 colour controller: commands that ST7789 and ILI9341 have alike, and where a pixel goes.

Sources: Sitronix ST7789V data sheet 1.3, sections 8.4, 8.12 and 9.1; ILITEK ILI9341 data sheet 1.11, section 8.2.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 240, 320
"""Columns and rows of the memory."""

NOP, SWRESET, SLPIN, SLPOUT, NORON, INVOFF, INVON = 0x00, 0x01, 0x10, 0x11, 0x13, 0x20, 0x21
DISPOFF, DISPON, CASET, RASET, RAMWR, MADCTL, COLMOD, RAMWRC = 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x36, 0x3A, 0x3C
ARGUMENTS = {CASET: 4, RASET: 4, MADCTL: 1, COLMOD: 1}
"""Bytes that follow a command that is obeyed with them."""
_MAKERS_OWN = 0xB0
"""Commands from here on set voltages and timing; what they do is nothing that an eye sees on a good module."""
_HARMLESS = {NOP, NORON, 0x26, 0x34, 0x35, 0x38, 0x51, 0x53, 0x55}
_MY, _MX, _MV, _BGR = 0x80, 0x40, 0x20, 0x08
_BITS_16, _BITS_18 = 5, 6


@dataclass(frozen=True)
class Controller:
    """A controller with the glass that it is mostly sold on.

    Attributes:
        name: of the chip.
        inverse: the glass shows the complement until INVON (IPS).
        bgr: the filters of the glass are blue, green, red.
    """

    name: str
    inverse: bool
    bgr: bool


CONTROLLERS = {each.name: each for each in (Controller("ST7789", True, False), Controller("ILI9341", False, True))}


@dataclass
class ColourRegisters:
    """As after a reset."""

    sleeping: bool = True
    display_on: bool = False
    inverted: bool = False
    access: int = 0
    """MADCTL."""
    bits: int = _BITS_18
    columns: tuple[int, int] = (0, WIDTH - 1)
    rows: tuple[int, int] = (0, HEIGHT - 1)

    @property
    def bgr(self) -> bool:
        """The order of the colours in memory."""
        return bool(self.access & _BGR)

    @property
    def pixel_bytes(self) -> int:
        return 2 if self.bits == _BITS_16 else 3

    def execute(self, command: int, arguments: bytes) -> str:
        """Obey a command with all of its arguments; what is wrong with it, "" if nothing is."""
        if command in (SLPIN, SLPOUT):
            self.sleeping = command == SLPIN
        elif command in (INVOFF, INVON):
            self.inverted = command == INVON
        elif command in (DISPOFF, DISPON):
            self.display_on = command == DISPON
        elif command in (CASET, RASET):
            return self._window(command, arguments)
        elif command == MADCTL:
            self.access = arguments[0]
        elif command == COLMOD:
            if arguments[0] & 7 not in (_BITS_16, _BITS_18):
                return f"{arguments[0] & 7} is no pixel format of 16 or 18 bits"
            self.bits = arguments[0] & 7
        elif command not in _HARMLESS and command < _MAKERS_OWN:
            return "no such command"
        return ""

    def _window(self, command: int, arguments: bytes) -> str:
        first, last = int.from_bytes(arguments[:2], "big"), int.from_bytes(arguments[2:], "big")
        sides = (HEIGHT, WIDTH) if self.access & _MV else (WIDTH, HEIGHT)
        most = sides[command == RASET] - 1
        if not first <= last <= most:
            return f"{first} to {last} is no range in 0 to {most}"
        if command == CASET:
            self.columns = first, last
        else:
            self.rows = first, last
        return ""

    def span(self, column: int, row: int, count: int) -> slice:
        """Where in the memory, row after row, `count` pixels lie that are written from `column`, `row` on."""
        access = self.access
        if access & _MV:
            x = WIDTH - 1 - row if access & _MX else row
            y = HEIGHT - 1 - column if access & _MY else column
            step = -WIDTH if access & _MY else WIDTH
        else:
            x = WIDTH - 1 - column if access & _MX else column
            y = HEIGHT - 1 - row if access & _MY else row
            step = -1 if access & _MX else 1
        first = y * WIDTH + x
        stop = first + count * step
        return slice(first, stop if stop >= 0 else None, step)
