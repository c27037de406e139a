"""A bare board on a serial port: the whole terminal over one port that behaves like an ESP32's UART.

The port is a pseudo-terminal in front of MicroPython's Unix port: a receive buffer of 260 bytes that loses what exceeds
it, no flow control, and byte 03 interrupts while the REPL has the port.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from tillbench.host.cards import load_profile
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.link import SERIAL_WINDOW, LinkLost
from tillbench.host.emulator.one_port import Repl
from tillbench.host.emulator.serial_wire import SerialWire
from tillbench.host.terminal import Terminal
from tillbench.protocols.link import Channel

from tests.device.one_port_rig import STDIN_SIZE, Esp32Port, deployed_board

from . import shop
from .test_qemu_sale import record

EPOCH = datetime(2026, 11, 23, 16, 0, 0)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Esp32Port]:
    """A board with the files that a deploy puts into its slot."""
    port = deployed_board(tmp_path)
    yield port
    port.close()


def new_terminal(state: Path, target: str) -> Terminal:
    """A terminal that is still off."""
    return Terminal(Options(state, target=target, seed=7, epoch=EPOCH), [load_profile(shop.UNIONPAY)])


def check_repl(port: Esp32Port) -> None:
    """The REPL answers to a sum."""
    wire = SerialWire(port.name)
    wire.write(b"\r\n6*7\r\n")
    Repl(wire).until(b"\n42", 10)
    wire.close()


def test_the_same_sale_as_on_the_unix_port(port: Esp32Port, tmp_path: Path) -> None:
    """Every message of the link but the clock, and the slips, byte for byte; then the REPL is given back."""
    over_serial = new_terminal(tmp_path / "serial", f"serial:{port.name}")
    said, slips = record(over_serial, (shop.AMOUNT,))
    assert port.traffic.dropped == 0
    assert 0 < port.traffic.most <= SERIAL_WINDOW < STDIN_SIZE
    check_repl(port)
    expected, expected_slips = record(new_terminal(tmp_path / "unix", "unix"), (shop.AMOUNT,))
    assert slips == expected_slips
    assert [message for message in said if message[1] != Channel.FLASH] == expected


def test_a_power_cut_in_the_middle_of_a_flash_operation(port: Esp32Port, tmp_path: Path) -> None:
    """The flash outlives the board's program: what it owes is undone, and the next sale goes through."""
    terminal = new_terminal(tmp_path / "till", f"serial:{port.name}")
    with terminal:
        terminal.screen.wait_text("READY")
        terminal.power.cut()
        terminal.power.cut(after_writes=8)
        terminal.screen.turn_page()
        terminal.emulator.power_on()
        with pytest.raises(shop.PowerGone):
            shop.sell(terminal, shop.UNIONPAY, 700)
        terminal.card.remove()
        terminal.power.restore()
        shop.wait(terminal, "READY")
        assert shop.sell(terminal, shop.UNIONPAY, 500).approved
        shop.check_books(terminal)


def test_a_cable_that_is_pulled_in_mid_sale(port: Esp32Port, tmp_path: Path) -> None:
    terminal = new_terminal(tmp_path / "till", f"serial:{port.name}")
    with terminal:
        terminal.screen.wait_text("READY")
        port.unplug()
        with pytest.raises(LinkLost, match=f"{port.name}: the port has gone away"):
            shop.key_in(terminal)


def test_a_board_that_is_reset_in_mid_sale(port: Esp32Port, tmp_path: Path) -> None:
    """It is told at once, not after a silence, and everything around the board hears that its power was off."""
    terminal = new_terminal(tmp_path / "till", f"serial:{port.name}")
    heard: list[bool] = []
    with terminal:
        terminal.screen.wait_text("READY")
        terminal.emulator.power_listeners.append(heard.append)
        port.press_reset()
        with pytest.raises(LinkLost, match=rf"{port.name}: the board was reset \(POWERON_RESET\)"):
            shop.key_in(terminal)
        assert heard == [False]
        terminal.power.restore()
        shop.wait(terminal, "READY")
        assert shop.sell(terminal).approved
