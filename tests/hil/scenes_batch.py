"""Scenes for the golden frames: what has to do with the batch and with the host, and not with one card."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.acquirer.download_data import DownloadData
from tillbench.host.cards import load_profile

from . import business, shop
from .scenes import Counter

_PAN = load_profile(shop.UNIONPAY).pan


def _store_sale(counter: Counter, amount: int) -> None:
    counter.menu("offline", "offline_sale")
    for question, answer in (("card_number", _PAN), ("expiry", ""), ("auth_code", 123456), ("amount", amount)):
        counter.wait(question)
        counter.press(business.keys(answer))
    counter.wait("confirm_keys")
    _agree(counter)


def _agree(counter: Counter) -> None:
    counter.press("ENTER", "approved")
    counter.press("ENTER")
    counter.take_slips()


def _settle(counter: Counter, result: str) -> None:
    counter.menu("settle")
    counter.wait("confirm_keys")
    counter.press("ENTER", result)
    counter.press("ENTER")
    counter.terminal.receipt()
    counter.wait("idle_keys")


def offline(counter: Counter) -> None:
    """An offline sale, a tip on it that is too much and one that is not; what is sent, what is refused."""
    _store_sale(counter, 5000)
    stan = counter.terminal.desk.ask({"info": {}})["stan"]
    counter.menu("offline", "tip")
    counter.wait("voucher")
    counter.press(business.keys(stan), "confirm_keys")
    counter.press("ENTER", "amount")
    counter.press("9 0 0 ENTER", "amount_limit")
    counter.press("CLEAR 4 0 0 ENTER", "confirm_keys")
    _agree(counter)
    counter.terminal.acquirer.rules.answer("0220", "51")
    counter.pay()
    counter.take_slips()
    for _ in range(2):
        counter.terminal.receipt()
    counter.leave()


def settlement(counter: Counter) -> None:
    """Nothing to settle; a batch that balances; one that does not; one that is cut off and goes on."""
    terminal = counter.terminal
    counter.menu("settle")
    counter.wait("batch_empty")
    counter.press("ENTER", "idle_keys")
    counter.pay()
    counter.take_slips()
    _settle(counter, "flag_balanced")
    counter.pay("5 6 0 0")
    counter.take_slips()
    business.book_behind_the_terminals_back(terminal, business.last(terminal, "sale"), 6600)
    _settle(counter, "uploaded")
    counter.pay()
    counter.take_slips()
    terminal.acquirer.rules.drop("0320")
    counter.menu("settle")
    counter.wait("confirm_keys")
    counter.press("ENTER", "no_answer")
    counter.press("ENTER", "settle_first")
    terminal.power.cut()
    terminal.power.restore()
    counter.wait("going_on")
    counter.wait("flag_balanced")
    terminal.receipt()
    counter.wait("ready")


def host(counter: Counter) -> None:
    """Echo, downloads, a card that is listed, sign-off."""
    terminal = counter.terminal
    counter.menu("manage", "host", "echo")
    counter.wait("test_passed")
    counter.press("ENTER", "idle_keys")
    terminal.acquirer.offer(DownloadData(black_list=[_PAN]))
    for entry in ("load_params", "load_aids", "load_black"):
        counter.menu("manage", "host", entry)
        counter.wait("done")
        counter.press("ENTER", "idle_keys")
    counter.press("1 2 ENTER", "insert_card")
    terminal.card.insert(shop.UNIONPAY)
    counter.wait("card_listed")
    terminal.card.remove()
    counter.wait("idle_keys")
    counter.menu("manage", "host", "sign_off")
    counter.wait("keys_go")
    counter.press("ENTER", "signed_off")
    counter.press("ENTER", "sign_on_due")


BATCH: dict[str, Callable[[Counter], None]] = {"offline": offline, "settlement": settlement, "host": host}
"""As `SCENES`."""
