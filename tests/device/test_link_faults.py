"""The link under damage: the real MicroPython end and the bench's end, with a wire between them that garbles frames."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.host.emulator import link
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.micropython import UnixProcess
from tillbench.protocols import literal
from tillbench.protocols.link import (
    MAX_PAYLOAD,
    MORE,
    Channel,
    Control,
    I2c,
    Run,
    Socket,
    System,
    Uart,
    Vault,
    control,
)

from tests.device.link_rig import (
    SINGLE_FAULTS,
    BadWire,
    Once,
    Storm,
    channel_of,
    lost,
    message,
    promises_more,
    start_bad_wire,
    untouched,
)

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is noticed sooner than in daily use: the tests lose many last frames."""
    monkeypatch.setattr(link, "SILENCE_S", 0.01)


class Register:
    """A chip that gives back what was written last."""

    data = b""

    def write(self, data: bytes) -> int:
        self.data = data
        return len(data)

    def read(self, n: int) -> bytes:
        return self.data[:n]


@pytest.fixture(scope="module")
def rig(device_target: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, BadWire]]:
    bench, wire = start_bad_wire(device_target, tmp_path_factory.mktemp("link"))
    bench.i2c(0).attach(0x20, Register())
    yield bench, wire
    bench.power_off()


@pytest.fixture
def bad(rig: tuple[Bench, BadWire]) -> Iterator[tuple[Bench, BadWire]]:
    bench, wire = rig
    wire.damage = untouched
    wire.passed.clear()
    assert bench.powered
    yield bench, wire
    wire.damage = untouched


def counted(bench: Bench) -> int:
    """All damage that either side has counted; questions after a silence are none."""
    assert bench.end is not None
    bench.ask_memory()
    faults = bench.end.faults()
    seen = sum(count for name, count in faults.items() if name != "pings")
    return seen + bench.faults["bad_frames"] + bench.faults["gaps"] + bench.faults["repeats"]


def doubling(asked: list[int]) -> Callable[[int], int]:
    def double(n: int) -> int:
        asked.append(n)
        return 2 * n

    return double


CALLS: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    "call": (">", message(Channel.RUN, Run.CALL)),
    "result": ("<", message(Channel.RUN, Run.RESULT)),
    "question": ("<", message(Channel.RUN, Run.ASK)),
    "answer": (">", message(Channel.RUN, Run.ANSWER)),
    "idle": ("<", message(Channel.SYSTEM, System.IDLE)),
    "grant": (">", message(Channel.SYSTEM, System.GRANT)),
    "go": (">", message(Channel.SYSTEM, System.GO)),
    "I2C write": ("<", message(Channel.I2C, I2c.WRITE)),
    "I2C result": (">", message(Channel.I2C, I2c.RESULT)),
    "entropy": ("<", message(Channel.VAULT, Vault.ENTROPY)),
    "bytes": (">", message(Channel.VAULT, Vault.BYTES)),
    "socket": ("<", message(Channel.SOCKET, Socket.OPEN)),
}


@pytest.mark.one_in(3)
@pytest.mark.parametrize("damage", SINGLE_FAULTS.values(), ids=list(SINGLE_FAULTS))
@pytest.mark.parametrize("name", CALLS)
def test_any_one_frame_may_be_damaged(bad: tuple[Bench, BadWire], name: str, damage: Callable[[bytes], bytes]) -> None:
    bench, wire = bad
    before = counted(bench)
    once = Once(*CALLS[name], damage)
    wire.damage = once
    asked: list[int] = []
    said = bench.call("board_probe:every_wire", 3, host={"double": doubling(asked)})
    assert once.done
    assert said == {"doubled": [0, 2, 4], "register": b"\x00\x01\x02", "entropy": [16] * 3, "socket": 111, "slept": 30}
    assert asked == [0, 1, 2], "each question is asked once"
    assert counted(bench) > before, "a fault that nobody counted"


@pytest.mark.parametrize("direction", [">", "<"])
@pytest.mark.parametrize("op", [Control.PING, Control.PONG, Control.NAK, Control.ACK])
def test_control_frames_may_be_lost_too(bad: tuple[Bench, BadWire], direction: str, op: Control) -> None:
    bench, wire = bad
    first = Once("<", message(Channel.RUN, Run.RESULT), lost)
    second = Once(direction, message(Channel.CONTROL, op), lost)
    third = Once(">", message(Channel.RUN, Run.CALL), lost)
    wire.damage = _all_of(first, second, third)
    assert bench.call("runner_probe:echo", b"x" * 3000) == b"x" * 3000
    assert first.done
    assert third.done


