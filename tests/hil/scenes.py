"""Scenes for the golden frames: what happens at the counter, in either language, told by the keys of the text table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tillbench.host.emulator.assistance import Helper
from tillbench.host.terminal import Terminal
from tillbench.protocols.texts import table

from . import shop

SUPERVISOR = "2 5 8 0 3 6"
ADMIN = "5 8 3 0 2 9 6 4"


class Counter:
    """A terminal that speaks one language, and what people do to it."""

    def __init__(self, terminal: Terminal, language: str) -> None:
        self.terminal = terminal
        self._texts = {text.key: text.in_language(language) for text in table()}

    def text(self, key: str) -> str:
        return self._texts[key]

    def wait(self, *keys: str) -> None:
        """Wait for a screen that shows one of the texts."""
        self.terminal.screen.wait_any(*(self._texts[key] for key in keys))

    def press(self, keys: str, then: str = "") -> None:
        self.terminal.press(keys)
        if then:
            self.wait(then)

    def menu(self, *keys: str) -> None:
        self.terminal.menu(*(self._texts[key] for key in keys))

    def leave(self) -> None:
        """Back to the idle screen with CANCEL."""
        for _ in range(6):
            if self._texts["idle_keys"] in self.terminal.screen.text:
                return
            self.terminal.press("CANCEL")
            self.terminal.clock.advance(0.5)
        self.wait("idle_keys")

    def pay(self, amount: str = "1 2 3 4", card: str = shop.UNIONPAY) -> None:
        """A sale up to its result; the card is out again."""
        self.press(f"{amount} ENTER", "insert_card")
        self.terminal.card.insert(card)
        self.wait("enter_pin", "approved", "declined")
        if self._texts["enter_pin"] in self.terminal.screen.text:
            shop.enter_pin(self.terminal)
        self.wait("approved", "declined", "not_approved")
        self.terminal.card.remove()

    def take_slips(self) -> None:
        self.terminal.receipt()
        self.wait("tear_off")
        self.press("ENTER")
        self.terminal.receipt()
        self.wait("idle_keys")

    def new_password(self, digits: str) -> None:
        """The factory's password was used: another one is chosen."""
        self.wait("default_password")
        self.press("ENTER", "new_password")
        self.press(f"{digits} ENTER", "password_again")
        self.press(f"{digits} ENTER", "password_changed")
        self.press("ENTER")


def sale(counter: Counter) -> None:
    counter.pay()
    counter.take_slips()


def declined(counter: Counter) -> None:
    counter.terminal.acquirer.rules.answer("0200", "51")
    counter.pay()
    counter.wait("idle_keys")


def no_line(counter: Counter) -> None:
    shop.line(counter.terminal).up = False
    counter.pay()
    counter.wait("idle_keys")


def paper_out(counter: Counter) -> None:
    counter.terminal.emulator.printer.paper_left(0)
    counter.pay()
    counter.wait("paper_out")
    counter.terminal.emulator.printer.load_paper()
    counter.press("ENTER")
    counter.take_slips()


def slip_with_qr(counter: Counter, font: str) -> None:
    counter.terminal.desk.ask({"settings": {"slip_qr": 1, "printer_font": font, "merchant_name": "测试商店 TEST SHOP"}})
    counter.pay(card=shop.VISA)
    counter.take_slips()


def menus(counter: Counter) -> None:
    for path in ((), ("print",), ("manage",), ("manage", "operators"), ("manage", "device")):
        counter.menu(*path)
        counter.terminal.clock.advance(0.3)
        for _ in range(8):
            counter.press("DOWN")
            counter.terminal.clock.advance(0.1)
        counter.leave()


def help_pages(counter: Counter) -> None:
    for keys in ("", "1 2", "1 2 ENTER", "MENU"):
        if keys:
            counter.press(keys)
        counter.terminal.clock.advance(0.3)
        counter.press("FN", "help")
        for _ in range(3):
            counter.press("DOWN")
            counter.terminal.clock.advance(0.1)
        counter.leave()


def operators(counter: Counter) -> None:
    counter.menu("manage", "operators", "operator_add")
    counter.press("1 2 3 4 5 6 ENTER")
    counter.new_password(SUPERVISOR)
    counter.wait("operator_number")
    counter.press("0 1 ENTER", "operator_taken")
    counter.press("CLEAR CLEAR 0 7 ENTER", "new_password")
    counter.press("1 1 1 1 ENTER", "password_weak")
    counter.press("ENTER", "new_password")
    counter.press("7 3 9 1 ENTER", "password_again")
    counter.press("7 3 9 1 ENTER", "password_changed")
    counter.press("ENTER", "idle_keys")
    counter.menu("manage", "operators", "operator_out")
    counter.wait("done")
    counter.press("ENTER", "operator_due")
    counter.menu("manage", "operators", "operator_in")
    counter.press("0 7 ENTER", "password")
    for _ in range(4):
        counter.press("9 9 9 9 ENTER")
        counter.wait("wrong_password", "password_locked")
        counter.press("ENTER")
        counter.terminal.clock.advance(0.3)
    counter.leave()


