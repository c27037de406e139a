"""The case is opened: no key survives it, nothing is sold before a new commissioning, and nothing owed is forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tillbench.hil.plugin import EPOCH
from tillbench.host import secrets_search
from tillbench.host.cards import load_profile
from tillbench.host.emulator.emulator import Options
from tillbench.host.secrets_search import find, find_in_files
from tillbench.host.terminal import Terminal

from . import shop
from .care_steps import load_by_components, pass_gate, pass_over_to, step
from .flash_reader import read_flash
from .forger import master_key, working_keys
from .process_memory import HAS_MEMORY, memory

OPENED = "CASE WAS OPENED"


@pytest.fixture
def till_options(tmp_path: Path) -> Options:
    return Options(tmp_path / "till", seed=7, epoch=EPOCH, fast_keys=True)


def shut_and_read(terminal: Terminal) -> None:
    """The case is shut again, and somebody has read what the screen says."""
    terminal.clock.advance(0.5)
    assert OPENED in terminal.screen.text
    assert "KEYS ARE WIPED" in terminal.screen.text
    terminal.tamper.close()
    terminal.clock.advance(0.1)
    terminal.press("ENTER")


def commission(terminal: Terminal, factory: bool = True) -> None:
    """From the first step to the sign-on, with the key from a loader."""
    terminal.key_holders.plug_in_loader()
    pass_over_to(terminal, 8, "LOAD KEY")
    terminal.press("ENTER")
    terminal.choose("KEY LOADER")
    if factory:
        pass_gate(terminal, "SUPERVISOR PASS", "1 2 3 4 5 6", "2 5 8 0 3 6")
        pass_gate(terminal, "ADMIN PASSWORD", "1 2 3 4 5 6 7 8", "5 8 3 0 2 9 6 4")
    shop.wait(terminal, "CHECK VALUE")
    terminal.press("ENTER")
    shop.wait(terminal, "KEY LOADED")
    terminal.press("ENTER")
    step(terminal, 9, "ECHO TEST")
    terminal.press("DOWN")
    step(terminal, 10, "SIGN ON")
    terminal.press("ENTER")
    shop.wait(terminal, "SIGNED ON")
    terminal.press("ENTER")


def pass_over_test_sale(terminal: Terminal) -> None:
    step(terminal, 11, "TEST SALE")
    terminal.press("DOWN")
    shop.wait(terminal, "READY TO SELL")
    terminal.press("ENTER")
    shop.idle(terminal)


def test_an_idle_terminal_loses_its_keys_and_sells_again_after_commissioning(terminal: Terminal) -> None:
    assert shop.sell(terminal).approved
    secrets = [secrets_search.key("TMK", master_key(terminal))]
    secrets += [secrets_search.key(*pair) for pair in zip(("PIK", "MAK"), working_keys(terminal), strict=True)]
    if HAS_MEMORY:
        assert {spill.name for spill in find(secrets, memory(terminal))} == {"TMK", "PIK", "MAK"}, "in use"
    terminal.tamper.open()
    assert "NO MORE SALES" in shop.wait(terminal, OPENED)
    terminal.emulator.bench.settle()
    assert terminal.emulator.vaults.keys == {}
    if HAS_MEMORY:
        assert find(secrets, memory(terminal)) == []
    terminal.press("ENTER")  # an open case stays open, whatever is pressed
    terminal.clock.advance(60)
    assert OPENED in terminal.screen.text
    shut_and_read(terminal)
    # Without a key, and after a restart, it is as closed as before.
    step(terminal, 1, "LANGUAGE")
    terminal.power.cut()
    terminal.power.restore()
    step(terminal, 1, "LANGUAGE")
    terminal.press("CANCEL")
    assert "TILLBENCH" in shop.wait(terminal, OPENED)
    terminal.menu("SALE")
    assert "NOT APPROVED" in shop.wait(terminal, OPENED)
    terminal.press("ENTER")
    shop.idle(terminal)
    terminal.press("ENTER")
    commission(terminal)
    pass_over_test_sale(terminal)
    assert "CASE" not in terminal.screen.text
    shop.check_next_sale(terminal)


@pytest.mark.parametrize("moment", ["ENTER PIN", "WAITING FOR HOST"])
def test_a_sale_that_the_opening_breaks_off_is_undone_when_there_are_keys_again(
    terminal: Terminal, moment: str
) -> None:
    shop.key_in(terminal)
    shop.present(terminal)
    if moment == "ENTER PIN":
        terminal.press("1 2 3")
    else:
        shop.enter_pin(terminal)
        shop.wait(terminal, moment)
    terminal.tamper.open()
    shop.wait(terminal, OPENED)
    terminal.card.remove()
    shut_and_read(terminal)
    commission(terminal)
    if moment != "ENTER PIN":
        shop.wait(terminal, "REVERSED")
        terminal.press("ENTER")
    pass_over_test_sale(terminal)
    assert shop.spent(terminal) == 0
    assert all(exchange.mti not in ("0200", "0400") for exchange in terminal.acquirer.journal()) or (
        moment == "WAITING FOR HOST"
    )
    shop.check_next_sale(terminal)


def test_opened_without_power_is_known_at_the_next_start(terminal: Terminal) -> None:
    terminal.power.cut()
    terminal.tamper.open()
    terminal.tamper.close()
    terminal.power.restore()
    step(terminal, 1, "LANGUAGE")
    terminal.press("CANCEL")
    assert "TILLBENCH" in shop.wait(terminal, OPENED)
    assert json.loads((terminal.emulator.options.state / "keyslot.json").read_text())["slot"] == {}


def test_opened_while_it_starts(terminal: Terminal) -> None:
    terminal.power.cut()
    terminal.tamper.open()
    terminal.power.restore()
    shut_and_read(terminal)
    step(terminal, 1, "LANGUAGE")


def test_a_board_without_a_key_slot_says_that_its_keys_are_readable(tmp_path: Path) -> None:
    options = Options(tmp_path / "till", seed=7, epoch=EPOCH, fast_keys=True, prepared=False)
    with Terminal(options, [load_profile(shop.UNIONPAY)]) as terminal:
        terminal.power.cut()
        terminal.emulator.bench.settings["keyslot"] = "file"
        terminal.power.restore()
        assert "KEYS UNPROTECTED" in shop.wait(terminal, "STARTING")
        pass_over_to(terminal, 8, "LOAD KEY")
        load_by_components(terminal, "1 2 3 4 5 6", admin="1 2 3 4 5 6 7 8")
        terminal.power.cut()
        key = secrets_search.key("TMK", terminal.emulator.master_key)
        assert "key_TMK" in read_flash(options.state / "flash.bin").files
        assert find_in_files([key], options.state / "flash.bin"), "that is what the warning is about"
        terminal.power.restore()
        step(terminal, 9, "ECHO TEST")
        terminal.tamper.open()
        shop.wait(terminal, OPENED)
        terminal.emulator.bench.settle()
        terminal.power.cut()
        assert "key_TMK" not in read_flash(options.state / "flash.bin").files