def _all_of(*damages: Once) -> Callable[[str, bytes], bytes]:
    def apply(direction: str, frame: bytes) -> bytes:
        for damage in damages:
            if frame:
                frame = damage(direction, frame)
        return frame

    return apply


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), every=st.integers(6, 40))
def test_a_storm_delivers_each_message_once_and_in_order(bad: tuple[Bench, BadWire], seed: int, every: int) -> None:
    bench, wire = bad
    before = counted(bench)
    storm = Storm(seed, every)
    wire.damage = storm
    asked: list[int] = []
    said = bench.call("board_probe:every_wire", 4, host={"double": doubling(asked)})
    data = random.Random(seed).randbytes(4000)
    assert bench.call("runner_probe:echo", data) == data
    wire.damage = untouched
    assert said["doubled"] == [0, 2, 4, 6]
    assert said["entropy"] == [16] * 4
    assert said["slept"] == 40
    assert asked == [0, 1, 2, 3]
    assert counted(bench) > before or not storm.harmed


def test_messages_from_the_device_come_once_and_in_order(bad: tuple[Bench, BadWire]) -> None:
    bench, wire = bad
    lines: list[str] = []
    bench.on_log = lines.append
    wire.damage = Storm(7, 12)
    bench.call("board_probe:log", 600)  # more than twice around the count of 256
    wire.damage = untouched
    bench.on_log = lambda text: None
    assert lines == [f"line {n}" for n in range(600)]


def test_messages_to_the_device_come_once_and_in_order(bad: tuple[Bench, BadWire]) -> None:
    bench, wire = bad
    bench.call("board_probe:open_uart", 1, 4096)
    wire.damage = Storm(8, 12)
    expected = b""
    for n in range(600):
        bench.uart(1).send(bytes([n & 0xFF]))
        expected += bytes([n & 0xFF])
    assert bench.call("board_probe:read_uart", 1) == expected
    wire.damage = untouched


def test_a_full_retention_buffer_waits_for_the_bench(bad: tuple[Bench, BadWire]) -> None:
    """170 frames of one byte each fit into the device's buffer, but no more than 100 may be on their way."""
    bench, wire = bad
    got: list[bytes] = []
    bench.uart(1).on_bytes = got.append
    bench.call("board_probe:write_bytes", 1, 1000)
    bench.uart(1).on_bytes = lambda data: None
    acknowledged = wire.passed[0][1][3] if wire.passed[0][0] == "<" else wire.passed[0][1][4]
    for direction, frame in wire.passed:
        if direction == ">":
            acknowledged = frame[4]
        else:
            ahead = (frame[3] - acknowledged) & 0xFF
            assert ahead <= 100 or ahead > 0xFF - 100, "on its way, or a repetition of what was taken meanwhile"
    assert b"".join(got) == bytes(n & 0xFF for n in range(1000))
    assert len(got) == 1000


def test_an_interrupt_in_the_middle_of_a_long_message_does_not_break_it(bad: tuple[Bench, BadWire]) -> None:
    """The handler answers on the same wire, while the device waits for room in the middle of a message."""
    bench, wire = bad
    got: list[bytes] = []
    port = bench.uart(1)
    port.on_bytes = got.append
    long = bytes(range(256)) * 40

    def disturb(direction: str, frame: bytes) -> bytes:
        if direction == "<" and frame[5] == Channel.UART | MORE and not asked:
            asked.append(1)
            assert bench.end is not None
            for _ in range(5):
                bench.end.send(Channel.UART, bytes([Uart.DATA, 1]) + b"?")
        return frame

    asked: list[int] = []
    wire.damage = disturb
    bench.call("board_probe:answer_in_interrupt", 1, long)
    port.on_bytes = lambda data: None
    assert asked
    assert got[0] == b"start"
    assert sorted(got[1:], key=len) == [b"!"] * 5 + [long]


def test_a_request_inside_of_another_gets_its_own_answer(bad: tuple[Bench, BadWire]) -> None:
    bench, _ = bad
    port = bench.uart(1)
    port.on_bytes = lambda data: port.send(b"?")
    said = bench.call("board_probe:nested_requests", 1, host={"slow": lambda n: _say(bench, port.number, n)})
    port.on_bytes = lambda data: None
    assert said == {"outer": [0, 10, 20], "inner": [1, 1, 1]}


def _say(bench: Bench, uart: int, n: int) -> int:
    # An interrupt comes before the answer does.
    assert bench.end is not None
    bench.end.send(Channel.UART, bytes([0x11, uart]) + b"?")
    return 10 * n


def test_a_channel_nobody_knows_is_counted_and_dropped(bad: tuple[Bench, BadWire]) -> None:
    bench, _ = bad
    assert bench.end is not None
    before = bench.end.counters.unknown
    bench.call("board_probe:send_raw", 0x55, b"what is this")
    assert bench.end.counters.unknown == before + 1
    assert bench.call("runner_probe:echo", 1) == 1


