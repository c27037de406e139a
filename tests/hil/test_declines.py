"""Every way to say no to every transaction: the screen says why, nothing is printed or booked, the journal has it.

All of them in `make long` (TILLBENCH_ALL=1); here some, other ones with each change of the firmware.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import pytest
from tillbench.host.acquirer.schema import Transaction
from tillbench.host.cards import load_profile
from tillbench.host.emulator.fingerprint import firmware_hash
from tillbench.host.terminal import Terminal

from . import business, shop

SAMPLE = 8
STRIPE = "unionpay-stripe"
MEANINGS = {
    "51": "LOW FUNDS",
    "55": "WRONG PIN",
    "54": "EXPIRED CARD",
    "14": "INVALID CARD",
    "05": "NOT HONOURED",
    "41": "CARD LOST",
    "75": "PIN TRIES OVER",
    "91": "ISSUER AWAY",
    "96": "HOST FAULT",
    "Z9": "CODE Z9",
}
"""F39, and what the second row says: one of each class of `response_codes.py`, and one that there is not."""
UNCLEAR = "A2"
"""Neither yes nor no: what may have been booked is undone, or told again."""
UNDECIDED = ("91", "96")
"""To what was stored: it goes on waiting."""


@dataclass(frozen=True)
class Asked:
    """A transaction: the message type of its request, and how it is done up to the screen that tells how it ended."""

    name: str
    mti: str
    act: Callable[[Terminal], str]
    in_journal: bool = True


def _by_stripe(terminal: Terminal) -> str:
    shop.key_in(terminal)
    terminal.card.swipe(STRIPE)
    business.ask(terminal, "ENTER PIN", load_profile(STRIPE).pin)
    return shop.wait(terminal, *business.DECIDED)


def _by_number(terminal: Terminal) -> str:
    shop.key_in(terminal)
    shop.press(terminal, business.keys(load_profile(shop.UNIONPAY).pan))
    business.ask(terminal, "EXPIRY", "")
    return shop.wait(terminal, *business.DECIDED)


def _refund(terminal: Terminal) -> str:
    sale = business.last(terminal, "sale")
    return business.refund(terminal, sale.rrn, f"{sale.at:%m%d}", 100)


def _follow(entry: str) -> Callable[[Terminal], str]:
    return lambda terminal: business.follow(terminal, entry, _held(terminal), 500)


def _held(terminal: Terminal) -> Transaction:
    """The pre-authorisation that was approved: those that this test declines come after it."""
    return next(each for each in terminal.acquirer.ledger.transactions(kind="preauth") if each.response_code == "00")


def _void(kind: str, entry: str) -> Callable[[Terminal], str]:
    def act(terminal: Terminal) -> str:
        original = next(e for e in terminal.acquirer.ledger.transactions(kind=kind) if e.response_code == "00")
        return business.void(terminal, original.stan, entry=entry)

    return act


def _balance(terminal: Terminal) -> str:
    terminal.menu("BALANCE")
    business.insert(terminal, shop.UNIONPAY, "ENTER PIN")
    shop.enter_pin(terminal)
    return shop.wait(terminal, *business.DECIDED)


ASKED = (
    Asked("sale", "0200", shop.decide),
    Asked("sale by stripe", "0200", _by_stripe),
    Asked("sale by number", "0200", _by_number),
    Asked("void", "0200", _void("sale", "VOID")),
    Asked("refund", "0220", _refund),
    Asked("pre-authorisation", "0100", business.hold),
    Asked("pre-authorisation void", "0100", _follow("PRE-AUTH VOID")),
    Asked("completion", "0200", _follow("COMPLETION")),
    Asked("completion void", "0200", _void("completion", "PRE-AUTHS/COMPL. VOID")),
    Asked("balance", "0200", _balance, in_journal=False),
)


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    settings: dict[str, str | int] = {"keyed_entry": 1, "advices_at_once": 99}
    folder = tmp_path_factory.mktemp("declines")
    with business.open_shop(folder, shop.UNIONPAY, STRIPE, settings=settings) as terminal:
        assert shop.finish(terminal, business.hold(terminal, 500)).approved
        assert shop.finish(terminal, business.follow(terminal, "COMPLETION", _held(terminal), 500)).approved
        assert shop.finish(terminal, business.hold(terminal, 500)).approved
        assert shop.sell(terminal).approved
        yield terminal


def some(every: list[tuple[Asked, str]]) -> list[tuple[Asked, str]]:
    return every if os.environ.get("TILLBENCH_ALL") else Random(firmware_hash()).sample(every, SAMPLE)


def name(each: object) -> str:
    return each.name if isinstance(each, Asked) else str(each)


def newest(terminal: Terminal) -> dict[str, object]:
    found: dict[str, object] = terminal.desk.journal()[-1]
    return found


@pytest.mark.parametrize(("asked", "code"), some([(a, c) for a in ASKED for c in MEANINGS]), ids=name)
def test_declined(till: Terminal, asked: Asked, code: str) -> None:
    shop.wait(till, "READY")
    before, known = business.check_totals(till), till.desk.journal()
    slips, reversals = len(till.emulator.printer.receipts()), len(till.acquirer.journal("0400"))
    till.acquirer.rules.answer(asked.mti, code)
    outcome = shop.finish(till, asked.act(till))
    rows = [row.strip() for row in outcome.screen.split("\n")]
    assert rows[:3] == ["DECLINED", MEANINGS[code], f"CODE {code}"]
    assert "READY" in till.screen.text
    assert len(till.emulator.printer.receipts()) == slips
    assert len(till.acquirer.journal("0400")) == reversals
    assert business.check_totals(till) == before
    if asked.in_journal:
        added = newest(till)
        assert (added["state"], added["response_code"]) == ("declined", code)
        known = [*known, added]
    assert till.desk.journal() == known


@pytest.mark.parametrize("asked", [a for a, _ in some([(a, UNCLEAR) for a in ASKED if a.mti != "0220"])], ids=name)
def test_neither_yes_nor_no(till: Terminal, asked: Asked) -> None:
    shop.wait(till, "READY")
    before, slips = business.check_totals(till), len(till.emulator.printer.receipts())
    till.acquirer.rules.answer(asked.mti, UNCLEAR)
    shown = asked.act(till)
    assert "ANSWER UNCLEAR" in shown
    outcome = shop.finish(till, shown)
    assert not outcome.approved
    assert "READY" in till.screen.text
    assert len(till.emulator.printer.receipts()) == slips
    assert business.check_totals(till) == before
    if asked.in_journal:
        assert newest(till)["state"] == "reversed"
        assert till.acquirer.journal("0400")[-1].code in ("00", "25")


@pytest.mark.parametrize("code", [code for code in MEANINGS if code not in UNDECIDED])
def test_what_was_stored(till: Terminal, code: str) -> None:
    """An offline sale that the host refuses has happened all the same: a slip tells."""
    shop.wait(till, "READY")
    before = business.check_totals(till)
    till.desk.ask({"settings": {"advices_at_once": 1}})
    till.acquirer.rules.answer("0220", code)
    assert business.offline_sale(till, load_profile(shop.UNIONPAY).pan, 100, idle="ADVICE REFUSED").approved
    assert MEANINGS[code] in till.screen.text
    added = newest(till)
    assert f"{added['stan']:06}" in till.receipt().text
    shop.wait(till, "READY")
    assert (added["state"], added["response_code"]) == ("declined", code)
    assert business.check_totals(till) == before


def test_it_sells_afterwards(till: Terminal) -> None:
    shop.wait(till, "READY")
    assert shop.sell(till, amount=4321).approved
    business.check_totals(till)


def test_what_was_stored_and_is_not_decided_waits(till: Terminal) -> None:
    shop.wait(till, "READY")
    till.desk.ask({"settings": {"advices_at_once": 1}})
    for number, code in enumerate(UNDECIDED, 1):
        till.acquirer.rules.answer("0220", code)
        assert business.offline_sale(till, load_profile(shop.UNIONPAY).pan, 100, idle=f"↑{number}").approved
        assert newest(till)["state"] == "approved"
