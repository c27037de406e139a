"""What a shop does beside selling: each kind of transaction as keys, cards and screens; totals of both sides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select
from tillbench.hil.plugin import EPOCH
from tillbench.host.acquirer.effect import Effect
from tillbench.host.acquirer.kinds import Kind
from tillbench.host.acquirer.request import Request
from tillbench.host.acquirer.schema import Settlement, Transaction
from tillbench.host.acquirer.totals import count
from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.emulator.emulator import Options
from tillbench.host.terminal import Terminal

from . import shop

SUPERVISOR = "1 2 3 4 5 6"
DEBITS = ("sale", "completion", "completion_advice", "offline_sale", "chip_offline", "tip", "adjustment")
HIDDEN = 900000
"""From here on are the trace numbers of what the host has behind the terminal's back."""
ADJUSTS = ("tip", "adjustment")
DECIDED = (*shop.DECIDED, "CONFIRMED", "NOT DONE")


@contextmanager
def open_shop(folder: Path, *cards: str, settings: dict[str, str | int] | None = None) -> Iterator[Terminal]:
    """A terminal for a whole module, signed on, whose supervisor keeps the factory's password."""
    profiles: list[CardProfile] = [load_profile(name) for name in cards]
    with Terminal(Options(folder / "till", seed=7, epoch=EPOCH, fast_keys=True), profiles) as terminal:
        terminal.screen.wait_text("READY")
        terminal.desk.ask({"settings": {"change_defaults": 0, **(settings or {})}})
        yield terminal


def keys(digits: int | str) -> str:
    """The keys of a number, and ENTER."""
    return " ".join(str(digits)) + " ENTER"


def ask(terminal: Terminal, text: str, answer: int | str) -> None:
    """Waits for a question and answers it."""
    shop.wait(terminal, text)
    shop.press(terminal, keys(answer))


def supervised(terminal: Terminal, *entries: str) -> None:
    """Chooses in the menu what only the supervisor may begin."""
    terminal.menu(*entries)
    ask(terminal, "SUPERVISOR PASS", "123456")


def insert(terminal: Terminal, card: VirtualCard | str, *then: str) -> str:
    """The card, when it is asked for, and the next of the screens that show one of the texts."""
    shop.wait(terminal, "INSERT")
    terminal.card.insert(card)
    return shop.wait(terminal, *(then or DECIDED))


def last(terminal: Terminal, kind: str) -> Transaction:
    """The newest of a kind in the acquirer's books."""
    return terminal.acquirer.ledger.transactions(kind=kind)[-1]


def void(terminal: Terminal, voucher: int, card: VirtualCard | str = shop.UNIONPAY, entry: str = "VOID") -> str:
    """A void up to the screen that says how it ended."""
    supervised(terminal, *entry.split("/"))
    ask(terminal, "VOUCHER NO", voucher)
    shop.wait(terminal, "****", "NOT APPROVED")
    if "NOT APPROVED" in terminal.screen.text:
        return terminal.screen.text
    shop.press(terminal, "ENTER")
    return insert(terminal, card)


def refund(terminal: Terminal, reference: str, date: str, amount: int, card: VirtualCard | str = shop.UNIONPAY) -> str:
    """A refund up to the screen that says how it ended."""
    supervised(terminal, "REFUND")
    insert(terminal, card, "REFERENCE NO")
    ask(terminal, "REFERENCE NO", reference)
    ask(terminal, "DATE", date)
    ask(terminal, "AMOUNT", amount)
    shop.wait(terminal, reference)
    shop.press(terminal, "ENTER")
    return shop.wait(terminal, *DECIDED)


def hold(terminal: Terminal, amount: int = shop.AMOUNT, card: VirtualCard | str = shop.UNIONPAY) -> str:
    """A pre-authorisation up to the screen that says how it ended."""
    terminal.menu("PRE-AUTHS", "PRE-AUTH")
    ask(terminal, "AMOUNT", amount)
    insert(terminal, card, "ENTER PIN", *DECIDED)
    shop.enter_pin(terminal)
    return shop.wait(terminal, *DECIDED)


def follow(
    terminal: Terminal, entry: str, held: Transaction, amount: int, card: VirtualCard | str = shop.UNIONPAY
) -> str:
    """What follows from a pre-authorisation, by the menu entry's name, up to the screen that says how it ended."""
    if "VOID" in entry:
        supervised(terminal, "PRE-AUTHS", entry)
    else:
        terminal.menu("PRE-AUTHS", entry)
    insert(terminal, card, "DATE")
    ask(terminal, "DATE", f"{held.at:%m%d}")
    ask(terminal, "AUTH CODE", held.authorisation_code or "")
    ask(terminal, "AMOUNT", amount)
    return shop.wait(terminal, *DECIDED)


