"""The first start of a terminal: its flash is made, and it signs on; the power may fail at any moment of that."""

from __future__ import annotations

from pathlib import Path

import pytest
from tillbench.host.cards import load_profile
from tillbench.host.emulator.death import FlashDamaged
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.state import StateDir
from tillbench.host.terminal import Terminal

from . import shop

FLASH_OPERATIONS = 60
"""More than formatting and sign-on take."""


def new_terminal(state: Path) -> Terminal:
    return Terminal(Options(state, seed=7), [load_profile(shop.UNIONPAY)])


def start(terminal: Terminal) -> None:
    shop.wait(terminal, "READY")


@pytest.mark.parametrize("remainder", [0, 1])
def test_power_cut_in_every_flash_operation(tmp_path: Path, remainder: int) -> None:
    cuts = 0
    for after_writes in range(2 - remainder, FLASH_OPERATIONS, 2):
        terminal = new_terminal(tmp_path / str(after_writes))
        terminal.power.cut(after_writes=after_writes)
        try:
            terminal.__enter__()
            start(terminal)
            break
        except shop.PowerGone:
            terminal.power.restore()
            start(terminal)
            cuts += 1
        finally:
            terminal.emulator.close()
    else:
        pytest.fail(f"it takes more than {FLASH_OPERATIONS} flash operations: count further")
    assert cuts >= 5


def test_twice_cut_off(tmp_path: Path) -> None:
    """In the first making of the file system, and in the second."""
    for second in (1, 3):
        terminal = new_terminal(tmp_path / str(second))
        for after_writes in (3, second):
            terminal.power.cut(after_writes=after_writes)
            with pytest.raises(shop.PowerGone), terminal:
                start(terminal)
        terminal.power.restore()
        start(terminal)
        shop.check_next_sale(terminal)
        terminal.emulator.close()


@pytest.mark.parametrize("damage", [b"\x00" * 4096, b"not a file system", b"tillbench: this flash is being"])
def test_damaged_flash_is_not_formatted_away(tmp_path: Path, damage: bytes) -> None:
    with new_terminal(tmp_path / "till") as terminal:
        start(terminal)
        terminal.power.cut()
        flash = StateDir(tmp_path / "till").flash
        content = flash.read_bytes()
        ruined = (damage * 8192)[:8192] + content[8192:]
        flash.write_bytes(ruined)
        terminal.power.restore()
        with pytest.raises(FlashDamaged, match="no LittleFS"):
            start(terminal)
    assert flash.read_bytes() == ruined
