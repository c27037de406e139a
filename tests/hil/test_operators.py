"""Operators: passwords, lock-out, the first change of a factory password, locking the terminal."""

from __future__ import annotations

import pytest
from tillbench.host.terminal import Terminal

from . import shop

SUPERVISOR = "2 5 8 0 3 6"
"""Digits of the supervisor's password after the first change."""


def key_in(terminal: Terminal, digits: str, then: str) -> None:
    terminal.press(f"{digits} ENTER")
    shop.wait(terminal, then)


def supervisor(terminal: Terminal) -> None:
    """From the question for the supervisor's factory password to behind the door."""
    shop.wait(terminal, "SUPERVISOR PASS")
    key_in(terminal, "1 2 3 4 5 6", "FACTORY PASSWORD")
    terminal.press("ENTER")
    shop.wait(terminal, "NEW PASSWORD")
    key_in(terminal, SUPERVISOR, "ONCE MORE")
    key_in(terminal, SUPERVISOR, "PASSWORD CHANGED")
    terminal.press("ENTER")


def operators(terminal: Terminal, *entries: str) -> None:
    terminal.menu("MANAGEMENT", "OPERATORS", *entries)


def test_a_factory_password_must_be_changed_and_the_new_one_holds(terminal: Terminal) -> None:
    operators(terminal, "ADD OPERATOR")
    supervisor(terminal)
    shop.wait(terminal, "OPERATOR NO")
    key_in(terminal, "0 7", "NEW PASSWORD")
    key_in(terminal, "7 3 9 1", "ONCE MORE")
    key_in(terminal, "7 3 9 1", "PASSWORD CHANGED")
    terminal.power.cut()
    terminal.power.restore()
    shop.idle(terminal)
    operators(terminal, "DEL OPERATOR")
    shop.wait(terminal, "SUPERVISOR PASS")
    key_in(terminal, "1 2 3 4 5 6", "WRONG PASSWORD")
    terminal.press("ENTER")
    shop.wait(terminal, "SUPERVISOR PASS")
    key_in(terminal, SUPERVISOR, "OPERATOR NO")
    terminal.press("9 9 ENTER")
    shop.wait(terminal, "NO SUCH NUMBER")
    terminal.press("CLEAR CLEAR 0 7 ENTER")
    shop.wait(terminal, "OPERATOR NO 07")
    terminal.press("ENTER")
    shop.wait(terminal, "DONE")
    terminal.press("ENTER")
    shop.idle(terminal)
    operators(terminal, "LIST")
    assert "00 01 02 03 04 \n99" in shop.wait(terminal, "LIST").replace("04\n", "04 \n")


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("first", "again", "why"),
    [
        ("1 1 1 1", "", "TOO EASY"),
        ("2 3 4 5", "", "TOO EASY"),
        ("0 0 0 0", "", "TOO EASY"),
        ("1 2 3", "", "MORE DIGITS"),
        ("7 3 9 1 5", "", "DIGITS NEEDED: 4"),
        ("7 3 9 1", "7 3 9 2", "NOT THE SAME"),
    ],
)
def test_what_is_no_password(terminal: Terminal, first: str, again: str, why: str) -> None:
    operators(terminal, "NEW PASSWORD")
    shop.wait(terminal, "OPERATOR NO")
    key_in(terminal, "0 1", "PASSWORD")
    key_in(terminal, "0 0 0 0", "FACTORY PASSWORD")
    terminal.press("ENTER")
    shop.wait(terminal, "NEW PASSWORD")
    terminal.press(f"{first} ENTER")
    if again:
        shop.wait(terminal, "ONCE MORE")
        terminal.press(f"{again} ENTER")
    shop.wait(terminal, why)


def wrong(terminal: Terminal, times: int) -> None:
    operators(terminal, "SIGN IN")
    shop.wait(terminal, "OPERATOR NO")
    terminal.press("0 2 ENTER")
    for _ in range(times):
        shop.wait(terminal, "PASSWORD")
        terminal.press("9 9 9 9 ENTER")
        shop.wait(terminal, "WRONG PASSWORD")
        terminal.press("ENTER")


