"""The transparent serial line: frames between STX and LRC at the pace of the wire, and what a cable does to them."""

from __future__ import annotations

import os
import select
import tty
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tillbench.hil.plugin import EPOCH
from tillbench.host.cards import load_profile
from tillbench.host.cli.emulate import run
from tillbench.host.cli.emulate_wish import Wish
from tillbench.host.cli.errors import Refused
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.serial_line import TtyEnd
from tillbench.host.emulator.wires import UartConfig, UartPort
from tillbench.host.terminal import Terminal

from . import shop

BITS = 10
"""Of a character, start and stop among them."""
LONGER = 3
"""Characters that a frame has more here than on a TCP line: STX, ETX, LRC."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One terminal for all tests, whose network is out."""
    cards = [load_profile(shop.UNIONPAY)]
    with Terminal(Options(tmp_path_factory.mktemp("till"), seed=7, epoch=EPOCH), cards) as terminal:
        terminal.screen.wait_text("READY")
        terminal.line.up = False
        yield terminal


@pytest.fixture
def till(running: Terminal) -> Iterator[Terminal]:
    """On its serial line, with the cable in and both ends at 9600 baud."""
    running.desk.ask({"settings": {"line": "serial", "baud": 9600}})
    yield running
    serial = running.serial
    serial.plugged, serial.baud, serial.spoil = True, 9600, lambda data: data


def test_a_sale(till: Terminal) -> None:
    heard: list[bytes] = []
    till.line.on_bytes = lambda direction, data: heard.append(data)
    assert shop.sell(till).approved
    till.line.on_bytes = lambda direction, data: None
    assert len(heard) == 2, "request and answer, as frames of a TCP line, for whoever watches"
    assert heard[0][2] == 0x60
    assert shop.movements(till)[-1] == ("sale", -shop.AMOUNT)


@pytest.mark.parametrize("baud", [1200, 115200])
def test_the_wire_takes_its_time(till: Terminal, baud: int) -> None:
    sizes: list[int] = []
    till.line.on_bytes = lambda direction, data: sizes.append(len(data) + LONGER)
    till.desk.ask({"settings": {"baud": baud}})
    till.serial.baud = baud
    till.menu("MANAGEMENT", "HOST", "ECHO TEST")
    ms = int(shop.wait(till, "PASSED").split("\n")[3].split()[1])
    till.line.on_bytes = lambda direction, data: None
    till.press("ENTER")
    shop.idle(till)
    assert len(sizes) == 2
    on_the_wire = sum(sizes) * BITS * 1000 // baud
    assert on_the_wire <= ms <= on_the_wire + 25


def test_the_cable_is_out(till: Terminal) -> None:
    booked = len(shop.movements(till))
    till.serial.plugged = False
    shown = shop.sell(till).screen
    assert "CABLE IS SILENT" in shown
    assert "REVERSAL PENDING" in shown, "nobody can say what went through before it was pulled"
    till.serial.plugged = True
    assert shop.sell(till).approved
    assert shop.movements(till)[booked:] == [("reversal", 0), ("sale", -shop.AMOUNT)]
    shop.check_books(till)


def test_an_answer_that_was_spoiled_is_no_answer(till: Terminal) -> None:
    booked = len(shop.movements(till))
    spoiled = [True]

    def flip(data: bytes) -> bytes:
        if not spoiled:
            return data
        spoiled.clear()
        return data[:-1] + bytes([data[-1] ^ 0x10])  # the LRC: everything else is right

    till.serial.spoil = flip
    shown = shop.sell(till).screen
    assert "NOISE ON CABLE" in shown
    assert "REVERSED" in shown
    assert shop.movements(till)[booked:] == [("sale", -shop.AMOUNT), ("reversal", shop.AMOUNT)]


def test_noise_before_a_frame_is_passed_over(till: Terminal) -> None:
    till.serial.spoil = lambda data: b"\xff\x00\x02\x99\x02\xaa" + data
    assert shop.sell(till).approved


def test_two_ends_at_different_speeds(till: Terminal) -> None:
    till.serial.baud = 4800
    till.menu("MANAGEMENT", "HOST", "ECHO TEST")
    shop.wait(till, "CABLE IS SILENT", "NOISE ON CABLE")
    till.press("ENTER")
    shop.idle(till)


def test_the_line_test_knows_its_layers(till: Terminal) -> None:
    till.menu("MANAGEMENT", "DEVICE", "SELF-TEST", "LINE TEST")
    rows = shop.wait(till, "PASSED").split("\n")
    assert [row.split()[0] for row in rows[1:]] == ["PASSED", "SERIAL", "ECHO"]
    till.press("ENTER CANCEL CANCEL")
    shop.idle(till)


def test_a_port_of_this_computer_is_the_terminals() -> None:
    """Both ways, at the speed that the terminal sets; the other end is ours, in the place of a host's port."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    externals: dict[Any, Any] = {}
    port, came = UartPort(0), bytearray()
    port.to_device = came.extend
    end = TtyEnd(cast(Any, SimpleNamespace(externals=externals)), port, os.ttyname(theirs))
    try:
        port.configured(UartConfig(19200))
        assert end.baud == 19200
        port.on_bytes(b"to the host")
        assert os.read(ours, 100) == b"to the host"
        os.write(ours, b"to the terminal")
        (waiting,), _, _ = select.select(list(externals), [], [], 10)
        externals[waiting]()
        assert came == b"to the terminal"
    finally:
        end.close()
        os.close(ours)
        os.close(theirs)
    assert not externals


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ({"serial": "/dev/nonesuch"}, "--serial /dev/nonesuch: No such file or directory"),
        ({"serial": "/dev/null", "acquirer": "localhost:1"}, "--serial and --acquirer: choose one"),
        ({"tls": Path("nowhere")}, "--tls: expected --acquirer too, and no --serial"),
        ({"tls": Path("nowhere"), "acquirer": "localhost:1"}, "--tls nowhere: cannot read nowhere/authority.pem"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, Any], refused: str) -> None:
    with pytest.raises(Refused, match=refused):
        run(Wish(card=shop.UNIONPAY, seed=1, temp=True, **options), headless=True)
