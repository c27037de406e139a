"""Buzzer: a piezo disc on a PWM pin."""

import asyncio

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import PWM

_HALF = const(32768)  # half of the period high is the loudest that a square wave can be
_LOWEST_HZ = const(20)
_HIGHEST_HZ = const(20_000)


class Buzzer:
    """`await beep(ms, hz)`. A beep that begins during another takes its place."""

    def __init__(self, pwm: PWM) -> None:
        self._pwm = pwm
        self._beeps = 0
        pwm.duty_u16(0)

    async def beep(self, ms: int, hz: int = 2700) -> None:
        """Sound `hz` (20..20000) for `ms` milliseconds; silent again also when cancelled. ValueError out of range."""
        if not _LOWEST_HZ <= hz <= _HIGHEST_HZ:
            raise ValueError("%d Hz is not in 20..20000" % hz)
        if ms < 0:
            raise ValueError("a beep of %d ms" % ms)
        self._beeps = mine = (self._beeps + 1) & 0xFFFF
        self._pwm.freq(hz)
        self._pwm.duty_u16(_HALF)
        try:
            await asyncio.sleep_ms(ms)
        finally:
            if self._beeps == mine:
                self._pwm.duty_u16(0)
