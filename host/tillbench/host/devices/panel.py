"""SSD1306 panel: from the bytes on its I2C bus to the pixels that the eye sees.

The model decodes what the datasheet (Solomon Systech, rev. 1.5) defines, so a driver that initialises the chip wrongly
shows here what it shows on a desk: nothing, noise, a mirrored or a torn picture. The glass is the usual 128x64 module:
its upper left corner is SEG127/COM63, its COM lines alternate between the two sides, and its supply comes from the
charge pump alone.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

from tillbench.host.devices.panel_registers import ARGUMENTS, Registers

WIDTH = 128
HEIGHT = 64
PAGES = HEIGHT // 8

# For each bit of a byte: that bit of every byte value, as 0 or 1.
_BIT = [bytes(value >> bit & 1 for value in range(256)) for bit in range(8)]
_INVERTED = bytes([1, 0]) + bytes(254)
_ALL_ON = bytes([1]) * WIDTH
_ALL_OFF = bytes(WIDTH)

_CO = 0x80
_DATA = 0x40
_RESERVED = 0x3F


class Panel:
    """An `I2cChip`. `on_write` is called after each write transaction.

    `complaints` holds the last things a driver did that the datasheet does not define or that have no effect.
    """

    def __init__(self, rng: random.Random, on_write: Callable[[], None] | None = None) -> None:
        self._rng = rng
        self._on_write = on_write
        self.registers = Registers()
        self.complaints: deque[str] = deque(maxlen=50)
        self._ram = bytearray()
        self.power_cycle()

    def power_cycle(self) -> None:
        """Power off and on: registers at their reset values, RAM random (section 8.5; no word on the RAM)."""
        self._ram[:] = self._rng.randbytes(WIDTH * PAGES)
        self.reset()

    def reset(self) -> None:
        """A pulse on RES#: registers at their reset values, RAM as it was."""
        self.registers = Registers()
        self._command = bytearray()
        self._pixels: bytes | None = None

    @property
    def ram(self) -> bytes:
        """The display RAM: 8 pages of 128 bytes, by segment (not by column address); bit 0 is the page's first row."""
        return bytes(self._ram)

    @property
    def lit(self) -> bool:
        """Whether the glass can emit light: display on, and the charge pump running."""
        return self.registers.display_on and self.registers.pump_running

    def pixels(self) -> bytes:
        """What the eye sees: 64 rows of 128 bytes from the upper left, 1 = lit."""
        if self._pixels is None:
            self._pixels = self._scan_out() if self.lit else bytes(WIDTH * HEIGHT)
        return self._pixels

    def write(self, data: bytes) -> int:
        """Take one write transaction (section 8.1.5.2): control bytes, each followed by one byte or by all the rest."""
        at = 0
        while at < len(data):
            control = data[at]
            if control & _RESERVED:
                self._complain(f"control byte {control:#04x} at offset {at}: bits 0-5 must be 0; rest ignored")
                break
            end = at + 2 if control & _CO else len(data)
            chunk = data[at + 1 : end]
            if control & _DATA:
                self._take_data(chunk)
            else:
                for byte in chunk:
                    self._take_command(byte)
            at = end
        self._pixels = None
        if self._on_write is not None:
            self._on_write()
        return len(data)

    def read(self, n: int) -> bytes:
        """The status register `n` times (section 9.1.2): bit 6 is 1 while the display is off."""
        return bytes([0x00 if self.registers.display_on else 0x40]) * n

    def _complain(self, text: str) -> None:
        self.complaints.append(text)

    def _take_command(self, byte: int) -> None:
        # Arguments may come in later transactions: many drivers send each byte on its own.
        self._command.append(byte)
        if len(self._command) <= ARGUMENTS.get(self._command[0], 0):
            return
        command = bytes(self._command)
        self._command.clear()
        complaint = self.registers.execute(command)
        if complaint:
            self._complain(f"command {command.hex(' ')}: {complaint}")

    def _take_data(self, data: bytes) -> None:
        registers = self.registers
        at = 0
        while at < len(data):
            page, column, run = registers.next_run(len(data) - at)
            chunk = data[at : at + run]
            start = page * WIDTH
            if registers.segment_remap:
                start += WIDTH - column - run
                chunk = chunk[::-1]
            else:
                start += column
            self._ram[start : start + run] = chunk
            at += run

    def _scan_out(self) -> bytes:
        rows = [_ALL_OFF] * HEIGHT
        registers = self.registers
        for com in range(HEIGHT):
            line = registers.ram_line(com)
            if line is None:
                continue
            if registers.all_on:
                segments = _ALL_ON
            else:
                page = self._ram[line // 8 * WIDTH : (line // 8 + 1) * WIDTH]
                segments = bytes(page.translate(_BIT[line % 8]))
                if registers.inverse:
                    segments = segments.translate(_INVERTED)
            rows[HEIGHT - 1 - registers.glass_line(com)] = segments[::-1]
        return b"".join(rows)

    def __repr__(self) -> str:
        return f"SSD1306 panel ({'lit' if self.lit else 'dark'})"
