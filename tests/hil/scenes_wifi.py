"""Scenes for the golden frames of a terminal whose line is Wi-Fi, and that looks at slips with its scanner."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices.wlan import TOO_MANY

from . import business, shop
from .scenes import ADMIN, Counter
from .scenes_transactions import supervised

FACTORY = "1 2 3 4 5 6 7 8 ENTER"
WRONG = "2 2 2 6 6 6 7 7 7 9 9 9 9 0 # # 1 2 3 4 ENTER"
RIGHT = "2 2 2 6 6 6 DOWN 7 7 7 DOWN 7 7 7 3 3 2 2 2 8 0 4 4 6 6 6 7 7 7 DOWN 7 7 7 7 3 3 ENTER"


def _menu(counter: Counter, entry: str) -> None:
    counter.wait("idle_keys")
    counter.menu("manage", "device", "wifi", entry)


def _networks(counter: Counter, password: str = f"{ADMIN} ENTER") -> None:
    """The list of what was found."""
    _menu(counter, "wifi_join")
    counter.wait("admin_password")
    counter.press(password)
    counter.terminal.screen.wait_text("Shop")


def wifi(counter: Counter) -> None:
    """Status, help of the letters, a wrong pass phrase, the right one, an open network, an unknown one, one without
    addresses, the line test, a code that is no slip, forgotten."""
    _menu(counter, "wifi_status")
    counter.terminal.clock.advance(0.3)
    counter.press("ENTER")
    _menu(counter, "wifi_join")
    counter.wait("admin_password")
    counter.press(FACTORY)
    counter.new_password(ADMIN)
    counter.terminal.screen.wait_text("Shop")
    counter.press("DOWN DOWN DOWN DOWN UP UP UP UP ENTER", "wifi_key")
    counter.press("FN", "help")
    counter.press("DOWN DOWN DOWN ENTER")
    counter.press("2 ENTER", "more_letters")
    counter.press("CLEAR")
    counter.press(WRONG, "wifi_wrong_key")
    counter.press("ENTER", "wifi_key")
    counter.press(RIGHT, "done")
    counter.press("ENTER")
    _networks(counter)
    counter.press("2", "wifi_open")
    counter.press("CANCEL")
    _networks(counter)
    counter.press("5", "wifi_name")
    counter.press("2 3 4 ENTER 2", "wifi_not_found")
    counter.press("ENTER", "idle_keys")
    counter.terminal.wifi.access_point("Cafe").dhcp = False
    _networks(counter)
    counter.press("2 ENTER", "wifi_no_address")
    counter.press("ENTER", "idle_keys")
    counter.menu("manage", "device", "self_test", "test_line")
    counter.wait("test_passed")
    counter.press("DOWN DOWN ENTER")
    counter.leave()
    counter.terminal.desk.ask({"settings": {"slip_qr": 1}})
    counter.menu("print", "reprint_any")
    counter.wait("scan_keys")
    counter.terminal.scan("6901234567892")
    counter.wait("scan_not_ours")
    counter.leave()
    _menu(counter, "wifi_forget")
    counter.wait("admin_password")
    counter.press(f"{ADMIN} ENTER", "confirm_keys")
    counter.press("ENTER", "done")
    counter.press("ENTER")
    _menu(counter, "wifi_status")
    counter.wait("wifi_none")
    counter.press("ENTER", "idle_keys")


def wifi_trouble(counter: Counter) -> None:
    """One that refuses, one that is silent, none at all; a slip that nothing is given back for; commissioning."""
    terminal = counter.terminal
    terminal.desk.ask({"settings": {"slip_qr": 1, "change_defaults": 0}})
    cafe = terminal.wifi.access_point("Cafe")
    for cafe.answers, cafe.refusal, trouble in ((True, TOO_MANY, "wifi_refused"), (False, 0, "wifi_no_answer")):
        _networks(counter, FACTORY)
        counter.press("2 ENTER", trouble)
        counter.press("ENTER", "idle_keys")
    terminal.wifi.switch("Shop", up=False)
    terminal.clock.advance(10)
    counter.menu("manage", "host", "echo")
    counter.wait("no_network")
    counter.leave()
    terminal.wifi.switch("Shop", up=True)
    terminal.clock.advance(30)
    counter.pay()
    counter.take_slips()
    supervised(counter, "void")
    counter.wait("voucher")
    counter.press(business.keys(business.last(terminal, "sale").stan), "confirm_keys")
    counter.press("ENTER", "insert_card")
    terminal.card.insert(shop.UNIONPAY)
    counter.wait("approved")
    terminal.card.remove()
    counter.take_slips()
    supervised(counter, "refund")
    counter.wait("insert_card")
    terminal.card.insert(shop.UNIONPAY)
    counter.wait("old_reference")
    terminal.scan_slip()
    counter.wait("scan_not_this")
    counter.press("CANCEL")
    terminal.card.remove()
    counter.leave()
    counter.menu("manage", "device", "commission")
    counter.wait("admin_password")
    counter.press(FACTORY, "language")
    for step in ("date", "test_screen", "test_keypad", "test_printer", "setup_shop", "with_wifi"):
        counter.press("DOWN", step)


WIFI: dict[str, Callable[[Counter], None]] = {"wifi": wifi, "wifi_trouble": wifi_trouble}
