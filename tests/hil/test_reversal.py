"""What is not settled is undone: once, under its own trace number, for the right reason, ahead of anything new."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tillbench.host.acquirer import Rules
from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.terminal import Terminal
from tillbench.protocols.apdu import Ins
from tillbench.protocols.emv import tlv
from tillbench.protocols.iso8583 import Message

from . import shop
from .forger import Forger, of_type, with_field, without_field

CARDS = [shop.UNIONPAY, shop.VISA, "unionpay-decline-2gac", "visa-decline-2gac"]
NO_ANSWER, BAD_MAC, OTHER = "98", "A0", "06"
ANSWER_S = 30
"""How long the terminal waits for an answer."""


@pytest.fixture
def till_profiles() -> list[CardProfile] | None:
    return list(map(load_profile, CARDS))


def reversal(terminal: Terminal, *, code: str = "00", count: int = 1) -> Message:
    """The one reversal that was answered so."""
    request = terminal.acquirer.expect("0400", code=code, count=count).request
    assert request is not None
    return request


def check_reversed_once(terminal: Terminal, reason: str, booked: int = -shop.AMOUNT) -> None:
    """The sale stands in the ledger, its reversal beside it, the balance is as it was."""
    sale = shop.only_sale(terminal)
    assert sale.booked == booked
    undone = terminal.acquirer.ledger.reversal_of(sale)
    assert undone is not None
    assert (undone.stan, undone.batch, undone.booked, undone.reason) == (sale.stan, sale.batch, -booked, reason)
    request = terminal.acquirer.journal("0200")[-1].request
    sent = terminal.acquirer.journal("0400")[-1].request
    assert request is not None
    assert sent is not None
    for field in (2, 3, 4, 11, 22, 23, 25, 41, 42, 49, 60):
        assert sent.fields.get(field) == request.fields.get(field), f"field {field}"
    assert sent.text(39) == reason
    assert not {35, 37, 52} & set(sent.fields)
    assert shop.spent(terminal) == 0
    shop.check_books(terminal)


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("misbehave", "reason", "says"),
    [
        (lambda rules: rules.silence("0200"), NO_ANSWER, "NO ANSWER"),
        (lambda rules: rules.delay("0200", us=(ANSWER_S + 5) * 1_000_000), NO_ANSWER, "NO ANSWER"),
        (lambda rules: rules.drop("0200"), NO_ANSWER, "NO ANSWER"),
        (lambda rules: rules.bad_mac("0200"), BAD_MAC, "ANSWER MAC BAD"),
        (lambda rules: rules.garbage("0200", bytes(40)), OTHER, "BAD ANSWER"),
        (lambda rules: rules.garbage("0200", b"\xff" * 300), OTHER, "BAD ANSWER"),
    ],
    ids=["silence", "late", "dropped", "bad-mac", "zeros", "ones"],
)
def test_undone_at_once(terminal: Terminal, misbehave: Callable[[Rules], None], reason: str, says: str) -> None:
    misbehave(terminal.acquirer.rules)
    outcome = shop.sell(terminal)
    assert "NOT APPROVED" in outcome.screen
    assert says in outcome.screen
    assert "REVERSED" in outcome.screen
    assert outcome.slips == ()
    check_reversed_once(terminal, reason)
    assert shop.sell(terminal).approved
    assert shop.movements(terminal) == [("sale", -1234), ("reversal", 1234), ("sale", -1234)]
    shop.check_books(terminal)


def test_request_lost(terminal: Terminal) -> None:
    terminal.acquirer.rules.lose("0200")
    assert "NOT APPROVED" in shop.sell(terminal).screen
    assert reversal(terminal, code="25").text(39) == NO_ANSWER
    assert shop.movements(terminal) == [("reversal", 0)]
    assert shop.sell(terminal).approved, "a reversal without an original is settled by 25"
    assert shop.spent(terminal) == 1234


def test_time_out_takes_its_time(terminal: Terminal) -> None:
    terminal.acquirer.rules.silence("0200")
    shop.key_in(terminal)
    shop.present(terminal)
    shop.enter_pin(terminal)
    terminal.screen.wait_text("WAITING FOR HOST")
    before = terminal.clock.now_s
    terminal.screen.wait_text("REVERSING")
    assert ANSWER_S <= terminal.clock.now_s - before < ANSWER_S + 2


def test_late_but_in_time(terminal: Terminal) -> None:
    terminal.acquirer.rules.delay("0200", us=(ANSWER_S - 1) * 1_000_000)
    assert shop.sell(terminal).approved
    assert shop.movements(terminal) == [("sale", -1234)]


def test_late_answer_changes_nothing(terminal: Terminal) -> None:
    terminal.acquirer.rules.delay("0200", us=40_000_000)
    shop.sell(terminal)
    frames = len(terminal.screen.frames)
    terminal.clock.advance(60)
    assert all("READY" in str(frame.rows) for frame in terminal.screen.frames[frames:]), (
        "the clock goes on, that is all"
    )
    assert shop.movements(terminal) == [("sale", -1234), ("reversal", 1234)]
    assert terminal.emulator.printer.receipts() == []


def test_reversal_is_repeated_until_it_is_answered(terminal: Terminal) -> None:
    terminal.acquirer.rules.silence("0200")
    terminal.acquirer.rules.silence("0400", times=2)
    outcome = shop.sell(terminal)
    assert "REVERSAL PENDING" in outcome.screen
    assert "REVERSAL PENDING" in terminal.screen.text, "the idle screen says so too"

    # The next sale sends the reversal first, and gets no further while that is not answered.
    terminal.press("1")
    shop.wait(terminal, "REVERSING")
    assert "REVERSAL PENDING" in shop.wait(terminal, "NOT APPROVED")
    shop.wait(terminal, shop.IDLE)
    assert [e.mti for e in terminal.acquirer.journal()] == ["0800", "0200", "0400", "0400"]

    assert shop.sell(terminal, amount=500).approved
    assert [e.mti for e in terminal.acquirer.journal()] == ["0800", "0200", "0400", "0400", "0400", "0200"]
    sent = [e.request for e in terminal.acquirer.journal("0400")]
    assert {r.text(11) for r in sent if r} == {"000002"}
    assert len({str(r.fields) for r in sent if r}) == 1, "the same reversal each time"
    # The first 0400 was booked, its answer lost: the repetitions had no second effect.
    assert shop.movements(terminal) == [("sale", -1234), ("reversal", 1234), ("sale", -500)]
    shop.check_books(terminal)


def test_reversal_refused_stays_owed(terminal: Terminal) -> None:
    terminal.acquirer.rules.silence("0200")
    terminal.acquirer.rules.answer("0400", "96")
    assert "REVERSAL PENDING" in shop.sell(terminal).screen
    assert shop.spent(terminal) == 1234
    assert shop.sell(terminal, amount=1).approved
    assert shop.movements(terminal) == [("sale", -1234), ("reversal", 1234), ("sale", -1)]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("spoil", ["bad_mac", "drop", "lose"])
def test_reversal_meets_trouble_too(terminal: Terminal, spoil: str) -> None:
    terminal.acquirer.rules.silence("0200")
    getattr(terminal.acquirer.rules, spoil)("0400")
    assert "REVERSAL PENDING" in shop.sell(terminal).screen
    assert shop.sell(terminal, amount=1).approved
    assert shop.movements(terminal) == [("sale", -1234), ("reversal", 1234), ("sale", -1)]
    shop.check_books(terminal)


def test_reversal_waits_for_the_line(terminal: Terminal) -> None:
    terminal.acquirer.rules.silence("0200")
    shop.key_in(terminal)
    shop.present(terminal)
    shop.enter_pin(terminal)
    shop.wait(terminal, "WAITING FOR HOST")
    terminal.clock.advance(1)
    shop.line(terminal).up = False
    outcome = shop.finish(terminal, shop.wait(terminal, *shop.DECIDED))
    assert "REVERSAL PENDING" in outcome.screen
    terminal.press("1")
    assert "NO LINE" in shop.wait(terminal, "NOT APPROVED")
    shop.wait(terminal, shop.IDLE)
    shop.line(terminal).up = True
    assert shop.sell(terminal, amount=1).approved
    assert shop.movements(terminal) == [("sale", -1234), ("reversal", 1234), ("sale", -1)]


@pytest.mark.parametrize("card", ["unionpay-decline-2gac", "visa-decline-2gac"])
def test_card_declines_after_the_host_approved(terminal: Terminal, card: str) -> None:
    outcome = shop.sell(terminal, card)
    assert "NOT APPROVED" in outcome.screen
    assert "CARD DECLINED" in outcome.screen
    assert outcome.slips == ()
    sent = reversal(terminal)
    assert sent.text(39) == OTHER
    assert {0x95, 0x9F10, 0x9F36} <= {item.tag for item in tlv.parse(sent.data(55))}
    assert shop.movements(terminal) == [("sale", -1234), ("reversal", 1234)]
    assert shop.spent(terminal, card) == 0
    shop.check_books(terminal)


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda card: card.faults.answer(0x6985, ins=Ins.GENERATE_AC, nth=2),
        lambda card: card.faults.mute(ins=Ins.GENERATE_AC, nth=2),
        lambda card: card.faults.mute(ins=Ins.EXTERNAL_AUTHENTICATE),
    ],
    ids=["6985", "mute", "mute-at-external-authenticate"],
)
def test_card_fails_after_the_host_approved(terminal: Terminal, spoil: Callable[[VirtualCard], None]) -> None:
    card = VirtualCard(terminal.emulator.profile(shop.UNIONPAY))
    spoil(card)
    assert "NOT APPROVED" in shop.sell(terminal, card).screen
    check_reversed_once(terminal, OTHER)


FOREIGN_ANSWERS = {
    "STAN": with_field(11, "000099"),
    "terminal": with_field(41, "87654321"),
    "merchant": with_field(42, "898110053110009"),
    "amount": with_field(4, "000000000001"),
    "processing code": with_field(3, "310000"),
    "type": of_type("0410"),
    "echo": of_type("0200"),
}


def test_answer_to_something_else_counts_as_none(terminal: Terminal) -> None:
    for number, (name, change) in enumerate(FOREIGN_ANSWERS.items(), 1):
        forger = Forger(terminal, "0210", change, instead=True)
        outcome = shop.sell(terminal)
        assert forger.forged == 1, name
        assert "NO ANSWER" in outcome.screen, name
        assert "REVERSED" in outcome.screen, name
        assert shop.movements(terminal) == [("sale", -1234), ("reversal", 1234)] * number, name
        assert terminal.acquirer.ledger.transactions()[-1].reason == NO_ANSWER, name
        forger.leave()
    shop.check_books(terminal)


def test_answer_to_something_else_is_passed_over(terminal: Terminal) -> None:
    declined = with_field(39, "51")
    forger = Forger(terminal, "0210", lambda m: with_field(11, "000099")(declined(m)), instead=False)
    assert shop.sell(terminal).approved
    assert forger.forged == 1
    assert shop.movements(terminal) == [("sale", -1234)]


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (without_field(39), "ANSWER UNCLEAR"),
        (with_field(39, "10"), "ANSWER UNCLEAR"),
        (with_field(55, b"\x91\x0a" + bytes(10)), "NOT APPROVED"),
        (with_field(55, b"\x91\x20\x00"), "NOT APPROVED"),
        (without_field(55), "NOT APPROVED"),
    ],
    ids=["no-code", "partial", "wrong-arpc", "broken-tlv", "no-arpc"],
)
def test_approved_in_the_books_but_not_at_the_counter(
    terminal: Terminal, change: Callable[[Message], Message], says: str
) -> None:
    Forger(terminal, "0210", change, instead=True)
    outcome = shop.sell(terminal)
    assert "NOT APPROVED" in outcome.screen
    assert says in outcome.screen
    check_reversed_once(terminal, OTHER)


def test_forged_answer_to_the_reversal_does_not_end_it(terminal: Terminal) -> None:
    terminal.acquirer.rules.silence("0200")
    terminal.acquirer.rules.lose("0400")
    assert "REVERSAL PENDING" in shop.sell(terminal).screen
    forger = Forger(terminal, "0410", with_field(11, "000099"), instead=True)
    terminal.press("1")
    assert "REVERSAL PENDING" in shop.wait(terminal, "NOT APPROVED")
    shop.wait(terminal, shop.IDLE)
    assert forger.forged == 1
    forger.leave()
    assert shop.sell(terminal, amount=1).approved
    assert shop.movements(terminal) == [("sale", -1234), ("reversal", 1234), ("sale", -1)]


def test_request_that_comes_after_its_own_reversal_books_nothing(terminal: Terminal) -> None:
    """The network kept the sale back until its reversal had passed it."""
    sent: list[bytes] = []

    def hear(direction: str, data: bytes) -> None:
        if direction == "<":
            sent.append(data)

    shop.line(terminal).on_bytes = hear
    terminal.acquirer.rules.lose("0200")
    shop.sell(terminal)
    sale = next(data for data in sent if data[13:15] == b"\x02\x00")
    replies = terminal.acquirer.connect().feed(sale)
    assert len(replies) == 1
    assert terminal.acquirer.journal("0200")[-1].code == "22"
    assert shop.movements(terminal) == [("reversal", 0)]
    assert shop.spent(terminal) == 0
