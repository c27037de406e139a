"""Scenes for the golden frames: transactions beside the sale, each with its questions, its result and its slips."""

from __future__ import annotations

from collections.abc import Callable

from . import business, shop
from .scenes import Counter


def _supervised(counter: Counter, *entries: str) -> None:
    counter.menu(*entries)
    counter.wait("supervisor_password")
    counter.press(business.keys("123456"))


def _pay_out(counter: Counter) -> None:
    """The card, the result, the slips."""
    counter.wait("approved")
    counter.terminal.card.remove()
    counter.take_slips()


def take_back(counter: Counter) -> None:
    """A void that is declined, one that is approved, one more; a refund, and one of which nobody knows yet."""
    counter.terminal.desk.ask({"settings": {"change_defaults": 0}})
    counter.pay()
    counter.take_slips()
    sale = business.last(counter.terminal, "sale")
    counter.pay("5 6 0 0")
    counter.take_slips()
    kept = business.last(counter.terminal, "sale")
    counter.terminal.acquirer.rules.answer("0200", "22")
    for result in ("declined", "approved"):
        _supervised(counter, "void")
        counter.wait("voucher")
        counter.press(business.keys(sale.stan), "confirm_keys")
        counter.press("ENTER", "insert_card")
        counter.terminal.card.insert(shop.UNIONPAY)
        counter.wait(result)
        counter.terminal.card.remove()
        if result == "declined":
            counter.wait("idle_keys")
    counter.take_slips()
    _supervised(counter, "void")
    counter.wait("voucher")
    counter.press(business.keys(sale.stan), "already_void")
    counter.wait("idle_keys")
    for silences in (0, 2):
        if silences:
            counter.terminal.acquirer.rules.silence("0220", times=silences)
        _supervised(counter, "refund")
        counter.wait("insert_card")
        counter.terminal.card.insert(shop.UNIONPAY)
        counter.wait("old_reference")
        counter.press(business.keys(kept.rrn), "old_date")
        counter.press(business.keys(f"{kept.at:%m%d}"), "amount")
        counter.press(business.keys(600), "confirm_keys")
        counter.press("ENTER")
        if silences:
            counter.wait("not_confirmed")
            counter.terminal.card.remove()
            counter.wait("advice_due")
        else:
            _pay_out(counter)


TRANSACTIONS: dict[str, Callable[[Counter], None]] = {"take_back": take_back}
"""As `SCENES`."""
