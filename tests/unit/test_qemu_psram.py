"""The shared memory: one layout on both sides, rings that go round, a file that stays a flash image."""

from __future__ import annotations

import ast
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tillbench.host.emulator import psram
from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.micropython import firmware_root
from tillbench.host.emulator.psram import Psram, RingWire

FLASH_SIZE = 8192


class Rig:
    """The host's wire with a device that is played by hand."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(b"\xa5" * FLASH_SIZE)
        self.psram = Psram(path, FLASH_SIZE, b"firmware")
        ours, self.bell = socket.socketpair()
        self.bell.setblocking(False)
        self.wire = RingWire(self.psram, ours)

    def device_reads(self) -> bytes:
        """Everything in the ring to the device."""
        control, at = self.psram.control, psram.IN
        data = bytearray()
        while control[psram.IN_TAIL] != control[psram.IN_HEAD]:
            data.append(self.psram.bytes[at + control[psram.IN_TAIL]])
            control[psram.IN_TAIL] = (control[psram.IN_TAIL] + 1) % psram.IN_SIZE
        return bytes(data)

    def device_writes(self, data: bytes) -> None:
        """Put data into the ring from the device, and ring."""
        control = self.psram.control
        for byte in data:
            self.psram.bytes[psram.OUT + control[psram.OUT_HEAD]] = byte
            control[psram.OUT_HEAD] = (control[psram.OUT_HEAD] + 1) % psram.OUT_SIZE
        self.bell.send(b"\x01")

    def bells(self) -> int:
        """How often the host has rung."""
        try:
            return len(self.bell.recv(1000))
        except BlockingIOError:
            return 0

    def close(self) -> None:
        self.wire.close()
        self.bell.close()
        self.psram.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    found = Rig(tmp_path / "flash.bin")
    yield found
    found.close()


@pytest.fixture(scope="module")
def make_rig(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Rig]:
    return lambda: Rig(tmp_path_factory.mktemp("psram") / "flash.bin")


def test_the_device_has_the_same_layout() -> None:
    source = (firmware_root() / "port" / "psram.py").read_text()
    device: dict[str, int] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            assert isinstance(node.targets[0], ast.Name)
            device[node.targets[0].id] = ast.literal_eval(node.value.args[0])
    assert device == {
        "PSRAM": psram.BASE,
        "FLASH": psram.BASE + psram.FLASH,
        "CONTROL": psram.BASE + psram.CONTROL,
        **{
            name: psram.BASE + psram.CONTROL + 4 * getattr(psram, name)
            for name in ("MAGIC", "OUT_HEAD", "OUT_TAIL", "IN_HEAD", "IN_TAIL", "ASLEEP", "INTERRUPT")
        },
        "OUT": psram.BASE + psram.OUT,
        "OUT_SIZE": psram.OUT_SIZE,
        "BUFFERS": psram.BASE + psram.BUFFERS,
        "IN": psram.BASE + psram.IN,
        "IN_SIZE": psram.IN_SIZE,
    }
    assert f"MAGIC_WORD = {psram.MAGIC_WORD!r}".replace("'", '"') in source


@settings(max_examples=20)
@given(st.lists(st.binary(min_size=1, max_size=5000), min_size=1, max_size=12))
def test_bytes_come_in_order_round_the_ring(make_rig: Callable[[], Rig], messages: list[bytes]) -> None:
    rig = make_rig()
    rig.psram.control[psram.IN_HEAD] = rig.psram.control[psram.IN_TAIL] = psram.IN_SIZE - 3000
    rig.wire._head = psram.IN_SIZE - 3000
    rig.psram.control[psram.OUT_HEAD] = rig.psram.control[psram.OUT_TAIL] = psram.OUT_SIZE - 3000
    rig.wire._tail = psram.OUT_SIZE - 3000
    for message in messages:
        rig.wire.write(message)
        assert rig.device_reads() == message
        rig.device_writes(message)
        assert rig.wire.read() == message
        assert rig.wire.read() == b""
    rig.close()


def test_the_bell_rings_for_a_sleeping_device_only(rig: Rig) -> None:
    rig.wire.write(b"awake")
    assert rig.bells() == 0
    rig.psram.control[psram.ASLEEP] = 1
    rig.wire.write(b"asleep")
    assert rig.bells() == 1
    assert rig.device_reads() == b"awakeasleep"


def test_a_device_that_reads_nothing_is_lost(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psram, "FULL_S", 0.0)
    with pytest.raises(LinkLost, match="has read nothing"):
        rig.wire.write(bytes(psram.IN_SIZE))
    assert len(rig.device_reads()) == psram.IN_SIZE - 1


def test_the_last_words_come_before_the_end(rig: Rig) -> None:
    rig.device_writes(b"last words")
    rig.bell.close()
    assert rig.wire.read() == b"last words"
    with pytest.raises(LinkLost, match="QEMU has ended"):
        rig.wire.read()


def test_the_file_is_a_flash_image_before_and_after(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    rig = Rig(path)
    assert path.stat().st_size == psram.SIZE
    assert bytes(rig.psram.bytes[:FLASH_SIZE]) == b"\xa5" * FLASH_SIZE
    rig.psram.bytes[7] = 0
    rig.close()
    assert path.read_bytes() == b"\xa5" * 7 + b"\x00" + b"\xa5" * (FLASH_SIZE - 8)


def test_rings_left_by_a_killed_bench_are_cleared(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    path.write_bytes(b"\x5a" * psram.SIZE)
    memory = Psram(path, FLASH_SIZE, b"")
    assert list(memory.control[1:]) == [0] * (len(memory.control) - 1)
    assert bytes(memory.bytes[:FLASH_SIZE]) == b"\x5a" * FLASH_SIZE
    memory.close()


def test_a_firmware_too_large_is_named(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    path.write_bytes(bytes(FLASH_SIZE))
    with pytest.raises(ValueError, match=f"firmware image: .* {psram.ROM_SIZE} bytes, got {psram.ROM_SIZE + 1}"):
        Psram(path, FLASH_SIZE, bytes(psram.ROM_SIZE + 1))
    with pytest.raises(ValueError, match=f"list of names: expected at most {psram.NAMES_SIZE // 3} bytes"):
        Psram(path, FLASH_SIZE, b"", bytes(psram.NAMES_SIZE))
    assert path.stat().st_size == FLASH_SIZE
