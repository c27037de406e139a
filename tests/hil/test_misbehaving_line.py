"""A line that misbehaves in steered time: no amount is lost or doubled, and the same seed does the same again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tillbench.host.emulator.emulator import Options
from tillbench.host.line import Entry
from tillbench.host.terminal import Terminal

from . import shop


def test_an_answer_that_never_comes_is_reversed(terminal: Terminal) -> None:
    terminal.line.misbehave(message="0210", messages=[1], drop=1)
    shop.sell(terminal)
    terminal.line.misbehave()
    assert shop.sell(terminal).approved
    terminal.acquirer.expect("0400", code="00", count=1)
    shop.check_books(terminal)
    faults = [(entry.message_class, entry.faults) for entry in terminal.line.record.entries if entry.faults]
    assert faults == [("0210", ("drop",))]


def test_a_request_sent_twice_by_the_line_is_booked_once(terminal: Terminal) -> None:
    terminal.line.misbehave(message="0200", duplicate=1)
    assert shop.sell(terminal).approved
    assert [exchange.code for exchange in terminal.acquirer.journal("0200")] == ["00", "94"]
    shop.check_books(terminal)


@pytest.mark.parametrize("rule", [{"split": {"pieces": 9, "gap_ms": 300}}, {"delay": {"ms": 4000}}])
def test_a_bad_line_that_loses_nothing_is_borne(terminal: Terminal, rule: dict[str, Any]) -> None:
    terminal.line.misbehave(**rule)
    assert shop.sell(terminal).approved
    assert terminal.acquirer.journal("0400") == []


def seconds_to_decide(terminal: Terminal) -> float:
    """From the PIN to the result."""
    shop.key_in(terminal)
    shop.present(terminal)
    shop.enter_pin(terminal)
    asked_at = terminal.clock.now_s
    shown = shop.wait(terminal, *shop.DECIDED)
    took = terminal.clock.now_s - asked_at
    assert shop.finish(terminal, shown).approved
    return took


def test_1200_baud(terminal: Terminal) -> None:
    fast = seconds_to_decide(terminal)
    terminal.line.misbehave({"baud": 1200})
    # Some 280 bytes go there and 150 come back, at 120 bytes a second.
    assert 3 < seconds_to_decide(terminal) - fast < 6


def a_bad_day(folder: Path) -> list[Entry]:
    with Terminal(Options(folder, seed=11, epoch=datetime(2026, 11, 23, 16), fast_keys=True)) as terminal:
        terminal.screen.wait_text("READY")
        terminal.line.misbehave(drop=0.2, duplicate=0.2, delay=0.3, split=0.3)
        for _ in range(4):
            shop.sell(terminal)
        terminal.line.misbehave()
        assert shop.sell(terminal).approved
        shop.check_books(terminal)
        return list(terminal.line.record.entries)


def test_the_same_seed_makes_the_same_bad_day(tmp_path: Path) -> None:
    first = a_bad_day(tmp_path / "one")
    assert any(entry.faults for entry in first)
    assert first == a_bad_day(tmp_path / "two")
