"""Forks from a prepared state: on QEMU everything can be put back, and goes the same way again to the byte."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from tillbench.hil.targets import require
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.snapshot import NoSnapshot
from tillbench.host.terminal import Terminal
from tillbench.protocols.link import Channel

from . import shop

EPOCH = datetime(2026, 11, 23, 16, 0, 0)
Said = list[tuple[str, Channel, bytes]]


def new_terminal(state: Path, target: str = "qemu") -> Terminal:
    """A terminal that is still off."""
    return Terminal(Options(state, target=target, seed=7, epoch=EPOCH, fast_keys=True))


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One for all forks: signed on and idle."""
    require("qemu")
    with new_terminal(tmp_path_factory.mktemp("snapshots")) as terminal:
        terminal.screen.wait_text("READY")
        yield terminal


def listen(terminal: Terminal) -> Said:
    """From now on, everything that is said on the link."""
    said: Said = []
    terminal.emulator.bench.on_message = lambda *message: said.append(message)
    return said


@pytest.mark.one_in(2)
def test_both_forks_of_a_sale_are_the_same_to_the_byte(terminal: Terminal) -> None:
    idle = terminal.snapshot()
    runs = []
    for _ in range(2):
        said = listen(terminal)
        outcome = shop.sell(terminal)
        assert outcome.approved
        shop.check_books(terminal)
        runs.append((list(said), outcome, shop.movements(terminal), terminal.clock.now_s, len(terminal.screen.frames)))
        terminal.power.cut()  # so each fork begins in a process of its own
        terminal.restore(idle)
        assert (shop.movements(terminal), shop.spent(terminal)) == ([], 0)
    assert runs[0] == runs[1]
    assert len(runs[0][0]) > 300


def test_forks_with_the_card_read(terminal: Terminal) -> None:
    shop.key_in(terminal)
    assert "ENTER PIN" in shop.present(terminal)
    asked = terminal.snapshot()
    runs = []
    for keys in ("1 2 3 4 5 6 ENTER", "CANCEL", "1 2 3 4 5 6 ENTER"):
        said = listen(terminal)
        terminal.press(keys)
        runs.append((shop.wait(terminal, *shop.DECIDED, "NOT DONE"), list(said)))
        terminal.restore(asked)
        assert terminal.card.inserted is not None
        assert "ENTER PIN" in terminal.screen.text
    assert ["NOT APPROVED" in shown for shown, _ in runs] == [False, True, False]
    assert runs[0] == runs[2]


def test_what_cannot_be_kept_says_why(tmp_path: Path) -> None:
    terminal = new_terminal(tmp_path / "state", "unix")
    with pytest.raises(NoSnapshot, match="the power is off"):
        terminal.snapshot()
    with terminal, pytest.raises(NoSnapshot, match="unix cannot be kept as it is: snapshots need target qemu"):
        terminal.snapshot()
    elsewhere = Terminal(Options(tmp_path / "elsewhere", seed=7, acquirer=("127.0.0.1", 9)))
    with pytest.raises(NoSnapshot, match="an acquirer elsewhere"):
        elsewhere.snapshot()
