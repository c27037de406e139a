"""The whole terminal on a bare-metal Cortex-M3: the sale, the same bytes as on the Unix port, the power cut."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.qemu_images import NoQemu, find_image, find_qemu
from tillbench.host.terminal import Terminal
from tillbench.protocols.link import Channel, System

from . import shop

IMAGE = "heap100k"
"""What an ESP32 has left beside Wi-Fi: the whole terminal with drivers, virtual parts and link has to fit into it."""
EPOCH = datetime(2026, 11, 23, 16, 0, 0)
TIME = {System.IDLE, System.NOW, System.GRANT, System.GO}
"""Who asks for the time how often is the board's own business."""
BOARD = {System.HELLO, System.WELCOME}
"""What the two boards say about themselves."""


@pytest.fixture(autouse=True)
def need_qemu() -> None:
    """Skip the test, by name, where there is no QEMU; in CI that is an error."""
    try:
        find_qemu()
        find_image(IMAGE)
    except NoQemu as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def new_terminal(state: Path, target: str = "qemu") -> Terminal:
    """A terminal that is still off."""
    return Terminal(Options(state, target=target, image=IMAGE, seed=7, epoch=EPOCH))


def record(
    terminal: Terminal, amounts: tuple[int, ...] = (1234, 500)
) -> tuple[list[tuple[str, int, bytes]], list[str]]:
    """Sales; everything on the link but the clock, and the slips."""
    said: list[tuple[str, int, bytes]] = []

    def hear(direction: str, channel: Channel, payload: bytes) -> None:
        if channel != Channel.SYSTEM or payload[0] not in (*TIME, *BOARD):
            said.append((direction, int(channel), payload))

    terminal.emulator.bench.on_message = hear
    slips: list[str] = []
    with terminal:
        terminal.screen.wait_any("READY")
        for amount in amounts:
            outcome = shop.sell(terminal, shop.UNIONPAY, amount)
            assert outcome.approved
            slips += outcome.slips
        shop.check_books(terminal)
    return said, slips


@pytest.mark.one_in(3)
def test_the_wires_are_those_of_the_unix_port(tmp_path: Path) -> None:
    said, slips = record(new_terminal(tmp_path / "qemu"))
    expected, expected_slips = record(new_terminal(tmp_path / "unix", "unix"))
    assert slips == expected_slips
    assert said == expected


@pytest.mark.one_in(4)
def test_heap_does_not_grow(tmp_path: Path) -> None:
    terminal = new_terminal(tmp_path / "state")
    with terminal:
        terminal.screen.wait_any("READY")
        used = []
        for amount in range(1, 5):
            assert shop.sell(terminal, shop.UNIONPAY, amount).approved
            used.append(terminal.emulator.bench.ask_memory().used)
        assert max(used[1:]) - min(used[1:]) < 256

        # The other ways to the host: this image has no TLS, and says so; a serial line needs nothing.
        terminal.desk.ask({"settings": {"line": "tls"}})
        assert "NO TLS IN IMAGE" in shop.sell(terminal).screen
        terminal.desk.ask({"settings": {"line": "serial"}})
        assert shop.sell(terminal).approved


@pytest.mark.one_in(3)
def test_killed_between_request_and_answer_reversed_once(tmp_path: Path) -> None:
    terminal = new_terminal(tmp_path / "state")
    with terminal:
        terminal.screen.wait_any("READY")
        shop.key_in(terminal)
        shop.present(terminal)
        shop.enter_pin(terminal)
        bench = terminal.emulator.bench
        bench.run_until(lambda: bool(terminal.acquirer.journal("0200")), 10, "the host to book")
        sold = ("sale", -shop.AMOUNT)
        assert shop.movements(terminal) == [sold]
        terminal.power.cut()
        terminal.card.remove()
        terminal.screen.turn_page()
        terminal.power.restore()
        terminal.screen.wait_text("READY")
        assert shop.movements(terminal) == [sold, ("reversal", shop.AMOUNT)]
        assert len(terminal.acquirer.journal("0400")) == 1
        shop.check_next_sale(terminal)
