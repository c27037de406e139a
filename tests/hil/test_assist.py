"""Remote assistance: leave is asked for on the terminal, what is secret is hidden, and everything is written down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tillbench.host.cards import load_profile
from tillbench.host.emulator.assistance import Helper
from tillbench.host.emulator.desk import DeskError
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.state import FLASH_SIZE
from tillbench.host.terminal import Terminal

from bench.wires import runner

from . import shop

EPOCH = datetime(2026, 11, 23, 16, 0, 0)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    options = Options(tmp_path_factory.mktemp("till"), seed=7, epoch=EPOCH, fast_keys=True)
    with Terminal(options, [load_profile(shop.UNIONPAY)]) as terminal:
        shop.wait(terminal, "READY")
        yield terminal


@pytest.fixture
def terminal(shared: Terminal) -> Iterator[Terminal]:
    """Idle, with nobody who helps."""
    yield shared
    shared.desk.told.clear()
    for _ in range(5):
        shared.press("CANCEL")
        if "READY" in shared.screen.text:
            return
    raise AssertionError(shared.screen.text)


def asking(terminal: Terminal, who: str) -> tuple[Helper, list[Any]]:
    """A helper who asks, and the answer when it comes."""
    terminal.screen.turn_page()
    terminal.clock.advance(0.2)  # nobody presses a key twice while two pictures are drawn
    helper = Helper(terminal.desk, who)
    answers = helper.ask()
    shop.wait(terminal, "SEE AND PRESS?")
    return helper, answers


def agreed(terminal: Terminal) -> Helper:
    """A helper to whom the person at the terminal has said yes."""
    helper, answers = asking(terminal, "ANNA")
    terminal.press("ENTER")
    shop.wait(terminal, "CANCEL ENDS HELP")
    assert answers == [{"agreed": True}]
    return helper


def on_glass(terminal: Terminal) -> list[str]:
    return [row.rstrip() for row in terminal.screen.text.split("\n")]


def seen(helper: Helper) -> list[str]:
    rows = [row.rstrip() for row in helper.rows]
    return rows + [""] * (4 - len(rows))


def records(terminal: Terminal, since: int = 0) -> list[list[str]]:
    """Who, what, detail of each record."""
    return [record[2:] for record in terminal.desk.assisted()[since:]]


def test_the_screen_says_who_asks_and_enter_agrees(terminal: Terminal) -> None:
    before = len(records(terminal))
    helper, answers = asking(terminal, "ANNA")
    assert [row.strip() for row in terminal.screen.text.split("\n")] == [
        "REMOTE HELP",
        "ANNA",
        "SEE AND PRESS?",
        "ENTER OR CANCEL",
    ]
    assert helper.rows == []
    assert not answers
    terminal.press("ENTER")
    shop.wait(terminal, "CANCEL ENDS HELP")
    assert seen(helper) == on_glass(terminal)
    assert "REMOTE HELP" in terminal.screen.text
    helper.leave()
    shop.wait(terminal, "READY")
    assert helper.ended == "helper"
    assert records(terminal, before) == [["ANNA", "asked", ""], ["ANNA", "agreed", ""], ["ANNA", "ended", "helper"]]
    time, operator = terminal.desk.assisted()[before][:2]
    assert time.startswith("20261123") and operator == "01"  # noqa: PT018  two halves of one record


@pytest.mark.parametrize(
    ("keys", "why", "written"),
    [("CANCEL", "cancelled", "refused"), ("5", "cancelled", "refused"), ("", "timed_out", "unanswered")],
)
def test_without_consent_there_is_nothing(terminal: Terminal, keys: str, why: str, written: str) -> None:
    before = len(records(terminal))
    helper, answers = asking(terminal, "BOB")
    if keys:
        terminal.press(keys)
    shop.wait(terminal, "READY")
    assert [str(each) for each in answers] == [f"assist: expected consent, found {why!r}"]
    with pytest.raises(DeskError, match="who: expected 1 to 16 ASCII characters, before anything else"):
        helper.press("1")
    assert helper.rows == []
    assert records(terminal, before) == [["BOB", "asked", ""], ["BOB", written, ""]]


def test_a_sale_with_a_helper_who_sees_no_pin_and_presses_none(terminal: Terminal) -> None:
    told: list[dict[str, Any]] = []
    helper = agreed(terminal)
    terminal.desk.told.append(told.append)
    before = len(records(terminal))
    helper.press("1 2 3 4 ENTER")
    shop.wait(terminal, "INSERT CARD")
    assert seen(helper) == on_glass(terminal)
    with pytest.raises(DeskError, match="assist: the terminal is not idle"):
        terminal.desk.ask({"settings": {"language": "zh"}})
    terminal.card.insert(shop.UNIONPAY)
    shop.wait(terminal, "ENTER PIN")
    assert helper.rows == []
    pin = load_profile(shop.UNIONPAY).pin
    terminal.press(" ".join(pin[:3]))
    with pytest.raises(DeskError, match="keys: expected none while something secret is entered, found 2"):
        helper.press("9 ENTER")
    terminal.press(" ".join(pin[3:]) + " ENTER")
    shop.wait(terminal, "APPROVED")
    terminal.clock.advance(0.1)
    assert seen(helper) == on_glass(terminal)
    during = told[told.index({"hidden": True}) : [i for i, each in enumerate(told) if "rows" in each][-1]]
    assert not any("*" in json.dumps(each) or "PIN" in json.dumps(each) for each in during)
    terminal.card.remove()
    terminal.receipt()
    shop.wait(terminal, "TEAR OFF")
    helper.press("ENTER")
    terminal.receipt()
    shop.wait(terminal, "CANCEL ENDS HELP")
    shop.check_books(terminal)
    assert records(terminal, before) == [
        ["ANNA", "keys", "1 2 3 4 ENTER"],
        ["ANNA", "keys refused", "2"],
        ["ANNA", "keys", "ENTER"],
    ]


def test_what_a_helper_typed_ahead_does_not_go_into_a_password(terminal: Terminal) -> None:
    helper = agreed(terminal)
    helper.press("MENU 2 1 1 1")  # a void asks for the supervisor's password
    shop.wait(terminal, "SUPERVISOR PASS")
    terminal.clock.advance(1)
    assert "*" not in terminal.screen.text
    assert helper.rows == []


def test_cancel_on_the_keypad_ends_it_in_the_middle_of_anything(terminal: Terminal) -> None:
    helper = agreed(terminal)
    helper.press("1 ENTER")
    shop.wait(terminal, "INSERT CARD")
    helper.press("CANCEL")
    shop.wait(terminal, "CANCEL ENDS HELP")
    assert helper.ended is None
    helper.press("1 ENTER")
    shop.wait(terminal, "INSERT CARD")
    terminal.press("CANCEL")
    assert helper.ended == "cancelled"
    rows = helper.rows
    shop.wait(terminal, "READY")
    assert helper.rows == rows == []
    with pytest.raises(DeskError):
        helper.press("1")


def test_a_helper_who_is_silent_or_only_looks_is_let_go(terminal: Terminal) -> None:
    helper = agreed(terminal)
    terminal.clock.advance(9)
    helper.stay()
    terminal.clock.advance(9)
    assert helper.ended is None
    terminal.clock.advance(2)
    assert helper.ended == "silent"
    helper = agreed(terminal)
    for _ in range(38):
        terminal.clock.advance(8)
        if helper.ended is None:
            helper.stay()
    assert helper.ended == "unused"


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"keys": ["1"] * 9}, "keys: expected a list of 1 to 8"),
        ({"keys": ["POWER"]}, "keys: expected digits, \\* # or CLEAR, ENTER"),
        ({"keys": [1]}, "keys: expected digits"),
        ({"who": "EVE"}, "assist: expected keys, here or end"),
        ([], "assist: expected keys, here or end"),
    ],
)
def test_a_wish_that_makes_no_sense_does_nothing(terminal: Terminal, wish: Any, problem: str) -> None:
    agreed(terminal)
    before = records(terminal)
    with pytest.raises(DeskError, match=problem):
        terminal.desk.ask({"assist": wish})
    assert records(terminal) == before


def test_a_name_that_could_deceive_is_refused(terminal: Terminal) -> None:
    for who in ("", "  ", "A" * 17, "A\tB", "安娜"):
        with pytest.raises(DeskError, match="who: expected 1 to 16 ASCII"):
            terminal.desk.ask({"assist": {"who": who}})


def test_nobody_who_has_not_signed_on_can_agree(terminal: Terminal) -> None:
    before = len(records(terminal))
    terminal.menu("MANAGEMENT", "OPERATORS", "SIGN OUT")
    shop.wait(terminal, "OPERATOR PLEASE")
    with pytest.raises(DeskError, match="assist: expected an operator who has signed on, found 'nobody'"):
        terminal.desk.ask({"assist": {"who": "ANNA"}})
    assert records(terminal, before) == []
    terminal.power.cut()
    terminal.power.restore()
    shop.wait(terminal, "READY")


def test_a_power_cut_ends_it(terminal: Terminal) -> None:
    helper = agreed(terminal)
    terminal.power.cut()
    terminal.power.restore()
    shop.wait(terminal, "READY")
    with pytest.raises(DeskError, match="before anything else"):
        helper.stay()


def test_a_helper_cannot_use_up_the_room_that_sales_need(terminal: Terminal, tmp_path: Path) -> None:
    """With less than twice the journal's reserve on flash nobody is asked and no key is taken; a sale is still made."""
    terminal.power.cut()
    with runner(tmp_path) as device:
        device.call("journal_probe:fill", str(terminal.emulator.state.flash.resolve()), FLASH_SIZE, 44_000)
    terminal.power.restore()
    shop.wait(terminal, "READY")
    helper = agreed(terminal)

    def press_on() -> None:
        for _ in range(200):
            helper.press("CLEAR CLEAR CLEAR CLEAR CLEAR CLEAR CLEAR CLEAR")

    with pytest.raises(DeskError, match="flash: expected to take it, found 'error 28'"):
        press_on()
    helper.leave()
    shop.wait(terminal, "READY")
    with pytest.raises(DeskError, match="flash: expected to take it, found 'error 28'"):
        terminal.desk.ask({"assist": {"who": "ANNA"}})
    assert shop.sell(terminal).approved