def complete_later(terminal: Terminal, held: Transaction, amount: int, card: VirtualCard | str = shop.UNIONPAY) -> str:
    """A completion of which the host is told later, up to the screen that says how it ended."""
    terminal.menu("PRE-AUTHS", "COMPL. ADVICE")
    insert(terminal, card, "DATE")
    ask(terminal, "DATE", f"{held.at:%m%d}")
    ask(terminal, "AUTH CODE", held.authorisation_code or "")
    ask(terminal, "AMOUNT", amount)
    shop.wait(terminal, "****")
    shop.press(terminal, "ENTER")
    return shop.wait(terminal, *DECIDED)


def check_totals(terminal: Terminal) -> dict[str, list[int]]:
    """The terminal's totals are the acquirer's, and the books are right; the terminal's totals by type."""
    by_type: dict[str, list[int]] = terminal.desk.ask({"totals": "by_type"})
    counted = count(each for each in terminal.acquirer.ledger.transactions() if each.settlement_id is None)
    both = counted.domestic + counted.foreign
    # A tip changes the sum and not the number.
    debits = [(0 if kind in ADJUSTS else row[0], row[1]) for kind, row in by_type.items() if kind in DEBITS]
    credits_ = [row for kind, row in by_type.items() if kind not in DEBITS]
    assert [sum(row[0] for row in debits), sum(row[1] for row in debits)] == [both.debit_count, both.debit_amount]
    assert [sum(row[0] for row in credits_), sum(row[1] for row in credits_)] == [
        both.credit_count,
        both.credit_amount,
    ]
    assert terminal.acquirer.ledger.faults() == []
    return by_type


def offline_sale(
    terminal: Terminal, pan: str, amount: int, code: str = "123456", idle: str = shop.IDLE
) -> shop.Outcome:
    """An offline sale to its end; `idle` is what the idle screen says then."""
    terminal.menu("OFFLINE", "OFFLINE SALE")
    ask(terminal, "CARD NUMBER", pan)
    ask(terminal, "EXPIRY", "")
    ask(terminal, "AUTH CODE", code)
    ask(terminal, "AMOUNT", amount)
    shop.wait(terminal, "****")
    shop.press(terminal, "ENTER")
    return stored(terminal, idle)


def stored(terminal: Terminal, idle: str = shop.IDLE) -> shop.Outcome:
    """The result and the slips of what needed no card."""
    shown = shop.wait(terminal, *DECIDED)
    shop.press(terminal, "ENTER")
    outcome = shop.Outcome(shown, ())
    if outcome.approved:
        outcome = shop.Outcome(shown, shop.take_slips(terminal))
    shop.wait(terminal, idle)
    return outcome


def begin_change(terminal: Terminal, entry: str, voucher: int) -> str:
    """TIP or ADJUSTMENT up to the question for its amount, or to why there is none."""
    terminal.menu("OFFLINE", entry)
    ask(terminal, "VOUCHER NO", voucher)
    if "****" in shop.wait(terminal, "****", "NOT APPROVED"):
        shop.press(terminal, "ENTER")
        return shop.wait(terminal, "AMOUNT", "NOT APPROVED")
    return terminal.screen.text


def change(terminal: Terminal, entry: str, voucher: int, amount: int) -> shop.Outcome:
    """A tip, or an adjustment to `amount`, to its end."""
    begin_change(terminal, entry, voucher)
    shop.press(terminal, keys(amount))
    shop.wait(terminal, "****")
    shop.press(terminal, "ENTER")
    return stored(terminal)


def begin_settling(terminal: Terminal) -> None:
    """Chooses settlement and agrees to the totals."""
    terminal.menu("SETTLEMENT")
    shop.wait(terminal, "DR ")
    shop.press(terminal, "ENTER")


def settle(terminal: Terminal, result: str = "BALANCED", idle: str = shop.IDLE) -> str:
    """A settlement to its end; the text of its slip."""
    begin_settling(terminal)
    shop.wait(terminal, result)
    shop.press(terminal, "ENTER")
    slip = terminal.receipt().text
    shop.wait(terminal, idle)
    return slip


def settlements(terminal: Terminal) -> list[Settlement]:
    """What the acquirer's books have of this terminal's settlements, oldest first."""
    with terminal.acquirer.ledger.reading() as session:
        return list(session.scalars(select(Settlement).order_by(Settlement.id)))


def book_behind_the_terminals_back(terminal: Terminal, sale: Transaction, amount: int) -> None:
    """The host books a sale of which the terminal never hears: as if its reversal had got lost for good."""
    with terminal.acquirer.ledger.unit_of_work() as books:
        card = books.card(sale.card.pan) if sale.card else None
        assert card is not None
        request = Request(
            kind=Kind.SALE,
            terminal_id=sale.terminal_id,
            merchant_id=sale.merchant_id,
            stan=HIDDEN + sale.stan,
            batch=sale.batch,
            pan=card.pan,
            amount=amount,
            currency="156",
            entry_mode="021",
        )
        books.enter(request, at=sale.at, code="00", effect=Effect(booked=-amount), approved=amount, card=card)
