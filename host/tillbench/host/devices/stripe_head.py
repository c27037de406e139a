"""A magnetic head with a decoder chip: CLS low while a card passes, RDT (low: 1) valid at each fall of RCL.

The faults are those of hands, cards and heads; each changes the bits or the edges, and knows nothing of a driver.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tillbench.host.emulator.wires import Clock, Nets
from tillbench.protocols.magstripe import TRACKS, bits

SPEED_CM_S = 50.0
_EDGE_US = 20
"""From the data to the clock's fall, and its width."""

FAULTS: dict[str, Callable[[list[int]], list[int]]] = {
    "backwards": lambda b: b[::-1],
    "few leading zeros": lambda b: b[18:],
    "no leading zeros backwards": lambda b: b[::-1][19:],
    "noise before the start": lambda b: [0, 1, 0, 0, 0, 1, *b],
    "noise behind the end": lambda b: [*b, 1, 0, 1, 1],
    "bit flipped in a digit": lambda b: _flip(b, 20 + 5 * 4),
    "parity bit flipped": lambda b: _flip(b, 20 + 5 * 4 + 4),
    "two bits flipped in a digit": lambda b: _flip(_flip(b, 20 + 5 * 6), 20 + 5 * 6 + 1),
    "bit flipped in the LRC": lambda b: _flip(b, -21 - 4),
    "two bits flipped in the LRC": lambda b: _flip(_flip(b, -21 - 4), -21 - 3),
    "start sentinel scratched": lambda b: _flip(b, 20),
    "end sentinel scratched": lambda b: _flip(_flip(b, -30), -29),
    "a digit becomes an end sentinel, the next one its LRC": lambda b: _flip(_flip(b, 72), 73),
    "clock lost": lambda b: b[:60] + b[61:],
    "ten clocks lost": lambda b: b[:60] + b[70:],
    "pulled back half way": lambda b: b[: len(b) // 2],
    "blank stripe": lambda b: [0] * len(b),
    "demagnetised middle": lambda b: b[:80] + [0] * 40 + b[120:],
    "clock stuck": lambda b: b + [1] * 840,
}
"""What comes instead of a track's bits. A track 2 begins with 20 zeros here; the digit that becomes an end sentinel is
the tenth of a PAN that begins with 6225880123."""


def _flip(recorded: list[int], at: int) -> list[int]:
    changed = list(recorded)
    changed[at] ^= 1
    return changed


class StripeHead:
    """The head for one track.

    Args:
        clock: the bench's.
        nets: where the lines are.
        cls: net of "card loading".
        rcl: net of the clock.
        rdt: net of the data.
        track: its number.
    """

    def __init__(self, clock: Clock, nets: Nets, *, cls: str, rcl: str, rdt: str, track: int = 2) -> None:
        self._clock = clock
        self._nets = nets
        self._cls, self._rcl, self._rdt = cls, rcl, rdt
        self._format = TRACKS[track]
        self._track = track
        for net in (cls, rcl, rdt):
            nets.drive(net, 1)

    def swipe(
        self,
        text: str,
        *,
        fault: str | None = None,
        speed_cm_s: float = SPEED_CM_S,
        stays: bool = False,
        bounces: int = 0,
    ) -> None:
        """A card with `text` between the sentinels passes, from now on.

        Args:
            text: of the track.
            fault: one of `FAULTS`.
            speed_cm_s: 5 to 150 are a hand's.
            stays: it is not pulled out: CLS stays low.
            bounces: of CLS at the card's edge.

        Raises:
            NotOnThisTrack: `text` cannot be recorded.
        """
        recorded = bits(self._track, text)
        if fault is not None:
            recorded = FAULTS[fault](recorded)
        at = self._clock.now
        for _ in range(bounces):
            self._drive(at, self._cls, 0)
            self._drive(at + 300, self._cls, 1)
            at += 700
        self._drive(at, self._cls, 0)
        at += 2000
        at = self._bits(at, recorded, speed_cm_s)
        if not stays:
            self.take_away(at + 2000)

    def take_away(self, at: int) -> None:
        """The card leaves the head."""
        self._drive(at, self._cls, 1)

    def _bits(self, at: int, recorded: Sequence[int], speed_cm_s: float) -> int:
        bit_us = int(self._format.bit_mm / (speed_cm_s * 10) * 1_000_000)
        level = 1
        for bit in recorded:
            if level != 1 - bit:
                level = 1 - bit
                self._drive(at, self._rdt, level)
            self._drive(at + _EDGE_US, self._rcl, 0)
            self._drive(at + 2 * _EDGE_US, self._rcl, 1)
            at += bit_us
        return at

    def _drive(self, at: int, net: str, level: int) -> None:
        self._clock.at(at, lambda: self._nets.drive(net, level))