def settings(counter: Counter) -> None:
    counter.menu("manage", "setup")
    counter.press("1 2 3 4 5 6 7 8 ENTER")
    counter.new_password(ADMIN)
    for group in (
        "setup_shop",
        "setup_host",
        "setup_line",
        "setup_printer",
        "setup_limits",
        "setup_safety",
        "setup_times",
    ):
        counter.terminal.choose(counter.text(group))
        counter.terminal.clock.advance(0.3)
        for _ in range(6):
            counter.press("DOWN")
            counter.terminal.clock.advance(0.1)
        counter.press("CANCEL")
        counter.wait("setup")
    counter.terminal.choose(counter.text("setup_times"), counter.text("set_entry_ms"))
    counter.press("9 9 ENTER", "out_of_range")
    counter.press("CLEAR CLEAR 9 0 0 0 0 ENTER", "done")
    counter.leave()


def care(counter: Counter) -> None:
    counter.menu("manage", "info")
    counter.press("DOWN DOWN CANCEL", "idle_keys")
    counter.menu("manage", "code_lookup")
    counter.press("5 1 9 1 CANCEL", "idle_keys")
    counter.menu("manage", "device", "self_test")
    counter.terminal.choose(counter.text("test_keypad"))
    counter.press("1 2 3 UP CANCEL", "not_done")
    counter.press("ENTER")
    counter.terminal.choose(counter.text("test_card"))
    counter.terminal.card.insert(shop.UNIONPAY)
    counter.wait("remove_card")
    counter.terminal.card.remove()
    counter.wait("self_test")
    counter.terminal.choose(counter.text("test_printer"))
    counter.terminal.receipt()
    counter.leave()


def tampered(counter: Counter) -> None:
    """The case is opened; then the whole commissioning, with the master key by components."""
    terminal = counter.terminal
    terminal.tamper.open()
    counter.wait("tampered")
    terminal.tamper.close()
    terminal.clock.advance(0.1)
    counter.press("ENTER", "language")
    counter.press("DOWN", "date")
    counter.press("ENTER", "date_day")
    counter.press("ENTER", "date_time")
    counter.press("ENTER", "test_screen")
    for name in ("test_keypad", "test_printer", "setup_shop", "test_line"):
        counter.press("DOWN", name)
    counter.press("ENTER", "test_passed")
    counter.press("ENTER", "load_key")
    counter.press("ENTER", "components_2")
    counter.press("1", "supervisor_password")
    counter.press("1 2 3 4 5 6 ENTER")
    counter.new_password(SUPERVISOR)
    for component in terminal.key_holders.components():
        counter.wait("hex_keys")
        counter.press("UP", "hex_letters")
        counter.press("UP " + terminal.key_holders.keys_for(component) + " ENTER", "check_keys")
        counter.press("ENTER")
        if component == terminal.key_holders.components()[0]:
            counter.wait("admin_password")
            counter.press("1 2 3 4 5 6 7 8 ENTER")
            counter.new_password(ADMIN)
    counter.wait("check_value")
    counter.press("ENTER", "key_loaded")
    counter.press("ENTER", "echo")
    counter.press("ENTER", "test_passed")
    counter.press("ENTER", "sign_on")
    counter.press("ENTER", "signed_on")
    counter.press("ENTER", "test_sale")
    counter.press("DOWN", "commissioned")
    counter.press("ENTER", "idle_keys")


def help_desk(counter: Counter) -> None:
    counter.menu("manage", "device", "contact")
    counter.press("ENTER")
    counter.terminal.receipt()
    counter.wait("idle_keys")
    counter.menu("manage", "device", "self_test")
    counter.terminal.choose(counter.text("test_line"))
    counter.wait("test_passed")
    counter.leave()
    shop.line(counter.terminal).up = False
    counter.menu("manage", "device", "self_test")
    counter.terminal.choose(counter.text("test_line"))
    counter.wait("no_line")
    counter.leave()


def reports(counter: Counter) -> None:
    counter.pay()
    counter.take_slips()
    counter.terminal.acquirer.rules.answer("0200", "51")
    counter.pay("5 6 0 0")
    counter.wait("idle_keys")
    for name in ("x_report", "detail_report", "failed_report", "settings_report", "emv_report"):
        counter.menu("print", name)
        counter.terminal.receipt()
        counter.wait("idle_keys")
    counter.menu("manage", "find", "voucher")
    counter.press("2 ENTER")
    counter.press("DOWN DOWN DOWN CANCEL", "idle_keys")


def assisted(counter: Counter) -> None:
    """Refused, agreed to after a look at the help, and ended in the middle of a sale."""
    helper = Helper(counter.terminal.desk, "ANNA")
    helper.ask()
    counter.wait("assist_may")
    counter.press("CANCEL", "ready")
    counter.terminal.screen.turn_page()
    helper.ask()
    counter.wait("assist_may")
    counter.press("FN", "help")
    counter.press("DOWN DOWN CANCEL", "assist_may")
    counter.press("ENTER", "assist_ends")
    helper.press("1 2 3 4 ENTER")
    counter.wait("insert_card")
    counter.press("CANCEL", "ready")


SCENES: dict[str, Callable[[Counter], None]] = {
    "sale": sale,
    "declined": declined,
    "no_line": no_line,
    "paper_out": paper_out,
    "slip_a_qr": partial(slip_with_qr, font="A"),
    "slip_b_qr": partial(slip_with_qr, font="B"),
    "slip_dots_qr": partial(slip_with_qr, font="dots"),
    "menus": menus,
    "help": help_pages,
    "operators": operators,
    "settings": settings,
    "care": care,
    "reports": reports,
    "tampered": tampered,
    "help_desk": help_desk,
    "assisted": assisted,
}
"""A flow that gets a scene here gets its golden frames in both languages."""
