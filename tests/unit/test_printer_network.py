"""Two hosts at one printer: a UART and a network, with one head between them."""

from __future__ import annotations

from typing import Any

import pytest

from .printer_rig import Rig

CUT = b"\x1dVB\0"


class Wires:
    """The printer with a network cable, and what it says there."""

    def __init__(self, **changes: Any) -> None:
        self.rig = Rig(**changes)
        self.heard = bytearray()
        self.network = self.rig.printer.attach_network(self.heard.extend)

    def slips(self) -> list[str]:
        self.rig.run()
        return [receipt.text for receipt in self.rig.printer.receipts()]


def test_slips_do_not_mix() -> None:
    wires = Wires()
    wires.rig.write(b"UART 1\n")
    wires.rig.run_for(20_000)
    wires.network.receive(b"network 1\nnetwork 2\n" + CUT)
    wires.rig.write(b"UART 2\n" + CUT)
    assert wires.slips() == ["UART 1\nUART 2", "network 1\nnetwork 2"]


def test_who_says_nothing_for_a_second_has_lost_the_printer() -> None:
    wires = Wires()
    wires.rig.write(b"UART\n")
    wires.rig.run_for(500_000)
    wires.network.receive(b"network\n")
    wires.rig.run_for(400_000)
    assert wires.rig.lines == ["UART"]
    wires.rig.run_for(900_000)
    assert wires.rig.lines == ["UART", "network"]


def test_the_uart_is_busy_as_long_as_the_network_prints() -> None:
    wires = Wires()
    assert wires.rig.busy == 0
    wires.network.receive(b"network\n")
    wires.rig.run_for(1000)
    assert wires.rig.busy == 1
    wires.rig.run()
    assert wires.rig.busy == 0


def test_modes_of_one_are_not_those_of_the_other() -> None:
    wires = Wires(kanji=True)
    wires.rig.write(b"\x1c.\x1b!\x30UART\n" + CUT)
    wires.rig.run()
    wires.network.receive("银联\n".encode("gb18030"))
    wires.rig.run()
    assert wires.rig.lines[-1] == "银联"
    assert len(wires.rig.printer.strip.lines[-1].rows) == 30


def test_answers_go_where_the_question_came_from() -> None:
    wires = Wires()
    wires.network.receive(b"\x10\x04\x01\x1dr\x01\x1da\x0f")
    wires.rig.run()
    assert bytes(wires.heard[:2]) == b"\x12\x00"
    assert wires.rig.answers == []
    before = len(wires.heard)
    wires.rig.printer.cover(True)
    wires.rig.run()
    assert len(wires.heard) == before + 4
    assert wires.rig.answers == []


@pytest.mark.parametrize("size", [9000, 60_000])
def test_nothing_is_lost_and_room_says_when_to_stop(size: int) -> None:
    """An image larger than the buffer, and bytes after it, while the printer is out of paper for a while."""
    wires = Wires()
    wires.rig.printer.paper_left(0)
    height = size // 48
    data = b"\x1dv0\0\x30\0" + height.to_bytes(2, "little") + b"\x01" * (48 * height) + b"END\n" + CUT
    stopped = False
    while data:
        room = wires.network.room
        if not room:
            stopped = True
            wires.rig.printer.load_paper()
            wires.rig.run_for(100_000)
            continue
        wires.network.receive(data[:room])
        data = data[room:]
    assert stopped
    assert wires.slips() == [f"[image 384x{height}]\nEND"]
    assert wires.network.errors == []


def test_answers_that_are_due_keep_the_connection_working() -> None:
    wires = Wires()
    wires.network.receive(b"line\n\x1dr\x01")
    assert wires.network.working
    wires.rig.run()
    assert not wires.network.working
    assert wires.heard == b"\x00"
