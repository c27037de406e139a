"""Registers of the SSD1306: its command table (datasheet rev. 1.5, section 9) and what each register does."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 128
HEIGHT = 64
PAGES = HEIGHT // 8

HORIZONTAL, VERTICAL, PAGE = 0, 1, 2

# How many argument bytes follow a command byte; none where nothing is said.
ARGUMENTS = {
    0x20: 1,
    0x21: 2,
    0x22: 2,
    0x23: 1,
    0x26: 6,
    0x27: 6,
    0x29: 5,
    0x2A: 5,
    0x81: 1,
    0x8D: 1,
    0xA3: 2,
    0xA8: 1,
    0xD3: 1,
    0xD5: 1,
    0xD6: 1,
    0xD9: 1,
    0xDA: 1,
    0xDB: 1,
}

_NO_PICTURE = {0x23, 0x26, 0x27, 0x29, 0x2A, 0x2F, 0xA3, 0xD6}


@dataclass
class Registers:
    """Everything the commands set, at its reset value (section 9, "RESET")."""

    display_on: bool = False
    pump_enabled: bool = False
    pump_running: bool = False
    mode: int = PAGE
    column: int = 0
    column_start: int = 0
    column_end: int = WIDTH - 1
    page: int = 0
    page_start: int = 0
    page_end: int = PAGES - 1
    start_line: int = 0
    contrast: int = 0x7F
    segment_remap: bool = False
    com_remap: bool = False
    com_pins: int = 0x12
    all_on: bool = False
    inverse: bool = False
    multiplex: int = 64
    offset: int = 0

    def execute(self, command: bytes) -> str | None:
        """Carry out one command with its arguments; returns what is wrong with it, None if nothing is."""
        code = command[0]
        if code < 0x20:
            return self._page_mode_column(code)
        if 0x40 <= code <= 0x7F:
            self.start_line = code & 0x3F
        elif 0xB0 <= code <= 0xB7:
            if self.mode != PAGE:
                return "page start is for page addressing mode only"
            self.page = code & 7
        elif code in (0xA0, 0xA1):
            self.segment_remap = code == 0xA1
        elif 0xC0 <= code <= 0xCF:
            self.com_remap = bool(code & 8)
        elif code in (0xA4, 0xA5):
            self.all_on = code == 0xA5
        elif code in (0xA6, 0xA7):
            self.inverse = code == 0xA7
        elif code in (0xAE, 0xAF):
            self._switch(code == 0xAF)
        elif code in (0x2E, 0xE3):
            pass
        elif code in _NO_PICTURE:
            return "scrolling, fading and zoom are not modelled"
        elif code in ARGUMENTS:
            return self._set(code, command[1:])
        else:
            return "no such command"
        return None

    def _page_mode_column(self, code: int) -> str | None:
        if self.mode != PAGE:
            return "column start nibble is for page addressing mode only"
        nibble = code & 0x0F
        column = self.column & 0x0F | nibble << 4 if code & 0x10 else self.column & 0xF0 | nibble
        self.column = column % WIDTH
        return None if column < WIDTH else f"column {column} is not in 0..127"

    def _switch(self, on: bool) -> None:
        self.display_on = on
        # The pump comes up with the display (application note of the charge pump: 8D 14, then AF).
        self.pump_running = on and self.pump_enabled

    def _set(self, code: int, args: bytes) -> str | None:
        value = args[0]
        if code == 0x20:
            self.mode = value & 3
            if self.mode == 3:
                self.mode = PAGE
                return "addressing mode 3 is not defined"
        elif code in (0x21, 0x22):
            return self._window(code, *args)
        elif code == 0x81:
            self.contrast = value
        elif code == 0x8D:
            self.pump_enabled = bool(value & 0x04)
            self.pump_running = self.pump_running and self.pump_enabled
        elif code == 0xA8:
            if value & 0x3F < 15:
                return f"multiplex ratio {(value & 0x3F) + 1} is not in 16..64"
            self.multiplex = (value & 0x3F) + 1
        elif code == 0xD3:
            self.offset = value & 0x3F
        elif code == 0xDA:
            self.com_pins = value
        return None

    def _window(self, code: int, start: int, end: int) -> str | None:
        if self.mode == PAGE:
            return "windows are for horizontal and vertical addressing mode only"
        limit = WIDTH if code == 0x21 else PAGES
        if not start <= end < limit:
            return f"window {start}..{end} is not within 0..{limit - 1}"
        if code == 0x21:
            self.column_start, self.column_end, self.column = start, end, start
        else:
            self.page_start, self.page_end, self.page = start, end, start
        return None

    def next_run(self, limit: int) -> tuple[int, int, int]:
        """Where the next data bytes go: page, column, and how many (at most `limit`) go to the columns from there on.

        Moves the address pointers past them (section 10.1.3).
        """
        page, column = self.page, self.column
        if self.mode == VERTICAL:
            run = 1
            if self.page == self.page_end:
                self.page = self.page_start
                self.column = self.column_start if column == self.column_end else (column + 1) % WIDTH
            else:
                self.page = (page + 1) % PAGES
            return page, column, run
        last = self.column_end if self.mode == HORIZONTAL and column <= self.column_end else WIDTH - 1
        run = min(limit, last - column + 1)
        self.column = column + run
        if self.column > last:
            self.column = self.column_start if self.mode == HORIZONTAL else 0
            if self.mode == HORIZONTAL:
                self.page = self.page_start if page == self.page_end else (page + 1) % PAGES
        return page, column, run

    def ram_line(self, com: int) -> int | None:
        """The RAM line that output COM shows, None if it is not scanned (tables 10-1, 10-2)."""
        row = (self.multiplex - 1 - com if self.com_remap else com) + self.offset
        row %= HEIGHT
        return (row + self.start_line) % HEIGHT if row < self.multiplex else None

    def glass_line(self, com: int) -> int:
        """The line on the glass that output COM is led to (section 10.1.18).

        The glass takes its lines by turns from the left half (pads 0-31) and the right half (pads 32-63) of the chip.
        """
        pad = com // 2 + com % 2 * (HEIGHT // 2) if self.com_pins & 0x10 else com
        if self.com_pins & 0x20:
            pad = (pad + HEIGHT // 2) % HEIGHT
        return 2 * pad if pad < HEIGHT // 2 else 2 * pad - HEIGHT + 1
