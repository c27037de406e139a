"""The card slot behind a serial controller: what a sale says to the card is what it says in a slot on pins, and what
goes wrong between controller and card is told, or repaired there. Cards that fail either way: `test_card_faults.py`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tillbench.host.devices.ccid_controller import CcidController
from tillbench.host.devices.slot_faults import SlotFaults
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.timeline import Entry, Timeline
from tillbench.host.terminal import Terminal

from . import shop


@pytest.fixture
def till_options(till_options: Options) -> Options:
    return replace(till_options, slot="ccid")


def commands(terminal: Terminal) -> list[bytes]:
    """CLA and INS of each TPDU."""
    return [exchange.command[:2] for exchange in terminal.emulator.slot.exchanges]


def test_a_sale_says_the_same_to_the_card(terminal: Terminal, till_options: Options) -> None:
    entries: list[Entry] = []
    Timeline(terminal.emulator).listeners.append(entries.append)
    assert shop.sell(terminal).approved
    controller = terminal.emulator.slot
    assert isinstance(controller, CcidController)
    assert controller.violations == []
    _, came, switched_on, *told = [entry.event for entry in entries if entry.wire == "ccid"]
    assert came.endswith(": inactive")
    assert switched_on.startswith("-> IccPowerOn")
    transfers = [line for line in told if line.startswith("-> XfrBlock")]
    assert len(transfers) == len(controller.exchanges)
    assert told[-1].endswith(": absent")
    with Terminal(replace(till_options, state=till_options.state / "pins", slot="pins")) as on_pins:
        on_pins.screen.wait_text("READY")
        assert shop.sell(on_pins).approved
        assert commands(on_pins) == commands(terminal)


def test_faults_on_its_wires(terminal: Terminal) -> None:
    """What goes wrong at the contacts it repairs; when it says nothing at all the sale ends, and the next is well."""
    controller = terminal.emulator.slot
    assert isinstance(controller, CcidController)
    controller.faults = SlotFaults(flips={4: 0xFF}, echo_flips={6: 0x80}, nulls=3)
    assert shop.sell(terminal).approved
    assert controller.violations == []
    controller.faults = SlotFaults()
    shop.key_in(terminal)
    shop.present(terminal)
    controller.deaf = True
    outcome = shop.finish(terminal, shop.wait(terminal, *shop.DECIDED))
    assert "CARD" in outcome.screen
    assert len(terminal.acquirer.journal("0200")) == 1
    controller.deaf = False
    shop.check_next_sale(terminal)


def test_power_cut_while_it_has_a_card(terminal: Terminal) -> None:
    shop.decide(terminal)
    terminal.power.cut()
    assert not terminal.emulator.slot.powered
    terminal.power.restore()
    terminal.card.remove()
    terminal.screen.wait_text("READY", timeout_s=300)
    shop.check_next_sale(terminal)
