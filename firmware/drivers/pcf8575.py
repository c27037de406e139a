"""PCF8575: sixteen lines behind two I2C bytes, and what a `Pin` is made of on each of them.

A line that is written 1 is an input with a weak pull-up, one that is written 0 is driven low: there is no other mode.
INT (open drain, it needs a pull-up of its own) falls when an input changes, and is let go by the next read or write.
Source: data sheet, quasi-bidirectional ports.
"""

import asyncio

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from machine import I2C, Pin

_LINES = const(16)
_RELEASED = const(0xFFFF)
_REFRESH_MS = const(2000)


class Expander:
    """The chip; `line(n)` is one of its pins.

    `faults` counts transfers that nobody acknowledged. Until the chip answers again all lines read 1: no contact is
    closed rather than one that nobody has closed. After a dip of its supply every line is 1, and no key would be heard
    of any more: so every two seconds the outputs are written again.
    """

    def __init__(self, i2c: "I2C", addr: int = 0x20, interrupt: "Pin | None" = None) -> None:
        self.faults = 0
        self._i2c = i2c
        self._addr = addr
        self._interrupt = interrupt
        self._outputs = _RELEASED
        self._sample = _RELEASED
        self._fresh = 0  # lines that this sample has not been asked for yet
        self._absent = True
        self._buffer = bytearray(2)
        self._listeners: "list[Line]" = []
        self._write()
        self._keeper = asyncio.create_task(self._keep())

    def line(self, number: int) -> "Line":
        """Line 0..7 is P00..P07, 8..15 is P10..P17. ValueError for another."""
        if not 0 <= number < _LINES:
            raise ValueError("PCF8575 has no line %d" % number)
        return Line(self, number)

    def put(self, number: int, level: int) -> None:
        """Drive a line low, or let it go."""
        bit = 1 << number
        outputs = self._outputs | bit if level else self._outputs & ~bit
        if outputs != self._outputs:
            self._outputs = outputs
            self._write()

    def get(self, number: int) -> int:
        """The level of a line. One transfer serves every line once."""
        bit = 1 << number
        if not self._fresh & bit:
            self._read()
        self._fresh &= ~bit
        return 1 if self._sample & bit else 0

    def listen(self, line: "Line", handler: "Callable[[Line], None] | None") -> None:
        """Call `handler` when any input changes, without a transfer; None ends it."""
        line.handler = handler
        if handler is not None and line not in self._listeners:
            self._listeners.append(line)
        elif handler is None and line in self._listeners:
            self._listeners.remove(line)
        pin = self._interrupt
        if pin is not None:
            pin.irq(self._changed if self._listeners else None, pin.IRQ_FALLING)

    def _changed(self, _: "Pin") -> None:
        self._tell()

    def _tell(self) -> None:
        # Which line it was only a read could tell, and an interrupt is no place for a transfer.
        for line in self._listeners[:]:
            if line.handler is not None:
                line.handler(line)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep_ms(_REFRESH_MS)
            self._refresh()

    def _refresh(self) -> None:
        was_absent = self._absent
        self._write()
        if was_absent and not self._absent:
            self._tell()

    def stop(self) -> None:
        """Leave the chip alone from now on."""
        self._keeper.cancel()

    def _write(self) -> None:
        self._fresh = 0
        self._buffer[0] = self._outputs & 0xFF
        self._buffer[1] = self._outputs >> 8
        try:
            self._i2c.writeto(self._addr, self._buffer)
            self._absent = False
        except OSError:
            self._lost()

    def _read(self) -> None:
        try:
            self._i2c.readfrom_into(self._addr, self._buffer)
            self._sample = self._buffer[0] | self._buffer[1] << 8
        except OSError:
            self._lost()
        self._fresh = _RELEASED

    def _lost(self) -> None:
        self.faults += 1
        self._absent = True
        self._sample = _RELEASED


class Line:
    """As much of `machine.Pin` as a driver of switches and lamps uses."""

    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, chip: Expander, number: int) -> None:
        self.handler: "Callable[[Line], None] | None" = None
        self._chip = chip
        self._number = number

    def init(self, mode: int = IN, _pull: "int | None" = PULL_UP, *, value: int = 1) -> None:
        """An input, or an output that is driven low and let go: the chip has no other, and no choice of pulls."""
        self._chip.put(self._number, 1 if mode == Line.IN else value)

    def value(self, level: "int | None" = None) -> "int | None":
        """The level, or drive it."""
        if level is None:
            return self._chip.get(self._number)
        self._chip.put(self._number, level)
        return None

    def irq(self, handler: "Callable[[Line], None] | None" = None, _trigger: int = IRQ_FALLING) -> None:
        """Call `handler(line)` when any input of the chip changes: INT does not say which, nor which way."""
        self._chip.listen(self, handler)
