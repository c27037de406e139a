"""A colour panel on SPI, 240x320 with an ST7789 or an ILI9341, on its side: 320 wide, 240 high.

A frame of it is 153,600 bytes, which no ESP32 without PSRAM has. So the picture is the same as on an SSD1306, 128x64
dots in 1 KB, and goes to the glass in strips of one row of dots, each dot two by two: 1 KB more. Rows that have not
changed are not sent.

Sources: ST7789V data sheet 1.3, section 9.1; ILI9341 data sheet 1.11, section 8.2.
"""

import time

import framebuf
from drivers.glyphs import draw_text
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from machine import SPI, Pin

WIDTH = 128
HEIGHT = 64
"""Of the picture."""

_COLUMNS = const(320)
_ROWS = const(240)
_LEFT = const(32)
_TOP = const(56)
_PAGES = const(8)
_LINE = const(512)  # bytes of a row of dots, which is two lines of the glass

_SWRESET = const(0x01)
_SLPOUT = const(0x11)
_NORON = const(0x13)
_INVOFF = const(0x20)
_INVON = const(0x21)
_DISPOFF = const(0x28)
_DISPON = const(0x29)
_CASET = const(0x2A)
_RASET = const(0x2B)
_RAMWR = const(0x2C)
_MADCTL = const(0x36)
_COLMOD = const(0x3A)
_16_BITS = const(0x55)
_ON_ITS_SIDE = const(0x60)  # rows and columns exchanged, columns from the other end
_BGR = const(0x08)

_RESET_MS = const(150)  # 120 from a reset to SLPOUT (9.1.2)
_AWAKE_MS = const(6)  # 5 from SLPOUT to the next command (9.1.12), and a tick
_STALE_MS = const(10_000)

_KINDS = {"ST7789": (_INVON, _ON_ITS_SIDE), "ILI9341": (_INVOFF, _ON_ITS_SIDE | _BGR)}
"""By the chip: whether its glass is to be inverted (IPS), and MADCTL with the order of its colours."""

# Four dots to eight: each of them twice.
_TWICE = b"\x00\x03\x0c\x0f\x30\x33\x3c\x3f\xc0\xc3\xcc\xcf\xf0\xf3\xfc\xff"


def colour(red: int, green: int, blue: int) -> int:
    """0 to 255 each, as the panel has it in memory: 16 bits, upper byte first."""
    value = (red & 0xF8) << 8 | (green & 0xFC) << 3 | blue >> 3
    return value >> 8 | (value & 0xFF) << 8


