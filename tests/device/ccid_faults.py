"""Faults of a serial smart-card controller and of its wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.cards.t0 import T0Card
from tillbench.host.devices.ccid_controller import CcidController
from tillbench.host.emulator.bench import Bench

from tests.device.fault_catalogue import Fault
from tests.device.fault_wires import on_borrowed_wires

SELECT = bytes.fromhex("00A404000E315041592E5359532E444446303100")
READ = bytes.fromhex("00B2010C00")
STALE = bytes.fromhex("80020000000007000000") + b"\x6a\x82"
"""An answer to a request of long ago: it was given up."""


def _session(spoil: Callable[[Bench, CcidController], None]) -> Callable[[Bench], Any]:
    """Lengths of ATR and responses, or the reason of a failure; answers asked for again; whether a card is in."""

    @on_borrowed_wires
    def play(bench: Bench) -> Any:
        chip = CcidController(bench.clock, bench.uart(2))
        chip.insert(T0Card(VirtualCard(load_profile("visa-cda"))))
        try:
            bench.call("ccid_probe:open_slot")
            spoil(bench, chip)
            found = [
                result[0] if isinstance(result, (tuple, list)) else len(result)
                for result in bench.call("ccid_probe:run", SELECT, READ)
            ]
            return found, bench.call("ccid_probe:repeats"), bench.call("ccid_probe:wait", 0)
        finally:
            bench.call("ccid_probe:stop")

    return play


def _next_answer(fault: str) -> Callable[[Bench, CcidController], None]:
    return lambda bench, chip: getattr(chip, fault).add(chip._answers + 1)


def _next_request(bench: Bench, chip: CcidController) -> None:
    chip.lost.add(chip._frames + 1)


def _unplugged(bench: Bench, chip: CcidController) -> None:
    chip.deaf = True
    bench.call("ccid_probe:wait", 12_000)


PART = "card controller"
_D = "drivers.ccid_slot:CcidSlot."
WELL = [4, 32, 31]
FAULTS = [
    Fault(
        PART,
        "echo of each request",
        "is no answer",
        _D + "_is_answer",
        True,
        _session(lambda bench, chip: None),
        (WELL, 0, True),
    ),
    Fault(
        PART,
        "answer to a request of before",
        "is not taken for this one's",
        _D + "_is_answer",
        True,
        _session(lambda bench, chip: setattr(chip, "stale", STALE)),
        (WELL, 0, True),
    ),
    Fault(
        PART,
        "bit flipped in an answer",
        "asked for again",
        _D + "_ask_again",
        None,
        _session(_next_answer("damaged")),
        (WELL, 1, True),
    ),
    Fault(
        PART,
        "answer that breaks off",
        "asked for again",
        "iso7816.ccid_frame:Frames.silent",
        0,
        _session(_next_answer("cut")),
        (WELL, 1, True),
    ),
    Fault(
        PART,
        "request that does not arrive",
        "sent again, and a command never twice",
        _D + "_is_repeated",
        False,
        _session(_next_request),
        (WELL, 1, True),
    ),
    Fault(
        PART,
        "says nothing at all",
        "TIMEOUT, and no card is in",
        _D + "_lost",
        None,
        _session(_unplugged),
        (["TIMEOUT"], 9, False),
    ),
    Fault(
        PART,
        "card pulled in the middle of a command",
        "REMOVED",
        _D + "_judged",
        b"",
        _session(lambda bench, chip: setattr(chip.faults, "out_after_characters", 40)),
        ([4, "REMOVED"], 0, False),
    ),
]
