"""What happens to one message: drawn from the seed, the connection, the way and the message's number, never from time.

Each fault of each rule has a draw of its own, so a fault that is added or taken out leaves the others where they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tillbench.host.line.scenario import Flip, Rule, Scenario, Split, Way

MILLISECOND = 1_000


@dataclass(frozen=True, slots=True)
class Decision:
    """The faults of one message; the default is none. Times are in microseconds, offsets in bytes of the frame.

    flips: bits to invert, counted from the frame's first bit. cuts: where the frame is cut into pieces.
    hold_us, merge_us: how long it waits at most for the next message, to go after it or together with it.
    """

    drop: bool = False
    reset: bool = False
    half_close: bool = False
    copies: int = 1
    delay_us: int = 0
    hold_us: int | None = None
    merge_us: int | None = None
    flips: tuple[int, ...] = ()
    cuts: tuple[int, ...] = ()
    gap_us: int = 0

    @property
    def words(self) -> list[str]:
        """The faults for people and records, in the order in which they are applied."""
        if self.drop:
            return ["drop"]
        return [
            *(["reset"] if self.reset else []),
            *([f"flip bits {', '.join(map(str, self.flips))}"] if self.flips else []),
            *([f"split at {', '.join(map(str, self.cuts))}, {self.gap_us} us apart"] if self.cuts else []),
            *([f"{self.copies} copies"] if self.copies > 1 else []),
            *([f"delay {self.delay_us} us"] if self.delay_us else []),
            *(["after the next"] if self.hold_us is not None else []),
            *(["together with the next"] if self.merge_us is not None else []),
            *(["half-close"] if self.half_close else []),
        ]


class Chooser:
    """Decides the messages of one way of one connection; counts how many each rule has met."""

    def __init__(self, scenario: Scenario, seed: int | str, connection: int, way: Way) -> None:
        self._rules = scenario.rules
        self._key = f"{seed}/{connection}/{way}"
        self._way = way
        self._met = [0] * len(self._rules)

    def decide(self, number: int, message_class: str, size: int) -> Decision:
        """The `number`-th message of this way, `size` bytes long."""
        changes: dict[str, object] = {}
        for index, rule in self._matching(message_class):
            changes |= self._draw(rule, f"{self._key}/{number}/{index}", size)
        return Decision(**changes)  # type: ignore[arg-type]  # names and values of its own fields

    def _matching(self, message_class: str) -> Iterator[tuple[int, Rule]]:
        for index, rule in enumerate(self._rules):
            if rule.way not in (None, self._way) or rule.message not in (None, message_class):
                continue
            self._met[index] += 1
            if not rule.messages or self._met[index] in rule.messages:
                yield index, rule

    def _draw(self, rule: Rule, key: str, size: int) -> dict[str, object]:
        changes: dict[str, object] = {}
        for name in ("drop", "reset", "half_close"):
            if Random(f"{key}/{name}").random() < getattr(rule, name):
                changes[name] = True
        for name in ("duplicate", "delay", "reorder", "merge", "split", "flip"):
            fault = getattr(rule, name)
            if fault is None:
                continue
            dice = Random(f"{key}/{name}")
            if dice.random() < fault.chance:
                changes |= _APPLIED[name](fault, dice, size)
        return changes


def _split(fault: Split, dice: Random, size: int) -> dict[str, object]:
    cuts = dice.sample(range(1, size), min(fault.pieces - 1, size - 1))
    return {"cuts": tuple(sorted(cuts)), "gap_us": fault.gap_ms * MILLISECOND}


def _flip(fault: Flip, dice: Random, size: int) -> dict[str, object]:
    bits = range(fault.skip * 8, size * 8)
    return {"flips": tuple(sorted(dice.sample(bits, min(fault.bits, len(bits)))))}


_APPLIED: dict[str, Callable[[Any, Random, int], dict[str, object]]] = {
    "duplicate": lambda fault, dice, size: {"copies": 1 + fault.copies},
    "delay": lambda fault, dice, size: {"delay_us": dice.randint(*fault.ms) * MILLISECOND},
    "reorder": lambda fault, dice, size: {"hold_us": fault.wait_ms * MILLISECOND},
    "merge": lambda fault, dice, size: {"merge_us": fault.wait_ms * MILLISECOND},
    "split": _split,
    "flip": _flip,
}
