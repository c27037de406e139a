"""A terminal without keys is led through its commissioning, whatever interrupts it, and sells nothing before it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tillbench.hil.plugin import EPOCH
from tillbench.host.cards import load_profile
from tillbench.host.emulator.emulator import Options
from tillbench.host.terminal import Terminal

from . import shop
from .care_steps import ADMIN, SUPERVISOR, enter_component, load_by_components, pass_gate, pass_over_to, step

STEPS = (
    "LANGUAGE",
    "DATE, TIME",
    "SCREEN",
    "KEYPAD",
    "PRINTER TEST",
    "SHOP",
    "LINE TEST",
    "LOAD KEY",
    "ECHO TEST",
    "SIGN ON",
    "TEST SALE",
)


@pytest.fixture
def till_options(tmp_path: Path) -> Options:
    return Options(tmp_path / "till", seed=7, epoch=EPOCH, prepared=False, fast_keys=True)


@pytest.fixture
def fresh(till_options: Options) -> Terminal:
    """Not switched on yet."""
    return Terminal(till_options, [load_profile(shop.UNIONPAY)])


def test_from_the_first_start_to_the_test_sale_with_a_power_cut_at_every_step(fresh: Terminal) -> None:
    with fresh:
        for number, name in enumerate(STEPS, 1):
            shown = step(fresh, number, name)
            fresh.power.cut()
            fresh.power.restore()
            assert step(fresh, number, name) == shown
            DEEDS[name](fresh)
        shop.wait(fresh, "READY TO SELL")
        fresh.press("ENTER")
        shop.wait(fresh, "READY")
        fresh.power.cut()
        fresh.power.restore()
        shop.wait(fresh, "READY")
        shop.check_next_sale(fresh)
        assert fresh.desk.ask({"settings": {}})["merchant"] == "898110053110001"


def language(terminal: Terminal) -> None:
    terminal.press("ENTER")
    terminal.choose("中文")
    shop.wait(terminal, "中文")
    terminal.press("ENTER")
    assert "日期时间" in shop.wait(terminal, "安装调试 2/11")
    terminal.press("UP")
    shop.wait(terminal, "1/11")
    terminal.press("ENTER")
    terminal.choose("ENGLISH")
    terminal.press("ENTER")


def date(terminal: Terminal) -> None:
    terminal.press("ENTER")
    assert "20261123" in shop.wait(terminal, "DAY YYYYMMDD")
    terminal.press("2 0 2 7 0 2 2 9 ENTER")
    shop.wait(terminal, "NO SUCH DATE")
    terminal.press("CLEAR 8 ENTER")
    shop.wait(terminal, "TIME HHMM")
    terminal.press("0 9 3 0 ENTER")


def screen(terminal: Terminal) -> None:
    terminal.press("ENTER ENTER ENTER ENTER")
    shop.wait(terminal, "ALL DOTS SEEN")
    terminal.press("ENTER")


def keypad(terminal: Terminal) -> None:
    terminal.press("ENTER")
    shop.wait(terminal, "1234567890*#")
    terminal.press("1 2 3 4 5 6 7 8 9 0 * # CLEAR ENTER MENU FN UP DOWN FEED")
    shop.wait(terminal, "PASSED")
    terminal.press("ENTER")


def printer(terminal: Terminal) -> None:
    terminal.press("ENTER")
    assert "PRINTER TEST" in terminal.receipt().text


def numbers(terminal: Terminal) -> None:
    terminal.press("ENTER")
    pass_gate(terminal, "ADMIN PASSWORD", "1 2 3 4 5 6 7 8", ADMIN)
    shop.wait(terminal, "MERCHANT NO")
    terminal.press("ENTER")
    shop.wait(terminal, "TERMINAL NO")
    terminal.press("ENTER")


def passes(terminal: Terminal) -> None:
    terminal.press("ENTER")
    shop.wait(terminal, "PASSED")
    terminal.press("ENTER")


def load_key(terminal: Terminal) -> None:
    terminal.press("DOWN")
    assert "SKIP" not in terminal.screen.text, "nothing works without a key"
    load_by_components(terminal, "1 2 3 4 5 6")


def sign_on(terminal: Terminal) -> None:
    terminal.press("ENTER")
    shop.wait(terminal, "SIGNED ON")
    terminal.press("ENTER")


def test_sale(terminal: Terminal) -> None:
    terminal.press("ENTER")
    shop.wait(terminal, "AMOUNT")
    assert "APPROVED" in shop.decide(terminal, amount=1)
    terminal.card.remove()
    shop.take_slips(terminal)


test_sale.__test__ = False  # type: ignore[attr-defined]  # pytest reads it
DEEDS = dict(
    zip(
        STEPS,
        (language, date, screen, keypad, printer, numbers, passes, load_key, passes, sign_on, test_sale),
        strict=True,
    )
)


def test_nothing_is_sold_before_it(fresh: Terminal) -> None:
    with fresh:
        step(fresh, 1, "LANGUAGE")
        fresh.press("CANCEL")
        shop.wait(fresh, "COMMISSION FIRST")
        fresh.menu("SALE")
        assert "NOT APPROVED" in shop.wait(fresh, "COMMISSION FIRST")
        fresh.press("ENTER")
        shop.idle(fresh)
        fresh.menu("MANAGEMENT", "SIGN ON")
        shop.wait(fresh, "NO MASTER KEY")
        fresh.press("ENTER")
        assert fresh.acquirer.journal() == []
        # Any digit brings the guide back.
        shop.idle(fresh)
        fresh.press("1")
        step(fresh, 1, "LANGUAGE")


def test_a_component_with_a_wrong_digit_is_seen_by_its_check_value(fresh: Terminal) -> None:
    first, second = fresh.key_holders.components()
    with fresh:
        pass_over_to(fresh, 8, "LOAD KEY")
        fresh.press("ENTER")
        fresh.choose("2 COMPONENTS")
        pass_gate(fresh, "SUPERVISOR PASS", "1 2 3 4 5 6", SUPERVISOR)
        shop.wait(fresh, "COMPONENT 1")
        keys = fresh.key_holders.keys_for(first).split()
        wrong = ["9" if keys[0] != "9" else "8", *keys[1 if keys[0] != "UP" else 2 :]]
        fresh.press(" ".join(wrong[:-1]) + " ENTER")
        shop.wait(fresh, "MORE DIGITS")
        fresh.press(f"{wrong[-1]} ENTER")
        assert first.check_value not in shop.wait(fresh, "ENTER=OK CLR=NO")
        fresh.press("CLEAR")
        shop.wait(fresh, "0/32")
        enter_component(fresh, first)
        pass_gate(fresh, "ADMIN PASSWORD", "1 2 3 4 5 6 7 8", ADMIN)
        shop.wait(fresh, "COMPONENT 2")
        fresh.press("CANCEL")
        step(fresh, 8, "LOAD KEY")
        assert second.check_value not in "".join(frame.text for frame in fresh.screen.frames)
    assert fresh.emulator.vaults.keys == {}


def test_three_components_and_a_loader_give_the_same_key_and_a_weak_one_is_refused(fresh: Terminal) -> None:
    expected = fresh.emulator.master_key
    with fresh:
        pass_over_to(fresh, 8, "LOAD KEY")
        load_by_components(fresh, "1 2 3 4 5 6", 3, "1 2 3 4 5 6 7 8")
        assert fresh.emulator.vaults.keys == {"TMK": expected}
        fresh.emulator.vaults.erase()
        step(fresh, 9, "ECHO TEST")
        for key, said in ((None, "NO KEY LOADER"), (bytes(range(8)) * 2, "KEY IS WEAK"), (expected, "CHECK VALUE")):
            if key:
                fresh.key_holders.plug_in_loader(key)
            fresh.press("CANCEL")
            shop.idle(fresh)
            fresh.menu("MANAGEMENT", "DEVICE", "LOAD KEY")
            fresh.choose("KEY LOADER")
            pass_gate(fresh, "SUPERVISOR PASS", SUPERVISOR)
            pass_gate(fresh, "ADMIN PASSWORD", ADMIN)
            shop.wait(fresh, said)
            fresh.press("ENTER")
        shop.wait(fresh, "KEY LOADED")
        assert fresh.emulator.vaults.keys == {"TMK": expected}
