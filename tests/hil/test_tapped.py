"""A terminal with real parts, watched over its port: a whole sale as the bench sees it is what went to the parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.hil import checks
from tillbench.host.boards.board_map import WATCHED
from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.devices.keypad import KeyEvent
from tillbench.host.devices.slot_tap import masked
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.tapped import ByHand
from tillbench.host.emulator.timeline import Entry, Timeline
from tillbench.host.terminal import Terminal

from tests.device.tapped_rig import AcquirerHost, World, tapped_board

CARD = "unionpay-debit"
KEY_5 = "1 1"
PATIENCE_S = 60.0


def without_le(command: bytes) -> bytes:
    """At T=0 a command that has data does not take its Le along."""
    return command[: 5 + command[4]] if len(command) > 5 else command


@pytest.fixture
def card() -> VirtualCard:
    return VirtualCard(load_profile(CARD))


@pytest.fixture
def host(tmp_path: Path, card: VirtualCard) -> Iterator[AcquirerHost]:
    made = AcquirerHost(tmp_path, [card])
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def till_options(tmp_path: Path, host: AcquirerHost, world: World) -> Iterator[Options]:
    """The terminal of the plugin's fixtures is on the board then, as with `--till-target tapped:PORT`."""
    board = tapped_board(tmp_path, host.port)
    yield Options(tmp_path / "bench", target=f"tapped:{board.name}", seed=1)
    board.close()


@pytest.mark.timeout(180)  # on the computer's clock
def test_what_the_map_calls_real_is_asked_of_the_board(
    tmp_path: Path, host: AcquirerHost, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    del world
    board = tapped_board(tmp_path, host.port)
    well = checks.link(f"tapped:{board.name}", ("display", "card", "stripe"))
    assert well.ok, well
    monkeypatch.setattr(checks, "WATCHED", (*WATCHED, "stripe"))
    other = checks.link(f"tapped:{board.name}", ("display", "card", "stripe"))
    board.close()
    assert str(other) == "NO  link: real by the map and not watched by the board: stripe"


@pytest.mark.timeout(180)  # on the computer's clock
def test_a_sale_is_watched(
    terminal: Terminal, world: World, host: AcquirerHost, card: VirtualCard, tmp_path: Path
) -> None:
    said: list[tuple[bytes, bytes]] = []
    card.on_exchange = lambda command, response: said.append((masked(command), response))
    keys: list[KeyEvent] = []
    terminal.emulator.key_listeners.append(keys.append)
    entries: list[Entry] = []
    Timeline(terminal.emulator).listeners.append(entries.append)
    finger = tmp_path / "finger"

    finger.write_text(KEY_5)
    terminal.screen.wait_text("0.05", timeout_s=PATIENCE_S)
    finger.unlink()
    assert ("5", "pressed") in [(event.key, event.action) for event in keys]
    terminal.press("0 0 ENTER")
    terminal.screen.wait_text("INSERT CARD", timeout_s=PATIENCE_S)
    world.insert(card)
    terminal.screen.wait_text("ENTER PIN", timeout_s=PATIENCE_S)
    del keys[:]
    finger.write_text(KEY_5)
    terminal.screen.wait_text("*", timeout_s=PATIENCE_S)
    finger.unlink()
    assert {event.key for event in keys} == {"*"}
    terminal.press("CLEAR " + " ".join(card.profile.pin) + " ENTER")
    terminal.screen.wait_text("APPROVED", timeout_s=PATIENCE_S)
    world.remove()
    slip = terminal.receipt(PATIENCE_S)
    assert "5.00" in slip.text

    assert terminal.emulator.panel.pixels() == world.glass()
    assert slip.text == world.printer.receipts()[0].text
    seen = [(without_le(each.command), each.response) for each in terminal.emulator.slot.exchanges]
    assert seen == [(without_le(command), response) for command, response in said]
    assert len(said) > 10
    assert {"screen", "card", "keys"} <= {entry.wire for entry in entries}
    assert [entry.booked for entry in host.acquirer.ledger.transactions(kind="sale")] == [-500]
    with pytest.raises(ByHand, match="put the card in by hand"):
        terminal.card.insert(CARD)
