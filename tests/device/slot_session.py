"""A slot on pins with a scripted card, and what the driver's probe says of a session with it."""

from __future__ import annotations

from typing import Any

from tillbench.host.devices.slot import Slot
from tillbench.host.devices.slot_card import RECORD, ScriptedCard
from tillbench.host.emulator.bench import Bench

SELECT = bytes.fromhex("00A404000E315041592E5359532E444446303100")
READ = bytes.fromhex("00B2010C00")
VERIFY = bytes.fromhex("0020008008241234FFFFFFFFFF")
FOUND = RECORD + b"\x90\x00"


def opened_slot(bench: Bench) -> Slot:
    """A slot on the board's wires, the driver in front of it; it is empty."""
    slot = Slot(bench.clock, bench.nets, bench.uart(2))
    bench.call("slot_probe:open_slot")
    return slot


def inserted(bench: Bench, slot: Slot, card: ScriptedCard) -> ScriptedCard:
    """The card goes in, and the switch settles."""
    slot.insert(card)
    bench.run_for(0.1)
    return card


def session(bench: Bench, *apdus: bytes) -> list[Any]:
    """The answer to reset and the responses; what goes wrong ends the list."""
    result = bench.call("slot_probe:run", *apdus)
    assert isinstance(result, list)
    return result
