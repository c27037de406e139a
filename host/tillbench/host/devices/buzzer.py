"""Buzzer: what is heard of a PWM pin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tillbench.host.emulator.wires import Clock, Nets

_AUDIBLE_HZ = range(20, 20_001)


@dataclass(frozen=True)
class Tone:
    """One sound: when it began, how long it was, how high."""

    start_us: int
    duration_us: int
    hz: int


class Buzzer:
    """A piezo disc on `net`. `tones` are those that have ended, `sounding_hz` is what sounds now (0 = silence);
    `on_change(hz)` hears of each change."""

    def __init__(self, clock: Clock, nets: Nets, net: str, on_change: Callable[[int], None] = lambda hz: None) -> None:
        self._clock = clock
        self._on_change = on_change
        self._since = 0
        self.tones: list[Tone] = []
        self.sounding_hz = 0
        nets.watch_pwm(net, self._changed)

    def _changed(self, freq_hz: int, duty_u16: int) -> None:
        # A level that does not change moves no air, at either end of the duty cycle.
        hz = freq_hz if freq_hz in _AUDIBLE_HZ and 0 < duty_u16 < 65535 else 0
        if hz == self.sounding_hz:
            return
        now = self._clock.now
        if self.sounding_hz and now > self._since:
            self.tones.append(Tone(self._since, now - self._since, self.sounding_hz))
        self.sounding_hz = hz
        self._since = now
        self._on_change(hz)
