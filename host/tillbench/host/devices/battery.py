"""A lithium cell, and the divider between it and the board's ADC."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from tillbench.host.emulator.wires import Clock, Nets

REFERENCE_UV = 3_300_000
RATIO = 2
MOST_MV = 4_500
"""Beyond that a cell burns."""


class Divider(Enum):
    """The two resistors in front of the ADC, and which of them has come off."""

    GOOD = "good"
    UPPER_OFF = "upper off"
    LOWER_OFF = "lower off"


class Battery:
    """None is in it at first: the terminal has its power from a mains adapter.

    Args:
        clock: the bench's.
        nets: the board's copper.
        net: where the ADC is.
        on_insert: hears of each cell.
    """

    def __init__(self, clock: Clock, nets: Nets, net: str, on_insert: Callable[[], None] = lambda: None) -> None:
        self._on_insert = on_insert
        self._clock = clock
        self._nets = nets
        self._net = net
        self._mv = 0
        self._pulse_mv: int | None = None
        self._divider = Divider.GOOD
        self._apply()

    @property
    def mv(self) -> int:
        """The cell's voltage, 0 where there is none."""
        return self._mv

    @property
    def divider(self) -> Divider:
        """What is left of it."""
        return self._divider

    def insert(self, mv: int = 3_900) -> None:
        """Put in a cell of that voltage, or let the one that is there have it.

        Raises:
            ValueError: not 1 to `MOST_MV`.
        """
        if not 0 < mv <= MOST_MV:
            raise ValueError(f"battery: expected 1 to {MOST_MV} mV, found {mv}")
        self._mv = mv
        self._on_insert()
        self._apply()

    def remove(self) -> None:
        """Take it out."""
        self._mv = 0
        self._apply()

    def set_divider(self, divider: Divider) -> None:
        """Break it, or mend it."""
        self._divider = divider
        self._apply()

    def pulse(self, mv: int, ms: int) -> None:
        """For `ms` its contacts have another voltage: 0 is a drop-out, more than the cell's a glitch.

        Raises:
            ValueError: less than 0 mV, or no time.
        """
        if mv < 0 or ms <= 0:
            raise ValueError(f"battery: expected a pulse of 0 mV or more for 1 ms or more, found {mv} mV for {ms} ms")
        self._pulse_mv = mv
        self._apply()
        self._clock.after(ms * 1000, self._pulse_over)

    def _pulse_over(self) -> None:
        self._pulse_mv = None
        self._apply()

    def _apply(self) -> None:
        mv = self._mv if self._pulse_mv is None else self._pulse_mv
        match self._divider:
            case Divider.GOOD:
                uv = mv * 1000 // RATIO
            case Divider.UPPER_OFF:
                uv = 0
            case Divider.LOWER_OFF:
                uv = min(mv * 1000, REFERENCE_UV)
        self._nets.set_voltage(self._net, uv)
