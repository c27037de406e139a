"""The slot driver with the virtual EMV cards on the line."""

from __future__ import annotations

import pytest
from tillbench.host.cards import load_profile
from tillbench.host.cards.card import VirtualCard
from tillbench.host.cards.t0 import T0Card, T0Options
from tillbench.host.devices.slot import Slot
from tillbench.host.emulator.bench import Bench

SELECT_PSE = bytes.fromhex("00A404000E315041592E5359532E444446303100")
READ_RECORD = bytes.fromhex("00B2010C00")
SELECT_UNKNOWN = bytes.fromhex("00A4040007A000000999999900")


@pytest.mark.parametrize(
    "options",
    [T0Options(), T0Options(one_by_one=True), T0Options(null_bytes=2), T0Options(delay=9_588), T0Options(delay=0)],
    ids=["plain", "byte by byte", "NULL bytes", "at its waiting time", "in a hurry"],
)
def test_a_virtual_card_answers_as_it_does_without_a_wire(bench: Bench, options: T0Options) -> None:
    slot = Slot(bench.clock, bench.nets, bench.uart(2))
    profile = load_profile("unionpay-debit")
    direct = VirtualCard(profile)
    slot.insert(T0Card(VirtualCard(profile), options))
    bench.call("slot_probe:wait_present")
    atr, *answers = bench.call("slot_probe:run", SELECT_PSE, READ_RECORD, SELECT_UNKNOWN)
    assert atr == direct.reset()
    assert answers == [direct.transmit(apdu) for apdu in (SELECT_PSE, READ_RECORD, SELECT_UNKNOWN)]
    assert slot.violations == []