def test_the_device_drops_a_channel_that_it_does_not_know(bad: tuple[Bench, BadWire]) -> None:
    """Channel 0x11 has the low bits of SYSTEM: it must not be taken for it."""
    bench, _ = bad
    bench.ask_memory()
    before = bench.faults["bad_frames"]
    assert bench.end is not None
    strange: Channel = 0x11  # type: ignore[assignment]  # there is no such channel
    bench.end.send(strange, bytes([System.GRANT]) + bytes(9))
    assert bench.call("runner_probe:echo", 1) == 1
    bench.ask_memory()
    assert bench.faults["bad_frames"] == before + 1


def test_faults_of_both_ends_are_reported(bad: tuple[Bench, BadWire]) -> None:
    bench, wire = bad
    assert bench.end is not None
    wire.damage = Storm(3, 5)
    bench.call("board_probe:log", 100)
    wire.damage = untouched
    bench.ask_memory()
    assert bench.faults["bad_frames"] + bench.faults["gaps"] > 0
    faults = bench.end.faults()
    assert faults["bad_frames"] + faults["gaps"] > 0
    assert faults["repeats"] > 0


def test_the_largest_frame_and_one_byte_more(bad: tuple[Bench, BadWire]) -> None:
    bench, wire = bad
    for size in (MAX_PAYLOAD - 5, MAX_PAYLOAD - 4, MAX_PAYLOAD, MAX_PAYLOAD + 1, 3 * MAX_PAYLOAD):
        data = random.Random(size).randbytes(size)
        assert bench.call("runner_probe:echo", data) == data
    lengths = {int.from_bytes(frame[1:3], "little") for _, frame in wire.passed}
    assert max(lengths) == MAX_PAYLOAD


# The end of a link


@pytest.fixture
def own(device_target: str, tmp_path: Path) -> Iterator[tuple[Bench, BadWire]]:
    bench, wire = start_bad_wire(device_target, tmp_path)
    yield bench, wire
    bench.power_off()


def test_a_killed_device_is_an_error_at_once(own: tuple[Bench, BadWire]) -> None:
    bench, _ = own

    def kill(n: int) -> int:
        os.kill(bench._process.process.pid, signal.SIGKILL)  # type: ignore[union-attr]  # it is there
        return n

    with pytest.raises(LinkLost, match="gone away"):
        bench.call("runner_probe:ask", [1], host={"double": kill})


def test_a_device_that_dies_in_the_middle_of_a_frame_is_an_error(own: tuple[Bench, BadWire]) -> None:
    bench, _ = own
    with pytest.raises(LinkLost, match="gone away"):
        bench.call("board_probe:die_in_mid_frame")


def test_a_device_that_says_nothing_is_an_error(own: tuple[Bench, BadWire]) -> None:
    bench, _ = own
    assert bench.end is not None
    bench.end.patience_s = 0.2
    with pytest.raises(LinkLost, match="said nothing"):
        bench.call("board_probe:hang")
    assert bench._process is None


@pytest.mark.till_needs("hang-up")
def test_a_device_whose_bench_is_gone_ends(own: tuple[Bench, BadWire]) -> None:
    """LinkClosed is no Exception: code that catches all of those cannot keep an orphan alive."""
    bench, wire = own
    process = bench._process
    assert isinstance(process, UnixProcess)
    bench._post(Channel.RUN, bytes([Run.CALL]) + literal.encode(("board_probe:stubborn", (), {})))
    bench.run_until(lambda: any(channel_of(f) == Channel.LOG for _, f in wire.passed), 1, "the call to begin")
    wire.close()
    assert process.process.wait(20) != 0
    assert "LinkClosed" in process.console()


def test_a_damaged_frame_at_the_very_end_does_not_block_the_reader(bad: tuple[Bench, BadWire]) -> None:
    """The answer promises bytes that never come, and the device says nothing more: the bench must not wait for them."""
    bench, wire = bad
    assert bench.end is not None
    before = bench.end.counters.pings
    wire.damage = Once("<", message(Channel.SYSTEM, System.IDLE), promises_more)
    assert bench.call("runner_probe:echo", b"end") == b"end"
    assert bench.end.counters.pings - before < 10, "the bench waited until its own questions had filled the frame"


def test_a_frame_that_claims_the_wrong_acknowledgement_frees_nothing(bad: tuple[Bench, BadWire]) -> None:
    """An `ack` of something never sent is not believed."""
    bench, wire = bad
    assert bench.end is not None
    end = bench.end
    wire.wire.write(control(end._seq, (end._seen + 50) & 0xFF, Control.ACK))
    wire.damage = Once("<", message(Channel.RUN, Run.RESULT), lost)
    assert bench.call("runner_probe:echo", b"still there") == b"still there"


def test_more_bits_are_not_channels() -> None:
    assert all(channel < MORE for channel in Channel)
