"""Scenes for the golden frames: what is asked beside the rest, each time with every answer that there is."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.acquirer.rule_match import Condition
from tillbench.host.acquirer.rules import Rule

from . import business, shop
from .scenes import Counter


def _settings(counter: Counter, **changes: int) -> None:
    counter.terminal.desk.ask({"settings": changes})


def _up_to_the_pin(counter: Counter) -> None:
    counter.press("1 2 3 4 ENTER", "insert_card")
    counter.terminal.card.insert(shop.UNIONPAY)


def _end(counter: Counter, *results: str) -> None:
    """Whatever came of it, the card is taken, and the slips if there are any."""
    counter.wait(*results)
    counter.terminal.card.remove()
    if results == ("approved",):
        counter.take_slips()
    counter.wait("idle_keys")


def in_part(counter: Counter) -> None:
    """40 of 100 are approved: that is not enough, and undone; then it is."""
    _settings(counter, partial_approval=1)
    part: dict[str, object] = {"partial_percent": 40}
    counter.terminal.acquirer.rules.add([Rule(Condition(messages=("0200",)), (part, part))])
    for key, result in (("CANCEL", "not_approved"), ("ENTER", "approved")):
        _up_to_the_pin(counter)
        counter.wait("enter_pin")
        shop.enter_pin(counter.terminal)
        counter.wait("in_part")
        counter.press(key)
        _end(counter, result)


def account(counter: Counter) -> None:
    """Which account: nobody says; then the second."""
    _settings(counter, account_choice=1)
    counter.press("1 2 3 4 ENTER", "account")
    counter.press("CANCEL", "not_approved")
    counter.press("ENTER", "idle_keys")
    counter.press("1 2 3 4 ENTER", "account")
    counter.press("2", "insert_card")
    counter.terminal.card.insert(shop.UNIONPAY)
    counter.wait("enter_pin")
    shop.enter_pin(counter.terminal)
    _end(counter, "approved")


def once_more(counter: Counter) -> None:
    """The same card and amount within minutes: a mistake; then a second purchase."""
    _settings(counter, repeat_minutes=5)
    counter.pay()
    counter.take_slips()
    _up_to_the_pin(counter)
    counter.wait("sold_already")
    counter.press("CANCEL")
    _end(counter, "not_approved")
    _up_to_the_pin(counter)
    counter.wait("sold_already")
    counter.press("ENTER", "enter_pin")
    shop.enter_pin(counter.terminal)
    _end(counter, "approved")


def complete_later(counter: Counter) -> None:
    """A completion of which the host is told later: given up at its last question; done; told with the next sale."""
    terminal = counter.terminal
    counter.menu("preauths", "preauth")
    counter.wait("amount")
    counter.press(business.keys(1000), "insert_card")
    terminal.card.insert(shop.UNIONPAY)
    counter.wait("enter_pin")
    shop.enter_pin(terminal)
    _end(counter, "approved")
    held = business.last(terminal, "preauth")
    for key, result in (("CANCEL", "not_approved"), ("ENTER", "approved")):
        counter.menu("preauths", "completion_advice")
        counter.wait("insert_card")
        terminal.card.insert(shop.UNIONPAY)
        counter.wait("old_date")
        counter.press(business.keys(f"{held.at:%m%d}"), "old_code")
        counter.press(business.keys(held.authorisation_code or ""), "amount")
        counter.press(business.keys(1000), "confirm_keys")
        counter.press(key)
        _end(counter, result)
    counter.pay()
    counter.take_slips()


def pin(counter: Counter) -> None:
    """Left out where that is not allowed; too short; given up; too soon after that; left out where it is allowed."""
    terminal = counter.terminal
    _up_to_the_pin(counter)
    counter.wait("enter_pin")
    counter.press("ENTER", "pin_required")
    counter.press("1 2 ENTER", "pin_too_short")
    counter.press("CANCEL")
    _end(counter, "not_approved")
    _settings(counter, pin_bypass=1, pin_interval_ms=20000)
    _up_to_the_pin(counter)
    counter.wait("please_wait")
    counter.wait("pin_bypass_keys")
    terminal.press("ENTER")
    counter.wait("approved", "declined", "not_approved")
    terminal.card.remove()
    if counter.text("approved") in terminal.screen.text:
        counter.take_slips()
    counter.leave()


CHOICES: dict[str, Callable[[Counter], None]] = {
    "in_part": in_part,
    "account": account,
    "once_more": once_more,
    "complete_later": complete_later,
    "pin": pin,
}
"""As `SCENES`."""