def test_four_wrong_passwords_lock_for_five_minutes_and_over_a_restart(terminal: Terminal) -> None:
    wrong(terminal, 3)
    shop.wait(terminal, "PASSWORD")
    terminal.power.cut()
    terminal.power.restore()
    shop.idle(terminal)
    operators(terminal, "SIGN IN")
    shop.wait(terminal, "OPERATOR NO")
    key_in(terminal, "0 2", "PASSWORD")
    key_in(terminal, "9 9 9 9", "LOCKED FOR NOW")
    terminal.press("ENTER")
    shop.idle(terminal)
    terminal.power.cut()
    terminal.power.restore()
    shop.idle(terminal)
    operators(terminal, "SIGN IN")
    shop.wait(terminal, "OPERATOR NO")
    key_in(terminal, "0 2", "LOCKED FOR NOW")
    terminal.press("ENTER")
    terminal.clock.advance(301)
    operators(terminal, "SIGN IN")
    shop.wait(terminal, "OPERATOR NO")
    key_in(terminal, "0 2", "PASSWORD")
    key_in(terminal, "0 0 0 0", "FACTORY PASSWORD")
    operators_of_others = terminal.screen.text
    assert "LOCKED" not in operators_of_others


def test_a_locked_terminal_sells_nothing_until_the_same_operator_unlocks_it(terminal: Terminal) -> None:
    terminal.menu("MANAGEMENT", "LOCK")
    shop.wait(terminal, "LOCKED")
    terminal.press("5")
    shop.wait(terminal, "OPERATOR NO")
    key_in(terminal, "0 2", "PASSWORD")
    key_in(terminal, "0 0 0 0", "FACTORY PASSWORD")
    terminal.press("ENTER")
    shop.wait(terminal, "NEW PASSWORD")
    key_in(terminal, "7 3 9 1", "ONCE MORE")
    key_in(terminal, "7 3 9 1", "PASSWORD CHANGED")
    terminal.press("ENTER")
    shop.wait(terminal, "ANOTHER OPERATOR")
    terminal.press("ENTER")
    shop.idle(terminal)
    terminal.press("5")
    shop.wait(terminal, "OPERATOR NO")
    key_in(terminal, "0 1", "PASSWORD")
    key_in(terminal, "0 0 0 0", "FACTORY PASSWORD")
    terminal.press("ENTER")
    shop.wait(terminal, "NEW PASSWORD")
    key_in(terminal, "8 3 9 1", "ONCE MORE")
    key_in(terminal, "8 3 9 1", "PASSWORD CHANGED")
    terminal.press("ENTER")
    shop.wait(terminal, "READY")
    shop.check_next_sale(terminal)


def test_who_has_signed_out_sells_nothing_and_the_slip_names_who_sells(terminal: Terminal) -> None:
    operators(terminal, "SIGN OUT")
    shop.wait(terminal, "DONE")
    terminal.press("ENTER")
    shop.wait(terminal, "OPERATOR PLEASE")
    terminal.press("5")
    shop.wait(terminal, "OPERATOR PLEASE")
    terminal.press("ENTER")
    shop.idle(terminal)
    operators(terminal, "SIGN IN")
    shop.wait(terminal, "OPERATOR NO")
    key_in(terminal, "0 3", "PASSWORD")
    key_in(terminal, "0 0 0 0", "FACTORY PASSWORD")
    terminal.press("ENTER")
    shop.wait(terminal, "NEW PASSWORD")
    key_in(terminal, "7 3 9 1", "ONCE MORE")
    key_in(terminal, "7 3 9 1", "PASSWORD CHANGED")
    terminal.press("ENTER")
    shop.wait(terminal, "READY")
    merchant, _ = shop.sell(terminal).slips
    assert "OPERATOR NO:                  03" in merchant


def test_passwords_are_nowhere_on_the_flash(terminal: Terminal) -> None:
    operators(terminal, "ADD OPERATOR")
    supervisor(terminal)
    shop.wait(terminal, "OPERATOR NO")
    terminal.power.cut()
    flash = terminal.emulator.options.state.joinpath("flash.bin").read_bytes()
    assert b'"rounds"' in flash
    assert b"258036" not in flash
    assert b"123456\x00" not in flash
