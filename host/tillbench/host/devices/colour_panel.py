"""A colour panel on SPI: from the bytes on its wires, and the level of D/C with each, to the pixels that the eye sees.

The module is mounted on its side: 320 wide and 240 high, its first row of memory along the left edge. A driver that
sets it up wrongly shows here what it shows on a desk: nothing, other colours, a turned, mirrored or torn picture.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

from PIL import Image, ImageChops
from tillbench.host.devices.colour_panel_registers import (
    ARGUMENTS,
    HEIGHT,
    RAMWR,
    RAMWRC,
    SLPOUT,
    SWRESET,
    WIDTH,
    ColourRegisters,
    Controller,
)
from tillbench.host.emulator.wires import Nets

PICTURE = (32, 56, 288, 184)
"""Where on the glass the terminal's picture of 128x64 is, each of its dots two by two: left, top, right, bottom."""
_DEAF_US = 5_000
"""After SWRESET and SLPOUT no command is heard for so long (9.1.2, 9.1.12)."""
_ASLEEP_US = 120_000
"""From a reset out of an awake state until SLPOUT is obeyed."""


class ColourPanel:
    """An `SpiChip`; its D/C line is a net, `wire` says which.

    Args:
        controller: which chip, on which glass.
        rng: what is in its memory after power-on.
        now: virtual time in microseconds.

    Attributes:
        complaints: the last things a driver did that the data sheet does not define or that have no effect.
    """

    modes = (0, 3)
    lsb_first = False

    def __init__(self, controller: Controller, rng: random.Random, now: Callable[[], int]) -> None:
        self.controller = controller
        self.complaints: deque[str] = deque(maxlen=50)
        self._rng = rng
        self._now = now
        self._data = False
        # Red and the upper half of green; the lower half and blue.
        self._upper = bytearray()
        self._lower = bytearray()
        self._lost = 0
        self._slipped = False
        self._bit = 0
        self.power_cycle()

    def wire(self, nets: Nets, dc: str) -> None:
        """D/C is on net `dc`: low with commands, high with what follows them."""
        nets.watch(dc, self._level)

    def _level(self, level: int) -> None:
        self._data = bool(level)

    def power_cycle(self) -> None:
        """Power off and on: registers as after a reset, memory random."""
        self._upper[:] = self._rng.randbytes(WIDTH * HEIGHT)
        self._lower[:] = self._rng.randbytes(WIDTH * HEIGHT)
        self._reset(0)

    def _reset(self, asleep_us: int) -> None:
        self.registers = ColourRegisters()
        self._command: int | None = None
        self._arguments = bytearray()
        self._column = self._row = 0
        self._deaf_until = self._now() + _DEAF_US if asleep_us else 0
        self._asleep_until = self._now() + asleep_us
        self._image: Image.Image | None = None

    # What goes wrong on the wires

    def lose(self, count: int) -> None:
        """The next so many bytes do not arrive."""
        self._lost = count

    def slip(self) -> None:
        """A spike on the clock: until it is selected anew, every bit is taken for the one after it."""
        self._slipped = True

    # SPI

    def select(self) -> None:
        """CS falls."""

    def deselect(self) -> None:
        """CS rises: what comes next begins with a whole byte."""
        self._slipped = False
        self._bit = 0

    def transfer(self, data: bytes) -> bytes:
        """Commands or what follows them, by D/C; nothing comes back, its output is not wired."""
        arrived = data[self._lost :]
        self._lost -= len(data) - len(arrived)
        if self._slipped and arrived:
            bits = self._bit << 8 * len(arrived) | int.from_bytes(arrived, "big")
            self._bit = bits & 1
            arrived = (bits >> 1).to_bytes(len(arrived), "big")
        if self._data:
            self._take(arrived)
        else:
            for byte in arrived:
                self._begin(byte)
        self._image = None
        return bytes(len(data))

    def _begin(self, command: int) -> None:
        now = self._now()
        self._command = None
        self._arguments.clear()
        if now < self._deaf_until:
            self._complain(command, f"{self._deaf_until - now} us too early: not heard")
        elif command == SLPOUT and now < self._asleep_until:
            self._complain(command, f"{self._asleep_until - now} us too early after a reset: not obeyed")
        elif command == SWRESET:
            self._reset(_ASLEEP_US if not self.registers.sleeping else _DEAF_US)
        else:
            self._command = command
            if command == RAMWR:
                self._column, self._row = self.registers.columns[0], self.registers.rows[0]
            elif command != RAMWRC and command not in ARGUMENTS:
                self._execute()

    def _take(self, data: bytes) -> None:
        if self._command in (RAMWR, RAMWRC):
            self._arguments += data
            size = self.registers.pixel_bytes
            whole = len(self._arguments) // size * size
            self._write(bytes(self._arguments[:whole]))
            del self._arguments[:whole]
        elif self._command in ARGUMENTS:
            missing = ARGUMENTS[self._command] - len(self._arguments)
            self._arguments += data[:missing]
            if 0 < missing <= len(data):
                self._execute()
        # Arguments of a command that was obeyed without them, or not heard, are nobody's.

    def _execute(self) -> None:
        assert self._command is not None
        was_asleep = self.registers.sleeping
        complaint = self.registers.execute(self._command, bytes(self._arguments))
        if complaint:
            self._complain(self._command, complaint)
        if self._command == SLPOUT and was_asleep:
            self._deaf_until = self._now() + _DEAF_US

    def _complain(self, command: int, text: str) -> None:
        self.complaints.append(f"command {command:02X}: {text}")

    def _write(self, data: bytes) -> None:
        """Pixels, from where the last one went; behind the end of the window its beginning follows."""
        upper, lower = _planes(data, self.registers.pixel_bytes)
        (first, last), (top, bottom) = self.registers.columns, self.registers.rows
        at = 0
        while at < len(upper):
            run = min(len(upper) - at, last - self._column + 1)
            span = self.registers.span(self._column, self._row, run)
            if len(range(*span.indices(WIDTH * HEIGHT))) == run:  # not where a window is of another MADCTL
                self._upper[span] = upper[at : at + run]
                self._lower[span] = lower[at : at + run]
            at += run
            self._column += run
            if self._column > last:
                self._column = first
                self._row = self._row + 1 if self._row < bottom else top

    # What the eye sees

    @property
    def lit(self) -> bool:
        """Whether it shows anything: awake, and the display is on."""
        return self.registers.display_on and not self.registers.sleeping

    def image(self) -> Image.Image:
        """The whole glass, 320x240, RGB; black while nothing is shown."""
        if self._image is None:
            self._image = self._scan_out() if self.lit else Image.new("RGB", (HEIGHT, WIDTH))
        return self._image

    def _scan_out(self) -> Image.Image:
        memory = bytearray(2 * WIDTH * HEIGHT)
        memory[0::2], memory[1::2] = self._lower, self._upper
        picture = Image.frombytes("RGB", (WIDTH, HEIGHT), bytes(memory), "raw", "BGR;16")
        if self.registers.bgr != self.controller.bgr:
            red, green, blue = picture.split()
            picture = Image.merge("RGB", (blue, green, red))
        if self.registers.inverted != self.controller.inverse:
            picture = ImageChops.invert(picture)
        return picture.transpose(Image.Transpose.ROTATE_90)

    def pixels(self) -> bytes:
        """The terminal's picture as of a panel with one colour: 64 rows of 128 bytes, 1 = bright. A dot that is not one
        colour is what most of it is."""
        small = self.image().crop(PICTURE).convert("L").reduce(2)
        return bytes(small.point(lambda value: value >= 128).tobytes())

    def __repr__(self) -> str:
        return f"{self.controller.name} panel ({'lit' if self.lit else 'dark'})"


def _planes(data: bytes, size: int) -> tuple[bytes, bytes]:
    """Upper and lower bytes of pixels of 5, 6 and 5 bits, of pixels that are sent as 16 or as 18 bits."""
    if size == 2:
        return data[0::2], data[1::2]
    pixels = list(zip(data[0::3], data[1::3], data[2::3], strict=True))
    upper = bytes(red & 0xF8 | green >> 5 for red, green, _ in pixels)
    lower = bytes((green >> 2 & 7) << 5 | blue >> 3 for _, green, blue in pixels)
    return upper, lower
