"""The thermal head: how long a dot row takes, how warm the head gets, when it must rest."""

from __future__ import annotations

from collections.abc import Sequence

from tillbench.host.devices.printer_profile import PrinterProfile

MICRO = 1_000_000
"""Temperatures are integers in millionths of a degree Celsius, so that every run is the same."""

_COOLING_US = 60 * MICRO
"""Time constant of the heat sink."""
_HEAT_PER_DOT_MS = 130
"""Millionths of a degree that one dot heated for 1 ms adds: 12 cm of solid black bring the head to its limit."""


class Head:
    """Times in microseconds. `advance` brings the temperature to a moment; moments never go back."""

    STOP = 65 * MICRO
    RESUME = 60 * MICRO

    def __init__(self, profile: PrinterProfile, ambient: int = 25) -> None:
        self._motor_us = MICRO // profile.dot_rows_per_second
        self._feed_us = MICRO // profile.feed_rows_per_second
        self.ambient = ambient * MICRO
        self.temperature = self.ambient
        self.overheated = False
        self._at = 0
        self.heating(9, 80, 2)

    def heating(self, dots: int, time: int, interval: int) -> None:
        """Set up as ESC 7 does: 8 * (dots + 1) dots at once, for time * 10 us, then interval * 10 us of rest."""
        self.dots_at_once = 8 * (dots + 1)
        self.heat_us = 10 * time
        self.rest_us = 10 * interval

    def print_us(self, rows: Sequence[int]) -> int:
        """How long these dot rows take: the motor's pace, or longer where many dots burn."""
        total = 0
        for row in rows:
            if row == 0:
                total += self._feed_us
                continue
            bursts = -(-row.bit_count() // self.dots_at_once)
            total += max(self._motor_us, bursts * (self.heat_us + self.rest_us))
        return total

    def advance(self, now: int) -> None:
        """Cool down to the moment `now`."""
        passed = max(0, now - self._at)
        self._at = max(self._at, now)
        excess = self.temperature - self.ambient
        self.temperature = self.ambient + excess * _COOLING_US // (_COOLING_US + passed)
        if self.temperature <= self.RESUME:
            self.overheated = False

    def burn(self, now: int, dots: int) -> None:
        """Account for `dots` burnt up to the moment `now`."""
        self.advance(now)
        self.temperature += dots * self.heat_us * _HEAT_PER_DOT_MS // 1000
        if self.temperature >= self.STOP:
            self.overheated = True

    def cool_at(self) -> int | None:
        """When a head that is too hot will have cooled enough to go on, if it rests; None: never, or it is not."""
        excess, limit = self.temperature - self.ambient, self.RESUME - self.ambient
        if not self.overheated or limit <= 0:
            return None
        return self._at + max(0, -(-_COOLING_US * (excess - limit) // limit)) + 1
