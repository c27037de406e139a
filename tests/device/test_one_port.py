"""One-port mode: the link over the port that is also the REPL, against an ESP32's stdin."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.emulator.calls import DeviceError
from tillbench.host.emulator.link import SERIAL_WINDOW, LinkLost
from tillbench.host.emulator.one_port import NoRepl, OnePortBoard, Repl
from tillbench.host.emulator.serial_wire import SerialWire
from tillbench.protocols.link import Channel

from tests.device.one_port_rig import STDIN_SIZE, Esp32Port


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Esp32Port]:
    port = Esp32Port(tmp_path)
    yield port
    port.close()


@pytest.fixture
def wire(port: Esp32Port) -> Iterator[SerialWire]:
    wire = SerialWire(port.name)
    yield wire
    wire.close()


@pytest.fixture
def board(wire: SerialWire) -> OnePortBoard:
    board = OnePortBoard(wire)
    board.start()
    return board


def damage(board: OnePortBoard) -> int:
    """All that was counted; questions after a silence are no damage."""
    return sum(count for name, count in board.end.faults().items() if name != "pings")


def evaluated(wire: SerialWire, expression: str) -> str:
    """What the friendly REPL answers to a line."""
    wire.write(expression.encode() + b"\r\n")
    return Repl(wire).until(b">>> ", 10).decode().partition("\r\n")[2].strip()


def test_hello_comes_out_of_the_repl(board: OnePortBoard) -> None:
    assert board.board == "one-port board"
    assert damage(board) == 0


def test_the_runner_runs(board: OnePortBoard) -> None:
    assert board.call("runner_probe:ask", [1, 2, 3], host={"double": lambda n: 2 * n}) == [2, 4, 6]
    with pytest.raises(DeviceError) as error:
        board.call("runner_probe:fail", 7)
    assert error.value.type == "ValueError"
    assert board.call("runner_probe:tasks")[-1] == "gather [1, 2]"


@pytest.mark.parametrize("filling", [None, b"\x03", b"\xa5", b"\x04", b"\r\n"])
def test_ten_kilobytes_both_ways(board: OnePortBoard, port: Esp32Port, filling: bytes | None) -> None:
    """Byte 03 is no interrupt any more, sync bytes are no frames, and nothing is too much for the small buffer."""
    data = random.Random(1).randbytes(10_000) if filling is None else filling * (10_000 // len(filling))
    assert board.call("runner_probe:echo", data) == data
    assert port.traffic.dropped == 0
    assert port.traffic.interrupts == 0
    assert 0 < port.traffic.most <= SERIAL_WINDOW < STDIN_SIZE
    assert damage(board) == 0


def test_without_a_window_bytes_are_lost(wire: SerialWire, port: Esp32Port) -> None:
    wire.window = None
    board = OnePortBoard(wire, patience_s=1.0)
    board.start()
    with pytest.raises((LinkLost, TimeoutError)):
        board.call("runner_probe:echo", bytes(10_000), timeout_s=1.0)
    assert port.traffic.dropped > 0
    assert port.traffic.most == STDIN_SIZE


def test_byte_03_is_an_interrupt_at_the_repl(wire: SerialWire, port: Esp32Port) -> None:
    repl = Repl(wire)
    repl.interrupt()
    repl.execute("print('running')\nwhile True: pass")
    repl.until(b"running", 10)
    repl.interrupt()
    assert port.traffic.interrupts > 0
    repl.friendly()
    assert evaluated(wire, "1+1") == "2"


def test_text_and_a_traceback_between_the_frames(board: OnePortBoard) -> None:
    said: list[bytes] = []
    board.on_message = lambda channel, payload: said.append(payload) if channel == Channel.CONSOLE else None
    ticks: list[int] = []
    assert board.call("board_probe:print_in_between", 5, host={"tick": ticks.append}) == 5
    assert board.call("runner_probe:echo", "still well") == "still well"
    assert ticks == [0, 1, 2, 3, 4]
    for n in range(5):
        assert f"line {n}\n5 ¥" in board.console
    assert "Traceback (most recent call last):" in board.console
    assert "ValueError: in the middle" in board.console
    assert b"".join(said).count(b"\xc2\xa5") == 5
    assert board.end.counters.stray > 0


def test_a_message_that_does_not_fit_into_memory_is_told(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The board prints it and lives on; the pieces of the message are not taken for others."""
    port = Esp32Port(tmp_path, heap="200k")
    request.addfinalizer(port.close)
    board = OnePortBoard(SerialWire(port.name))
    request.addfinalizer(board.wire.close)
    board.start()
    with pytest.raises(TimeoutError):
        board.call("runner_probe:echo", bytes(160_000), timeout_s=2)
    assert "MemoryError" in board.console
    assert board.call("runner_probe:echo", "alive") == "alive"


