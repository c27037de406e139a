"""The battery, as the shop sees it: a sign on the idle screen, a word when it is nearly empty, two lines of health."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.hil.plugin import EPOCH
from tillbench.host.devices.battery import Divider
from tillbench.host.emulator.emulator import Options
from tillbench.host.terminal import Terminal

from . import business, shop


def shown_after(terminal: Terminal, minutes: int) -> tuple[str, str]:
    """State and status row of the idle screen."""
    terminal.clock.advance(60 * minutes)
    rows = terminal.screen.text.splitlines()
    return rows[1].strip(), rows[2][10:].strip()


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Terminal]:
    """One that runs from the mains."""
    with business.open_shop(tmp_path, shop.UNIONPAY) as terminal:
        yield terminal


@pytest.fixture
def till_options(tmp_path: Path) -> Options:
    return Options(tmp_path / "till", seed=7, epoch=EPOCH, battery=4_150)


def test_a_battery_is_noticed_at_the_next_start(till: Terminal) -> None:
    till.battery.insert(3_900)
    assert shown_after(till, 1) == ("READY", "↔ ·"), "it was started without one"
    assert "battery_mv" not in till.desk.ask({"health": {}})
    till.power.cut()
    till.power.restore()
    till.screen.wait_text("READY")
    assert shown_after(till, 0)[1][0] == "▆"


def test_what_the_battery_does_is_seen(terminal: Terminal) -> None:
    assert shown_after(terminal, 0)[1][0] == "▇"
    signs = []
    for mv in (4_150, 3_900, 3_700, 3_600):
        terminal.battery.insert(mv)
        signs.append(shown_after(terminal, 1))
    assert signs == [("READY", f"{sign} ↔ ·") for sign in "▇▆▄▂"]
    terminal.battery.insert(3_300)
    assert shown_after(terminal, 1) == ("BATTERY LOW", "! ↔ ·")
    assert shop.sell(terminal).approved, "it is told, and nothing else"
    terminal.battery.insert(3_900)
    terminal.battery.set_divider(Divider.UPPER_OFF)
    assert shown_after(terminal, 2)[1][0] == "?"
    health = terminal.desk.ask({"health": {}})
    assert health["battery_mv"] == 3_300
    assert health["battery_faults"] >= 2
    terminal.battery.set_divider(Divider.GOOD)
    assert shown_after(terminal, 1)[1][0] == "▆"
    terminal.menu("MANAGEMENT", "DEVICE", "HEALTH")
    pages = []
    for _ in range(8):
        pages.append(terminal.screen.text)
        terminal.press("DOWN")
    assert any("BATTERY MV 3900" in page for page in pages)
    with pytest.raises(ValueError, match="expected 1 to 4500 mV, found 9000"):
        terminal.battery.insert(9_000)
