"""The acquirer is away: the terminal says so, owes nothing, and sells again when it is back."""

from __future__ import annotations

from pathlib import Path

from tillbench.host.emulator.emulator import Options
from tillbench.host.terminal import Terminal
from tillbench.protocols.iso8583 import UNIONPAY, framing

from . import shop


def test_away(terminal: Terminal) -> None:
    shop.line(terminal).up = False
    outcome = shop.sell(terminal)
    assert "NOT APPROVED" in outcome.screen
    assert "NO LINE" in outcome.screen
    assert "REVERSAL" not in outcome.screen
    assert "READY" in terminal.screen.text, "nothing is owed"
    assert terminal.acquirer.journal("0200") == []
    shop.line(terminal).up = True
    shop.check_next_sale(terminal)
    assert terminal.acquirer.journal("0400") == []


def test_away_after_a_restart(terminal: Terminal) -> None:
    shop.line(terminal).up = False
    shop.sell(terminal)
    terminal.power.cut()
    terminal.power.restore()
    terminal.screen.wait_text("READY")
    shop.line(terminal).up = True
    shop.check_next_sale(terminal)
    assert terminal.acquirer.journal("0400") == []


def test_hangs_up_before_the_request_arrives(terminal: Terminal) -> None:
    """The connection was up, so the terminal cannot know what arrived: it reverses, and the host knows of no sale."""
    shop.key_in(terminal)
    shop.present(terminal)
    shop.enter_pin(terminal)
    shop.wait(terminal, "WAITING FOR HOST")
    shop.line(terminal).up = False
    shown = shop.wait(terminal, *shop.DECIDED)
    assert "REVERSAL PENDING" in shop.finish(terminal, shown).screen
    shop.line(terminal).up = True
    assert shop.sell(terminal).approved
    terminal.acquirer.expect("0400", code="25", count=1)
    assert shop.movements(terminal) == [("reversal", 0), ("sale", -1234)]
    shop.check_books(terminal)


def test_away_at_the_first_sign_on(tmp_path: Path) -> None:
    with Terminal(Options(tmp_path / "till", seed=7)) as terminal:
        shop.line(terminal).up = False
        terminal.screen.wait_text("NO LINE")
        terminal.screen.wait_text("SIGN ON FIRST")
        terminal.press("1")
        shown = terminal.screen.wait_any(*shop.DECIDED).text
        assert "SIGN ON FIRST" in shown
        shop.idle(terminal)
        shop.line(terminal).up = True
        terminal.menu("MANAGEMENT", "SIGN ON")
        terminal.screen.wait_text("SIGNED ON")
        terminal.screen.wait_text("READY")
        shop.check_next_sale(terminal)


def test_keys_exchanged_behind_its_back(terminal: Terminal) -> None:
    """The host has new working keys, the terminal old ones: it is told to sign on, and then can sell."""
    sign_on = terminal.acquirer.journal("0800")[-1].request
    assert sign_on is not None
    frame = framing.build(bytes.fromhex("6000030000"), "603100310000", UNIONPAY.encode(sign_on))
    assert len(terminal.acquirer.connect().feed(frame)) == 1
    assert not shop.sell(terminal).approved
    terminal.screen.wait_text("READY")
    assert shop.sell(terminal).approved
    assert shop.spent(terminal) == 1234
    shop.check_books(terminal)
