"""SSD1306: a 128x64 OLED panel on I2C (Solomon Systech datasheet rev. 1.5; "section" means its sections)."""

import framebuf
from drivers.glyphs import draw_text
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from machine import I2C

WIDTH = 128
HEIGHT = 64

# Control bytes (section 8.1.5.2): Co = 0, so everything after it is of one kind.
_COMMANDS = const(0x00)
_DATA = const(0x40)

_CONTRAST = const(0x81)
_NORMAL = const(0xA6)
_INVERSE = const(0xA7)
_DISPLAY_OFF = const(0xAE)
_DISPLAY_ON = const(0xAF)
_EIO = const(5)

_INIT = (
    b"\xe3\xe3"  # no operation: eaten as arguments if the board was reset in the middle of a command
    b"\xae"  # display off while it is set up
    b"\xd5\x80"  # oscillator and clock divider: reset values
    b"\xa8\x3f"  # multiplex ratio: 64 lines
    b"\xd3\x00"  # no vertical offset
    b"\x40"  # start line 0
    b"\x8d\x14"  # charge pump on: these modules have no 7.5 V supply of their own
    b"\x20\x00"  # horizontal addressing: the whole frame is one write
    b"\xa1"  # column 0 is SEG127, and
    b"\xc8"  # COM scan from COM63 down: the module's connector is at the upper edge
    b"\xda\x12"  # COM pins: alternating, as the glass is wired
    b"\x81\xcf"  # contrast
    b"\xd9\xf1"  # pre-charge period for the charge pump
    b"\xdb\x20"  # VCOMH deselect level 0.77 VCC
    b"\xa4"  # show the RAM, not "all on"
    b"\xa6"  # not inverse
    b"\x2e"  # no scrolling: the panel may have been left scrolling before the board was reset
)
_WINDOW = b"\x21\x00\x7f\x22\x00\x07"  # columns 0..127, pages 0..7, and both pointers to the start


class SSD1306:
    """The panel: draw on `fb` (or with `clear` and `text`), then `show()`.

    `frame` is the number of frames committed; `on_commit(frame)` is called after each. Every method that writes to
    the bus raises OSError when the panel does not acknowledge.
    """

    def __init__(self, i2c: I2C, addr: int = 0x3C, on_commit: Callable[[int], None] | None = None) -> None:
        self._i2c = i2c
        self._addr = addr
        self._on_commit = on_commit
        self.frame = 0
        # The control byte sits before the picture, so that a frame goes out in one write without a copy.
        self._transfer = bytearray(1 + WIDTH * HEIGHT // 8)
        self._transfer[0] = _DATA
        self.fb = framebuf.FrameBuffer(memoryview(self._transfer)[1:], WIDTH, HEIGHT, framebuf.MONO_VLSB)
        self._command = bytearray(3)
        self._window = bytes((_COMMANDS,)) + _WINDOW

    def init(self) -> None:
        """Set the panel up and light it, blank: its RAM is random after power-on, so it is cleared before."""
        self._write(bytes((_COMMANDS,)) + _INIT)
        self.clear()
        self._send_frame()
        self.power(True)

    def clear(self) -> None:
        """Empty the picture (not yet the panel)."""
        self.fb.fill(0)

    def text(self, row: int, text: str, inverse: bool = False) -> None:
        """Draw `text` at the left of row 0..3 (not yet on the panel)."""
        draw_text(self.fb, text, 0, row, inverse)

    def show(self) -> None:
        """Send the picture to the panel: one frame is committed. About 24 ms at 400 kHz, no memory allocated."""
        self._send_frame()
        self.frame += 1
        if self._on_commit is not None:
            self._on_commit(self.frame)

    def power(self, on: bool) -> None:
        """Light the panel, or let it sleep; it keeps its picture."""
        self._send(_DISPLAY_ON if on else _DISPLAY_OFF)

    def contrast(self, level: int) -> None:
        """Set the brightness, 0..255. ValueError for anything else."""
        if not 0 <= level <= 255:
            raise ValueError("contrast %d is not in 0..255" % level)
        self._send(_CONTRAST, level)

    def invert(self, on: bool) -> None:
        """Show the whole panel dark on light, or not; the picture itself stays."""
        self._send(_INVERSE if on else _NORMAL)

    def _send_frame(self) -> None:
        # The window first, always: a write that was cut short would leave every later frame shifted.
        self._write(self._window)
        self._write(self._transfer)

    def _send(self, command: int, argument: int = -1) -> None:
        buf = self._command
        buf[0] = _COMMANDS
        buf[1] = command
        if argument < 0:
            self._write(memoryview(buf)[:2])
        else:
            buf[2] = argument
            self._write(buf)

    def _write(self, buf: bytes | bytearray | memoryview) -> None:
        if self._i2c.writeto(self._addr, buf) != len(buf):
            raise OSError(_EIO)
