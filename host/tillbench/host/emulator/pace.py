"""How the bench's clock follows the computer's: at its rate, faster, stopped, or moved ahead."""

from __future__ import annotations

import time
from collections.abc import Callable

SLOWEST, FASTEST = 0.01, 1000.0
"""Times the computer's clock."""


class Pace:
    """Virtual microseconds as a function of the computer's clock.

    Args:
        now_us: what the bench's clock shows now.
        read_s: the computer's clock in seconds; never goes back.
    """

    def __init__(self, now_us: int = 0, read_s: Callable[[], float] = time.monotonic) -> None:
        self._read_s = read_s
        self._since_s = read_s()
        self._then_us = now_us
        self._speed = 1.0

    @property
    def now_us(self) -> int:
        """What the bench's clock should show; it may be behind, when the computer is too slow."""
        return self._then_us + int((self._read_s() - self._since_s) * 1_000_000 * self._speed)

    @property
    def speed(self) -> float:
        """Virtual seconds in a second; 0 while the clock stands."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Run at `speed` from now on. ValueError if it is neither 0 nor `SLOWEST` to `FASTEST`."""
        if speed and not SLOWEST <= speed <= FASTEST:
            raise ValueError(f"speed: expected 0 (stopped) or {SLOWEST:g} to {FASTEST:g}, found {speed:g}")
        self._then_us, self._since_s = self.now_us, self._read_s()
        self._speed = speed

    def skip(self, seconds: float) -> None:
        """Move ahead; what is due meanwhile happens all the same, as fast as the computer can."""
        if seconds < 0:
            raise ValueError(f"seconds: a clock goes ahead only, found {seconds:g}")
        self._then_us += int(seconds * 1_000_000)

    def seconds_until(self, us: int) -> float | None:
        """Real seconds until the clock shows `us`; 0 if it does, None if it stands before it."""
        ahead = us - self.now_us
        if ahead <= 0:
            return 0.0
        return ahead / 1_000_000 / self._speed if self._speed else None
