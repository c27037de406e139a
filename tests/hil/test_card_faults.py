"""Cards that leave, stay silent, answer late or garble: the terminal says so, nothing stays booked, it sells again."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest
from tillbench.host.cards import CardProfile, load_profile
from tillbench.host.devices.slot_faults import SlotFaults
from tillbench.host.emulator.emulator import SLOTS, Options
from tillbench.host.terminal import Terminal

from . import shop

TPDUS = 32
"""More than a sale has (a test counts them)."""
CHUNK = 16
BAD_ATR = bytes.fromhex("3BE000008131204536")
"""Offers what no answer to a cold or warm reset may offer."""


@pytest.fixture
def till_profiles() -> list[CardProfile] | None:
    return [load_profile(shop.UNIONPAY), load_profile("unionpay-slow")]


@pytest.fixture
def till_options(till_options: Options, request: pytest.FixtureRequest) -> Options:
    """With the card slot on pins, or as `both_ways` says."""
    return replace(till_options, slot=getattr(request, "param", SLOTS[0]))


both_ways = pytest.mark.parametrize("till_options", SLOTS, indirect=True)


def sell_to_a_card_that_leaves(terminal: Terminal, after: int) -> shop.Outcome:
    """A sale whose card comes out by itself after that many TPDUs."""
    terminal.emulator.slot.faults.out_after_exchanges = after
    outcome = shop.sell(terminal)
    terminal.emulator.slot.faults.out_after_exchanges = None
    return outcome


def test_a_sale_has_fewer_tpdus_than_the_next_test_counts_to(terminal: Terminal) -> None:
    assert shop.sell(terminal).approved
    exchanges = terminal.emulator.slot.exchanges
    assert TPDUS - CHUNK < len(exchanges) < TPDUS
    assert terminal.emulator.slot.violations == []


@pytest.mark.one_in(3)
@pytest.mark.parametrize("first", range(0, TPDUS, CHUNK))
def test_pulled_after_each_tpdu(terminal: Terminal, first: int) -> None:
    approved = 0
    for after in range(first, first + CHUNK):
        before = shop.movements(terminal)
        outcome = sell_to_a_card_that_leaves(terminal, after)
        new = shop.movements(terminal)[len(before) :]
        approved += outcome.approved
        if outcome.approved:
            assert new == [("sale", -1234)]
        else:
            assert "CARD" in outcome.screen, f"after {after}: {outcome.screen}"
            assert new in ([], [("sale", -1234), ("reversal", 1234)]), f"after {after}"
        assert shop.spent(terminal) == approved * 1234, f"after {after}"
    shop.check_books(terminal)
    shop.check_next_sale(terminal)
    reasons = {entry.reason for entry in terminal.acquirer.ledger.transactions(kind="reversal")}
    assert reasons <= {"06"}
    if first == 0:
        assert approved == 0
    if first == TPDUS - CHUNK:
        assert approved, "a card that leaves after its last word has paid"
        assert approved < CHUNK


@both_ways
def test_pulled_in_the_middle_of_a_character(terminal: Terminal) -> None:
    for characters in (1, 3, 4, 9, 10, 40, 200):
        terminal.emulator.slot.faults.out_after_characters = characters
        assert "CARD" in shop.sell(terminal).screen
    assert terminal.acquirer.journal("0200") == []
    shop.check_next_sale(terminal)


def test_pulled_while_the_pin_is_entered(terminal: Terminal) -> None:
    shop.key_in(terminal)
    shop.present(terminal)
    terminal.press("1 2 3")
    terminal.card.remove()
    shown = shop.wait(terminal, *shop.DECIDED)
    assert "CARD REMOVED" in shown
    shop.idle(terminal)
    assert terminal.acquirer.journal("0200") == []
    shop.check_next_sale(terminal)


@pytest.mark.parametrize(("when", "reason"), [("CONNECTING", None), ("WAITING FOR HOST", "06")])
def test_pulled_while_the_host_is_asked(terminal: Terminal, when: str, reason: str | None) -> None:
    shop.key_in(terminal)
    shop.present(terminal)
    shop.enter_pin(terminal)
    shop.wait(terminal, when)
    terminal.card.remove()
    outcome = shop.finish(terminal, shop.wait(terminal, *shop.DECIDED))
    assert "NOT APPROVED" in outcome.screen
    assert shop.spent(terminal) == 0
    undone = terminal.acquirer.ledger.transactions(kind="reversal")
    assert reason is None or [entry.reason for entry in undone] == [reason]
    shop.check_next_sale(terminal)


BAD_CARDS: dict[str, tuple[SlotFaults, str]] = {
    "mute": (SlotFaults(mute=True), "CARD IS SILENT"),
    "late ATR": (SlotFaults(atr_delay_clk=400_000), "CARD IS SILENT"),
    "two bad ATRs": (SlotFaults(bad_atrs=[BAD_ATR, BAD_ATR]), "CARD ERROR"),
    "beyond the waiting time": (SlotFaults(reply_delay_etu=10_800), "CARD IS SILENT"),
}
ON_I_O: dict[str, tuple[SlotFaults, str]] = {
    "collision": (SlotFaults(echo_flips={0: 0x01}), "COLLISION"),
    "collision in data": (SlotFaults(echo_flips={6: 0x80}), "COLLISION"),
    "garbled": (SlotFaults(flips={4: 0xFF}), "CARD"),
}


@both_ways
def test_bad_card(terminal: Terminal) -> None:
    slot = terminal.emulator.slot
    behind_controller = terminal.emulator.options.slot == "ccid"
    for name, (faults, says) in {**BAD_CARDS, **({} if behind_controller else ON_I_O)}.items():
        slot.faults = deepcopy(faults)
        outcome = shop.sell(terminal)
        assert "NOT APPROVED" in outcome.screen, name
        assert says in outcome.screen, name
        assert terminal.acquirer.journal("0200") == [], name
    slot.faults = SlotFaults()
    shop.check_next_sale(terminal)
    assert slot.violations == []


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda faults: faults.bad_atrs.append(BAD_ATR),
        lambda faults: setattr(faults, "atr_delay_clk", 39_000),
        lambda faults: setattr(faults, "nulls", 3),
    ],
    ids=["one-bad-atr", "late-atr-in-time", "nulls"],
)
def test_trying_card(terminal: Terminal, spoil: Callable[[SlotFaults], None]) -> None:
    spoil(terminal.emulator.slot.faults)
    assert shop.sell(terminal).approved
    assert terminal.emulator.slot.violations == []
    assert shop.movements(terminal) == [("sale", -1234)]


def test_card_as_slow_as_it_may_be(terminal: Terminal) -> None:
    """Every reply just within the work waiting time of 9,600 etu, 0.9 s."""
    terminal.emulator.slot.faults.reply_delay_etu = 9_500
    shop.key_in(terminal)
    start = terminal.clock.now_s
    terminal.card.insert(shop.UNIONPAY)
    terminal.screen.wait_text("ENTER PIN", timeout_s=300)
    shop.enter_pin(terminal)
    terminal.screen.wait_text("APPROVED", timeout_s=300)
    assert terminal.clock.now_s - start > 20
    terminal.emulator.slot.faults.reply_delay_etu = 0
    terminal.card.remove()
    shop.take_slips(terminal)
    assert shop.movements(terminal) == [("sale", -1234)]


def test_card_that_gives_single_characters(terminal: Terminal) -> None:
    shop.key_in(terminal)
    terminal.card.insert("unionpay-slow")
    terminal.screen.wait_text("ENTER PIN", timeout_s=900)
    shop.enter_pin(terminal)
    terminal.screen.wait_text("APPROVED", timeout_s=900)
    terminal.card.remove()
    shop.take_slips(terminal)
    assert shop.spent(terminal, "unionpay-slow") == 1234
    assert terminal.emulator.slot.violations == []


def test_card_left_in(terminal: Terminal) -> None:
    """The terminal beeps until the card is out, and prints no slip before."""
    shown = shop.decide(terminal)
    terminal.clock.advance(20)
    assert "REMOVE CARD" in terminal.screen.text
    assert terminal.emulator.printer.receipts() == []
    assert shop.finish(terminal, shown).approved


def test_card_is_in_before_the_amount(terminal: Terminal) -> None:
    terminal.card.insert(shop.UNIONPAY)
    terminal.press("5 0 0 ENTER")
    shop.wait(terminal, "ENTER PIN")
    shop.enter_pin(terminal)
    assert shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).approved
    assert shop.spent(terminal) == 500
