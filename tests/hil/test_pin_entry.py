"""PIN entry: left out where that is allowed, and never quicker one after the other than is allowed."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from tillbench.hil.plugin import EPOCH
from tillbench.host.emulator.emulator import Options
from tillbench.host.terminal import Terminal

from . import shop

PARAMETERS = Path(__file__).parents[2] / "firmware" / "terminal" / "parameters.py"
MENU_LINES = 9


@pytest.fixture
def till_options(tmp_path: Path) -> Options:
    return Options(tmp_path / "till", seed=7, epoch=EPOCH, fast_keys=True)


def test_left_out_and_too_soon(terminal: Terminal) -> None:
    shop.key_in(terminal)
    shop.present(terminal)
    terminal.press("ENTER")
    shop.wait(terminal, "PIN REQUIRED")
    terminal.press("CANCEL")
    shop.finish(terminal, shop.wait(terminal, "NOT APPROVED"))

    terminal.desk.ask({"settings": {"pin_bypass": 1, "pin_interval_ms": 20000}})
    shop.key_in(terminal)
    terminal.card.insert(shop.UNIONPAY)
    shop.wait(terminal, "PLEASE WAIT")
    waited_from = terminal.clock.now_s
    terminal.press("1 2 3 4")  # too soon: forgotten, and no part of the PIN
    assert "NONE" in shop.wait(terminal, "ENTER=OK OR NONE")
    assert 10 < terminal.clock.now_s - waited_from < 20
    assert "*" not in terminal.screen.text
    terminal.press("ENTER")
    shown = shop.wait(terminal, *shop.DECIDED)
    shop.finish(terminal, shown)
    requests = [exchange.request for exchange in terminal.acquirer.journal("0200")]
    if requests:  # what comes of it is the card's rule and the issuer's decision
        assert requests[-1] is not None
        assert 52 not in requests[-1].fields
        assert requests[-1].text(22).endswith("2")


def test_no_group_of_settings_is_longer_than_a_menu() -> None:
    groups = Counter(re.findall(r'^    "\w+ (setup_\w+) \d+ \d+\\n"$', PARAMETERS.read_text(), re.MULTILINE))
    assert len(groups) >= 7
    assert max(groups.values()) <= MENU_LINES, groups
