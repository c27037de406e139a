"""A lithium cell behind a divider on an ADC: its voltage, and what that says of its charge.

The voltage of a cell at rest is flat in the middle and tells a quarter of the charge, no more.
"""

import asyncio

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import ADC

ABSENT = const(-2)
UNKNOWN = const(-1)
_STEPS_MV = (3500, 3650, 3800, 3950)
_HYSTERESIS_MV = const(30)
_LEAST_MV = const(2800)  # a protected cell is cut off below that
_MOST_MV = const(4400)
_NOTHING_MV = const(500)  # an ESP32's ADC reads no less than 150 mV
_SAMPLES = const(5)
_PAUSE_MS = const(2)


class Battery:
    """`mv` of the last measurement that made sense, 0 before there was one.

    `level` is 0 (nearly empty) to 4, `ABSENT` as long as no cell was ever seen, `UNKNOWN` when one was and its voltage
    is none that a cell has. `implausible` counts such measurements.
    """

    def __init__(self, adc: "ADC", ratio: int = 2) -> None:
        """The divider gives the ADC one part in `ratio`."""
        self.mv = 0
        self.level: int = ABSENT
        self.implausible = 0
        self._adc = adc
        self._ratio = ratio
        self._in_a_row = 0

    async def measure(self) -> None:
        """Look at it: 8 ms where there is a cell, no time where none was ever seen."""
        if self.level == ABSENT and self._sample() < _NOTHING_MV:
            return
        mv = await self._median()
        if self._is_plausible(mv):
            self._in_a_row = 0
            self.mv = mv
            self.level = self._level(mv)
            return
        self.implausible += 1
        self._in_a_row += 1
        if not self._may_pass():
            self.level = UNKNOWN

    def _sample(self) -> int:
        return self._adc.read_uv() * self._ratio // 1000

    async def _median(self) -> int:
        """A pulse that is shorter than half of the samples is none of them."""
        samples = [self._sample()]
        while len(samples) < self._samples():
            await asyncio.sleep_ms(_PAUSE_MS)
            samples.append(self._sample())
        samples.sort()
        return samples[len(samples) // 2]

    def _samples(self) -> int:
        return _SAMPLES

    def _is_plausible(self, mv: int) -> bool:
        return _LEAST_MV <= mv <= _MOST_MV

    def _may_pass(self) -> bool:
        """A contact that was open for a moment: the next measurement will tell."""
        return self._in_a_row < 2

    def _level(self, mv: int) -> int:
        """It changes when the voltage is beyond a step by more than it moves by itself."""
        level = 0
        for step in _STEPS_MV:
            if self.level >= 0:
                step += -self._margin_mv() if self.level > level else self._margin_mv()
            if mv >= step:
                level += 1
        return level

    def _margin_mv(self) -> int:
        return _HYSTERESIS_MV
