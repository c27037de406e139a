"""Faults of the magnetic stripe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tillbench.host.devices.stripe_head import StripeHead
from tillbench.host.emulator.bench import Bench

from tests.device.fault_catalogue import Fault

TRACK = "6225880123456789=28122010000012345"
READ = (TRACK, "")
_PARITY = "drivers.stripe:_check_parity"
_COLUMNS = "drivers.stripe:_check_columns"


def head(bench: Bench, track: int = 2) -> StripeHead:
    """The head on the driver's pins."""
    bench.call("stripe_probe:connect", track)
    return StripeHead(bench.clock, bench.nets, cls="P27", rcl="P14", rdt="P19", track=track)


def _swiped(**how: Any) -> Callable[[Bench], Any]:
    def play(bench: Bench) -> Any:
        head(bench).swipe(TRACK, **how)
        outcome = bench.call("stripe_probe:swipe")
        return None if outcome is None else tuple(outcome)

    return play


def _left(bench: Bench) -> Any:
    _swiped()(bench)
    return bench.call("stripe_probe:left")


def _refused(name: str, reason: str, handling: str, answer: str, without: Any = None) -> Fault:
    return Fault("stripe", name, answer, handling, without, _swiped(fault=name), ("", reason))


FAULTS = [
    Fault(
        "stripe",
        "backwards",
        "is read from its other end",
        "drivers.stripe:_ways",
        (0,),
        _swiped(fault="backwards"),
        READ,
    ),
    Fault(
        "stripe",
        "no leading zeros backwards",
        "is read from its other end",
        "drivers.stripe:_ways",
        (0,),
        _swiped(fault="no leading zeros backwards"),
        READ,
    ),
    _refused("bit flipped in a digit", "PARITY", _PARITY, "refused: parity"),
    _refused("parity bit flipped", "PARITY", _PARITY, "refused: parity"),
    _refused("bit flipped in the LRC", "PARITY", _PARITY, "refused: parity of the LRC"),
    _refused("two bits flipped in a digit", "LRC", _COLUMNS, "refused: another number, with right parity"),
    _refused("two bits flipped in the LRC", "LRC", _COLUMNS, "refused: LRC"),
    _refused(
        "a digit becomes an end sentinel, the next one its LRC",
        "END",
        "drivers.stripe:_check_rest",
        "refused: no zeros behind it",
    ),
    Fault(
        "stripe",
        "card stays in the head",
        "is read when it has stood still for 300 ms",
        "drivers.msr:StripeReader._stands_still",
        False,
        _swiped(stays=True),
        READ,
    ),
    Fault(
        "stripe",
        "CLS bounces at the card's edge",
        "is one swipe",
        "drivers.msr:StripeReader._only_touched",
        False,
        _swiped(bounces=3),
        READ,
    ),
    Fault(
        "stripe",
        "memory is looked at after a swipe",
        "no bit of the card is in the buffer any more",
        "drivers.msr:StripeReader._forget",
        None,
        _left,
        False,
    ),
    _refused("clock stuck", "LONG", "drivers.msr:StripeReader._check_length", "refused: more bits than a track has"),
]