def test_noise_in_both_directions(board: OnePortBoard, port: Esp32Port, wire: SerialWire) -> None:
    chance = random.Random(5)
    for n in range(10):
        port.disturb(chance.randbytes(60) + b"\xa5\x20\x00\x01")
        wire.write(chance.randbytes(40))
        assert board.call("runner_probe:echo", n) == n
    assert board.end.counters.stray > 0


def test_close_gives_the_repl_back(board: OnePortBoard, wire: SerialWire) -> None:
    board.call("runner_probe:echo", 1)
    board.close()
    assert evaluated(wire, "1+1") == "2"
    wire.write(b"while True: pass\r\n\r\n")
    Repl(wire).interrupt()  # Ctrl-C is an interrupt again


def test_the_link_opens_again_after_a_close(board: OnePortBoard) -> None:
    for n in range(3):
        assert board.call("runner_probe:echo", n) == n
        assert board.call("board_probe:wait_ms", 1) == 1
        board.close()
        board.start()


def test_a_reset_gives_the_repl_back(wire: SerialWire, port: Esp32Port) -> None:
    board = OnePortBoard(wire, patience_s=0.5)
    board.start()
    with pytest.raises(LinkLost, match="POWERON_RESET"):
        board.call("runner_probe:ask", [1], host={"double": lambda n: port.press_reset()})
    Repl(wire).interrupt()
    Repl(wire).friendly()
    assert evaluated(wire, "1+1") == "2"
    board.start()
    assert board.call("runner_probe:echo", "again") == "again"


def test_a_link_that_a_bench_left_behind_is_closed(board: OnePortBoard, wire: SerialWire) -> None:
    """The bench was killed; the board does not listen to Ctrl-C, but to the close frame."""
    board.call("runner_probe:echo", 1)
    fresh = OnePortBoard(wire)
    fresh.start()
    assert fresh.call("runner_probe:echo", 2) == 2


def test_a_bench_that_does_not_answer_the_hello_gets_the_repl_back(wire: SerialWire) -> None:
    repl = Repl(wire)
    repl.interrupt()
    repl.execute("import port.one_port;port.one_port.run('runner', hello_ms=50)")
    assert b"LinkClosed: no bench has answered the hello" in repl.until(b"\x04>", 10)
    repl.friendly()
    assert evaluated(wire, "1+1") == "2"


def test_a_program_that_is_not_there_is_named(wire: SerialWire) -> None:
    board = OnePortBoard(wire, program="no_such_program")
    with pytest.raises(LinkLost, match="no_such_program"):
        board.start()
    Repl(wire).friendly()
    assert evaluated(wire, "1+1") == "2"


def test_a_board_that_does_not_answer_is_no_repl(tmp_path: Path) -> None:
    host, far = os.openpty()
    wire = SerialWire(os.ttyname(far))
    with pytest.raises(NoRepl, match="MicroPython REPL"):
        Repl(wire, patience_s=0.1).interrupt()
    wire.close()
    os.close(host)
    os.close(far)


def test_a_port_that_vanishes_is_named(board: OnePortBoard, port: Esp32Port) -> None:
    port.unplug()
    with pytest.raises(LinkLost, match=f"{port.name}: the port has gone away"):
        board.call("runner_probe:echo", 1)


def test_a_port_that_is_not_there_is_named() -> None:
    with pytest.raises(LinkLost, match="/dev/ttyNOWHERE: cannot be opened"):
        SerialWire("/dev/ttyNOWHERE")


def test_a_port_that_is_taken_is_named(wire: SerialWire, port: Esp32Port) -> None:
    with pytest.raises(LinkLost, match=f"{port.name}: cannot be opened"):
        SerialWire(port.name)


def test_an_idle_board_does_not_burn_its_processor(board: OnePortBoard, port: Esp32Port) -> None:
    """Less than half of the time that passes is computed: a loop that polls without rest takes all of it."""
    before, began = _cpu_s(port), time.monotonic()
    assert board.call("board_probe:wait_ms", 700) == 700
    assert _cpu_s(port) - before < (time.monotonic() - began) / 2


def _cpu_s(port: Esp32Port) -> float:
    fields = Path(f"/proc/{port.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
