"""Scenes for the golden frames: transactions beside the sale, each with its questions, its result and its slips."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.acquirer.schema import Transaction
from tillbench.host.cards import VirtualCard

from . import business, shop
from .scenes import Counter


def supervised(counter: Counter, *entries: str) -> None:
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
        supervised(counter, "void")
        counter.wait("voucher")
        counter.press(business.keys(sale.stan), "confirm_keys")
        counter.press("ENTER", "insert_card")
        counter.terminal.card.insert(shop.UNIONPAY)
        counter.wait(result)
        counter.terminal.card.remove()
        if result == "declined":
            counter.wait("idle_keys")
    counter.take_slips()
    supervised(counter, "void")
    counter.wait("voucher")
    counter.press(business.keys(sale.stan), "already_void")
    counter.wait("idle_keys")
    for silences in (0, 2):
        if silences:
            counter.terminal.acquirer.rules.silence("0220", times=silences)
        supervised(counter, "refund")
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


def stripe_and_keys(counter: Counter) -> None:
    """A chip card is swiped and a tap refused; the stripe of a silent chip; a number that is typed, at first wrong."""
    counter.terminal.desk.ask({"settings": {"keyed_entry": 1, "fallback": 1}})
    card = VirtualCard(counter.terminal.emulator.profile(shop.UNIONPAY))
    card.faults.wrong_atr(b"", b"")
    counter.press("1 2 3 4 ENTER", "or_both")
    counter.terminal.card.swipe(shop.UNIONPAY, damaged=True)
    counter.wait("swipe_again")
    counter.terminal.card.tap(shop.UNIONPAY)
    counter.wait("no_tap")
    counter.terminal.card.swipe(shop.UNIONPAY)
    counter.wait("chip_insert")
    counter.leave()
    counter.press("1 2 3 4 ENTER", "or_both")
    counter.terminal.card.insert(card)
    counter.wait("remove_card")
    counter.terminal.card.remove()
    counter.wait("swipe_card")
    counter.terminal.card.swipe(shop.UNIONPAY)
    counter.wait("enter_pin")
    counter.press("1 2 3 4 5 6 ENTER", "approved")
    counter.take_slips()
    counter.press("1 2 3 4 ENTER", "or_both")
    counter.press(" ".join(card.profile.pan[:-1] + "1") + " ENTER", "no_pan")
    counter.press("CLEAR " + card.profile.pan[-1] + " ENTER", "expiry")
    counter.press("3 0 1 2 ENTER", "approved")
    counter.take_slips()


def preauth(counter: Counter) -> None:
    """An amount is held, taken, taken back, let go; then the balance."""
    counter.terminal.desk.ask({"settings": {"change_defaults": 0}})
    counter.menu("preauths", "preauth")
    counter.wait("amount")
    counter.press(business.keys(1000), "insert_card")
    counter.terminal.card.insert(shop.UNIONPAY)
    counter.wait("enter_pin")
    shop.enter_pin(counter.terminal)
    _pay_out(counter)
    held = business.last(counter.terminal, "preauth")
    _follow(counter, "completion", held)
    supervised(counter, "preauths", "completion_void")
    counter.wait("voucher")
    counter.press(business.keys(business.last(counter.terminal, "completion").stan), "confirm_keys")
    counter.press("ENTER", "insert_card")
    counter.terminal.card.insert(shop.UNIONPAY)
    _pay_out(counter)
    _follow(counter, "preauth_void", held)
    counter.menu("balance")
    counter.wait("insert_card")
    counter.terminal.card.insert(shop.UNIONPAY)
    counter.wait("enter_pin")
    shop.enter_pin(counter.terminal)
    counter.wait("remove_card")
    counter.terminal.card.remove()
    counter.wait("idle_keys")


def _follow(counter: Counter, kind: str, held: Transaction) -> None:
    counter.menu("preauths", kind)
    if kind == "preauth_void":
        counter.wait("supervisor_password")
        counter.press(business.keys("123456"))
    counter.wait("insert_card")
    counter.terminal.card.insert(shop.UNIONPAY)
    counter.wait("old_date")
    counter.press(business.keys(f"{held.at:%m%d}"), "old_code")
    counter.press(business.keys(held.authorisation_code or ""), "amount")
    counter.press(business.keys(1000))
    _pay_out(counter)


TRANSACTIONS: dict[str, Callable[[Counter], None]] = {
    "take_back": take_back,
    "stripe_and_keys": stripe_and_keys,
    "preauth": preauth,
}
"""As `SCENES`."""
