"""The setup menu: every setting can be reached, what cannot be is refused, what was set stays."""

from __future__ import annotations

from tillbench.host.terminal import Terminal

from . import shop

ADMIN = "5 8 3 0 2 9 6 4"


def open_setup(terminal: Terminal) -> None:
    terminal.menu("MANAGEMENT", "SETUP")
    shop.wait(terminal, "ADMIN PASSWORD")
    terminal.press("1 2 3 4 5 6 7 8 ENTER")
    shop.wait(terminal, "FACTORY PASSWORD")
    terminal.press("ENTER")
    for _ in range(2):
        terminal.press(f"{ADMIN} ENTER")
    shop.wait(terminal, "PASSWORD CHANGED")
    terminal.press("ENTER")


def test_a_number_is_set_and_stays(terminal: Terminal) -> None:
    open_setup(terminal)
    terminal.choose("TIMES", "KEY TIME MS")
    assert "1000..600000" in shop.wait(terminal, "60000")
    terminal.press("9 9 9 ENTER")
    shop.wait(terminal, "OUT OF RANGE")
    terminal.press("CLEAR CLEAR CLEAR 5 0 0 0 ENTER")
    shop.wait(terminal, "DONE")
    terminal.press("ENTER CANCEL CANCEL")
    shop.idle(terminal)
    terminal.power.cut()
    terminal.power.restore()
    shop.idle(terminal)
    terminal.press("5")
    before = terminal.clock.now_s
    shop.wait(terminal, "TIME IS OVER")
    assert 4.5 < terminal.clock.now_s - before < 6


def test_two_settings_that_do_not_go_together_are_refused(terminal: Terminal) -> None:
    open_setup(terminal)
    terminal.choose("TRANSACTIONS", "PIN SHORTEST")
    terminal.press("1 2 ENTER")
    shop.wait(terminal, "DONE")
    terminal.press("ENTER")
    terminal.choose("PIN LONGEST")
    terminal.press("6 ENTER")
    shop.wait(terminal, "NOT POSSIBLE")


def test_a_choice_and_a_switch(terminal: Terminal) -> None:
    open_setup(terminal)
    terminal.choose("LINE", "HOST NAME")
    terminal.press("1 9 2 * 0 * 2 * 1 ENTER")
    shop.wait(terminal, "192.0.2.1")
    shop.wait(terminal, "DONE")
    terminal.press("ENTER")
    terminal.choose("PORT")
    terminal.press("8 4 4 3 ENTER")
    shop.wait(terminal, "DONE")
    terminal.press("ENTER CANCEL")
    terminal.choose("PRINTER", "PRINTER FONT", "B")
    shop.wait(terminal, "DONE")
    terminal.press("ENTER")
    terminal.choose("QR ON SLIPS", "YES")
    shop.wait(terminal, "DONE")
    terminal.press("ENTER CANCEL CANCEL")
    shop.idle(terminal)
    merchant, _ = shop.sell(terminal).slips
    assert "-" * 42 in merchant
    assert "[image" in merchant


def test_letters_are_set_over_the_link(terminal: Terminal) -> None:
    open_setup(terminal)
    terminal.choose("SHOP", "SHOP NAME")
    assert "TILLBENCH TEST S" in shop.wait(terminal, "SET OVER LINK")


def test_the_language_changes_at_once_and_stays(terminal: Terminal) -> None:
    terminal.menu("MANAGEMENT", "DEVICE", "LANGUAGE 语言", "中文")
    shop.wait(terminal, "中文")
    terminal.press("ENTER")
    shop.wait(terminal, "输金额或按菜单键")
    terminal.power.cut()
    terminal.power.restore()
    shop.wait(terminal, "输金额或按菜单键")
    terminal.menu("管理", "设备", "语言 LANGUAGE", "ENGLISH")
    terminal.press("ENTER")
    shop.idle(terminal)