class ColourPanel:
    """Draw on `fb` (or with `clear` and `text`), then `show()`. `dc` and `cs` are outputs, `spi` is at most 40 MHz.

    `frame` is the number of frames committed; `on_commit(frame)` is called after each. Nothing comes back from the
    panel, so one that is not there is not noticed. After a dip of its supply it has forgotten everything: at the first
    frame after ten seconds it is set up again, and gets the whole picture.
    """

    def __init__(
        self,
        spi: "SPI",
        dc: "Pin",
        cs: "Pin",
        kind: str = "ST7789",
        on_commit: "Callable[[int], None] | None" = None,
        ink: int = colour(180, 225, 255),
        paper: int = colour(8, 12, 20),
    ) -> None:
        if kind not in _KINDS:
            raise ValueError("no panel %s, there is %s" % (kind, ", ".join(sorted(_KINDS))))
        self._spi = spi
        self._dc = dc
        self._cs = cs
        self._inversion, self._access = _KINDS[kind]
        self._on_commit = on_commit
        self.frame = 0
        self._dots = memoryview(bytearray(WIDTH * HEIGHT // 8))
        self._shown = memoryview(bytearray(WIDTH * HEIGHT // 8))
        self.fb = framebuf.FrameBuffer(self._dots, WIDTH, HEIGHT, framebuf.MONO_VLSB)
        self._row = bytearray(WIDTH // 8)
        self._row_fb = framebuf.FrameBuffer(self._row, WIDTH, 1, framebuf.MONO_HLSB)
        self._wide = bytearray(WIDTH // 4)
        self._wide_fb = framebuf.FrameBuffer(self._wide, 2 * WIDTH, 1, framebuf.MONO_HLSB)
        self._strip = memoryview(bytearray(2 * _LINE))
        self._line_fb = framebuf.FrameBuffer(self._strip, 2 * WIDTH, 1, framebuf.RGB565)
        self._palette = framebuf.FrameBuffer(bytearray(4), 2, 1, framebuf.RGB565)
        self._palette.pixel(0, 0, paper)
        self._palette.pixel(1, 0, ink)
        self._byte = bytearray(1)
        self._sent_at = 0

    def init(self) -> None:
        """Reset the panel, set it up and light it, empty: its memory is random after power-on, so it is cleared before.
        Takes 0.2 s."""
        self.clear()
        self._cs.value(1)
        self._command(_SWRESET)
        self._settle()
        self._set_up()
        self._send_all()
        self._command(_DISPON)

    def clear(self) -> None:
        """Empty the picture (not yet the panel)."""
        self.fb.fill(0)

    def text(self, row: int, text: str, inverse: bool = False) -> None:
        """Draw `text` at the left of row 0..3 (not yet on the panel)."""
        draw_text(self.fb, text, 0, row, inverse)

    def show(self) -> None:
        """Send what has changed of the picture: one frame is committed."""
        if self._is_stale():
            self._set_up()
            self._send_all()
            self._command(_DISPON)
        else:
            for page in range(_PAGES):
                if not self._is_shown(page):
                    self._send(page)
        self.frame += 1
        if self._on_commit is not None:
            self._on_commit(self.frame)

    def power(self, on: bool) -> None:
        """Light the panel, or let it be dark; it keeps its picture."""
        self._command(_DISPON if on else _DISPOFF)

    def _settle(self) -> None:
        time.sleep_ms(_RESET_MS)

    def _set_up(self) -> None:
        self._command(_SLPOUT)
        time.sleep_ms(_AWAKE_MS)
        self._command(_COLMOD, _16_BITS)
        self._command(_MADCTL, self._access)
        self._command(self._inversion)
        self._command(_NORON)

    def _is_stale(self) -> bool:
        return time.ticks_diff(time.ticks_ms(), self._sent_at) >= _STALE_MS

    def _is_shown(self, page: int) -> bool:
        at = WIDTH * page
        return self._dots[at : at + WIDTH] == self._shown[at : at + WIDTH]

    def _send_all(self) -> None:
        """The empty margin, and every page."""
        self._wide_fb.fill(0)
        self._double_line()
        self._window(0, _COLUMNS, 0, _ROWS)
        for _ in range(_COLUMNS * _ROWS * 2 // len(self._strip)):
            self._spi.write(self._strip)
        self._end()
        for page in range(_PAGES):
            self._send(page)
        self._sent_at = time.ticks_ms()

    def _send(self, page: int) -> None:
        """Eight rows of dots, in eight strips."""
        row, wide = self._row, self._wide
        # The window anew each time: a write that was cut short would leave every later one shifted.
        self._window(_LEFT, 2 * WIDTH, _TOP + 16 * page, 16)
        for y in range(8 * page, 8 * page + 8):
            self._row_fb.blit(self.fb, 0, -y)
            for at in range(WIDTH // 8):
                dots = row[at]
                wide[2 * at] = _TWICE[dots >> 4]
                wide[2 * at + 1] = _TWICE[dots & 15]
            self._double_line()
            self._spi.write(self._strip)
        self._end()
        at = WIDTH * page
        self._shown[at : at + WIDTH] = self._dots[at : at + WIDTH]

    def _double_line(self) -> None:
        self._line_fb.blit(self._wide_fb, 0, 0, -1, self._palette)
        self._strip[_LINE:] = self._strip[:_LINE]

    def _window(self, x: int, width: int, y: int, height: int) -> None:
        """Select the panel, and have what is written next fill this part of it."""
        self._span(_CASET, x, x + width - 1)
        self._span(_RASET, y, y + height - 1)
        self._begin(_RAMWR)

    def _span(self, command: int, first: int, last: int) -> None:
        self._begin(command)
        self._spi.write(bytes((first >> 8, first & 0xFF, last >> 8, last & 0xFF)))
        self._end()

    def _command(self, command: int, argument: int = -1) -> None:
        self._begin(command)
        if argument >= 0:
            self._byte[0] = argument
            self._spi.write(self._byte)
        self._end()

    def _begin(self, command: int) -> None:
        self._cs.value(0)
        self._dc.value(0)
        self._byte[0] = command
        self._spi.write(self._byte)
        self._dc.value(1)

    def _end(self) -> None:
        # Every selection begins with a whole byte, so a spike on the clock spoils one strip and not the rest.
        self._cs.value(1)
