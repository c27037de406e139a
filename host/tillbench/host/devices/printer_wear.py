"""What a printer counts of its own wear (GS g 2), for whoever has to service it. It stays when the power goes."""

from __future__ import annotations

from dataclasses import dataclass, field

_HOUR_US = 3_600_000_000
LINES, ENERGIZED, CUTS, HOURS = 20, 21, 50, 70
_EVER = 128
"""On top of a number: the same since the printer was made, which nothing resets."""
RESETTABLE = (LINES, ENERGIZED, CUTS, HOURS)
COUNTERS = (*RESETTABLE, *(number + _EVER for number in RESETTABLE))


@dataclass
class Wear:
    """The counters.

    Attributes:
        line_rows: dot rows of paper that are one line.
        rows: of paper, moved since the printer was made.
        energized: dot rows with heat.
        cuts: of the cutter.
        on_us: microseconds under power.
    """

    line_rows: int
    rows: int = 0
    energized: int = 0
    cuts: int = 0
    on_us: int = 0
    _zero: dict[int, int] = field(default_factory=dict)

    def _ever(self) -> dict[int, int]:
        hours = self.on_us // _HOUR_US
        return {LINES: self.rows // self.line_rows, ENERGIZED: self.energized, CUTS: self.cuts, HOURS: hours}

    def answer(self, number: int) -> bytes:
        """What GS g 2 sends of one of `COUNTERS`."""
        ever = self._ever()
        found = ever[number] - self._zero.get(number, 0) if number in ever else ever[number - _EVER]
        return b"_%d\0" % found

    def reset(self, number: int) -> None:
        """Begin to count one of `RESETTABLE` anew."""
        self._zero[number] = self._ever()[number]
