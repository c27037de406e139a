"""Who looks after the terminal: commissioning from whatever step it is at, operators, an opened case."""

from __future__ import annotations

from tillbench.host.terminal import Terminal, menu_key

from . import business, shop

SUPERVISOR, ADMIN = "123456", "12345678"
_MOST_STEPS = 60


def add_operator(terminal: Terminal) -> None:
    """Operator 07, with a password."""
    business.supervised(terminal, "MANAGEMENT", "OPERATORS", "ADD OPERATOR")
    business.ask(terminal, "OPERATOR", "07")
    for words in ("NEW PASSWORD", "ONCE MORE"):
        business.ask(terminal, words, "7391")
    shop.wait(terminal, "PASSWORD CHANGED")
    shop.press(terminal, "ENTER")
    shop.idle(terminal)


def open_the_case(terminal: Terminal) -> None:
    """The switch trips, the message is taken note of; the terminal wants to be commissioned."""
    terminal.tamper.open()
    shop.wait(terminal, "CASE WAS OPENED")
    terminal.tamper.close()
    terminal.clock.advance(0.1)
    shop.press(terminal, "ENTER")
    shop.wait(terminal, "COMMISSION")


def commission(terminal: Terminal) -> None:
    """Does whatever step of the guide is there, until there is none; what may be passed over is."""
    terminal.tamper.close()
    terminal.key_holders.plug_in_loader()
    for _ in range(_MOST_STEPS):
        terminal.clock.advance(0.5)
        if not terminal.power.on:
            raise shop.PowerGone
        shown = terminal.screen.text
        title = shown.split("\n")[0]
        if "READY" in shown:
            return
        if shop.IDLE in shown:
            shop.press(terminal, "1")
        elif "CASE WAS OPENED" in title or "READY TO SELL" in shown:
            shop.press(terminal, "ENTER")
        elif "COMMISSION" in title and "SKIP" in shown:
            shop.press(terminal, "DOWN")
        elif "COMMISSION" in title:
            shop.press(terminal, "ENTER")
            if "LOAD KEY" in shown:
                load_key(terminal)
    raise AssertionError(f"the commissioning comes to no end\n{terminal.screen.text}")


def load_key(terminal: Terminal) -> None:
    """Takes the master key from a loader on the cable, both passwords given."""
    shop.wait(terminal, "KEY LOADER")
    terminal.press(menu_key(terminal.screen.text.split("\n"), "KEY LOADER"))
    business.ask(terminal, "SUPERVISOR PASS", SUPERVISOR)
    business.ask(terminal, "ADMIN PASSWORD", ADMIN)
    shop.wait(terminal, "CHECK VALUE")
    shop.press(terminal, "ENTER")
    shop.wait(terminal, "KEY LOADED")
    shop.press(terminal, "ENTER")
