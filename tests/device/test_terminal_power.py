"""Money under power cuts: at every flash operation, torn in the middle, and as every message leaves."""

from __future__ import annotations

import pytest
from tillbench.host.emulator.bench import Bench

from tests.device.terminal_rig import CARD_IN, CARD_OUT, COPIES, DONE, IDLE_TO_AMOUNT, PIN, STOP, TMK, Counter

SALE = [*IDLE_TO_AMOUNT, *CARD_IN, *PIN, *CARD_OUT, *COPIES, *DONE]
PRICE = 1234


@pytest.fixture
def counter(device: Bench) -> Counter:
    return Counter(device)


def operations_of_a_sale(device: Bench) -> int:
    counter = Counter(device)
    counter.run(*DONE)
    operations: int = counter.run(*SALE)["operations"]
    return operations


@pytest.mark.till_needs("speed")
@pytest.mark.parametrize(("torn", "ends"), [(True, {"none", "R"}), (False, {"none", "R", "A"})], ids=["torn", "whole"])
def test_no_cut_of_power_during_a_sale_loses_or_doubles_an_amount(device: Bench, torn: bool, ends: set[str]) -> None:
    operations = operations_of_a_sale(device)
    assert operations > 4
    outcomes = set()
    for cut in range(1, operations + 1):
        counter = Counter(device)
        counter.run(*DONE)
        before = counter.balance
        first = counter.run(*SALE, cut_after=cut, torn=torn)
        assert first["dead"]
        counter.run(*DONE)
        last = counter.device.call("terminal_probe:last_transaction")
        paid = last is not None and last["state"] == "A"
        assert counter.balance == before - (PRICE if paid else 0), f"cut after {cut} of {operations}: {last}"
        assert not (first["lines"] and not paid), f"cut after {cut}: a slip without a sale"
        # And the terminal sells again, under a number that it has not used.
        counter.card.reset()
        counter.run(*SALE)
        stans = [m[11] for m in counter.sent if m.mti == "0200"]
        assert len(stans) == len(set(stans)), f"cut after {cut}: {stans}"
        assert counter.balance == before - (PRICE if paid else 0) - PRICE, f"cut after {cut}"
        outcomes.add(last["state"] if last else "none")
    assert outcomes == ends


@pytest.mark.parametrize("message", [1, 2])
def test_a_cut_as_a_message_leaves(counter: Counter, message: int) -> None:
    before = counter.balance
    counter.cut_at_send = message
    counter.run(*SALE)
    counter.run(*DONE)
    assert counter.balance == before
    if message == 2:
        reversal = counter.sent[-1]
        assert (reversal.mti, reversal[39]) == ("0400", "98")
        assert counter.received[-1][39] == "25"  # the host never saw the original, and will refuse it from now on


def test_a_cut_after_the_host_has_booked(counter: Counter) -> None:
    before = counter.balance
    counter.cut_after_send = 2
    counter.run(*SALE)
    assert counter.balance == before - PRICE
    counter.run(*DONE)
    assert counter.balance == before
    counter.run(*DONE)
    assert [m.mti for m in counter.sent] == ["0800", "0200", "0400"]


def test_a_cut_as_the_reversal_leaves_or_after_it(counter: Counter) -> None:
    before = counter.balance
    counter.cut_after_send = 2
    counter.run(*SALE)
    counter.cut_at_send = 3
    counter.run(*DONE)
    counter.cut_after_send = 4
    counter.run(*DONE)
    assert counter.balance == before  # reversed, but the terminal does not know
    counter.run(*DONE)
    assert counter.balance == before
    assert [m.mti for m in counter.sent] == ["0800", "0200", "0400", "0400", "0400"]


@pytest.mark.till_needs("speed")
def test_no_cut_of_power_during_the_sign_on_leaves_a_terminal_that_cannot_go_on(device: Bench) -> None:
    operations = Counter(device).run(*DONE)["operations"]
    for cut in range(1, operations + 1):
        counter = Counter(device)
        before = counter.balance
        counter.run(*DONE, cut_after=cut)
        counter.run(*SALE)
        assert counter.balance == before - PRICE, f"cut after {cut} of {operations}"


def test_a_reversal_of_another_master_key_stays_owed(counter: Counter) -> None:
    counter.cut_after_send = 2
    counter.run(*SALE)
    counter.tmk = bytes(range(16))
    counter.run(("KEYS REFUSED", [("keys", b"\r")]), ("SIGN ON FIRST", [STOP]))
    counter.tmk = TMK
    counter.run(*DONE)
    assert counter.sent[-1].mti == "0400"
    assert counter.received[-1][39] == "00"
