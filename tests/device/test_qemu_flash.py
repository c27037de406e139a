"""The flash in QEMU's shared memory: what a NOR chip does, byte for byte, and what a killed board leaves of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.emulator.bench import Bench, DeviceError
from tillbench.host.emulator.state import FLASH_SIZE
from tillbench.protocols.link import Channel, Run

from . import qemu_rig

TEXTS = [f"record {number:04d} " + "x" * (number % 7 * 20) + "\n" for number in range(30)]


@pytest.fixture
def qemu(tmp_path: Path) -> Iterator[Bench]:
    qemu_rig.need_qemu()
    bench = qemu_rig.start_runner(tmp_path)
    yield bench
    bench.power_off()


def restart(bench: Bench) -> None:
    """Kill and start again."""
    bench.power_off()
    bench.power_on()


def test_same_image_as_the_flash_file_of_the_unix_port(qemu: Bench, device: Bench, tmp_path: Path) -> None:
    qemu.call("qemu_probe:format_psram", FLASH_SIZE)
    operations = qemu.call("qemu_probe:append_psram", FLASH_SIZE, 0, TEXTS)
    qemu.power_off()
    other = tmp_path / "unix.bin"
    other.write_bytes(b"\xff" * FLASH_SIZE)
    assert device.call("qemu_probe:append_file", str(other), FLASH_SIZE, TEXTS) == operations
    assert (tmp_path / "flash.bin").read_bytes() == other.read_bytes()


def test_the_file_is_a_flash_image_again_after_the_power_cut(qemu: Bench, tmp_path: Path) -> None:
    assert (tmp_path / "flash.bin").stat().st_size > FLASH_SIZE
    qemu.power_off()
    assert (tmp_path / "flash.bin").read_bytes() == b"\xff" * FLASH_SIZE


def test_what_was_written_outlives_the_kill(qemu: Bench) -> None:
    qemu.call("qemu_probe:format_psram", FLASH_SIZE)
    qemu.call("qemu_probe:append_psram", FLASH_SIZE, 0, TEXTS)
    restart(qemu)
    assert qemu.call("qemu_probe:read_psram", FLASH_SIZE) == "".join(TEXTS)


def test_a_cut_at_any_operation_leaves_whole_records(qemu: Bench, tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    qemu.call("qemu_probe:format_psram", FLASH_SIZE)
    qemu.call("qemu_probe:append_psram", FLASH_SIZE, 0, TEXTS[:2])
    qemu.power_off()
    before = flash.read_bytes()
    qemu.power_on()
    operations = qemu.call("qemu_probe:append_psram", FLASH_SIZE, 0, TEXTS[2:4])
    outcomes = set()
    for last in range(1, operations + 1):
        qemu.power_off()
        flash.write_bytes(before)
        qemu.power_on()
        start_cut(qemu, last)
        qemu.run_until(lambda: not qemu.powered, 60, "the power cut")
        qemu.power_on()
        outcomes.add(qemu.call("qemu_probe:read_psram", FLASH_SIZE))
    whole = {"".join(TEXTS[:count]) for count in (2, 3, 4)}
    assert outcomes <= whole
    assert len(outcomes) > 1


def start_cut(bench: Bench, last: int) -> None:
    """Append two records on a board whose flash operation `last` is the last one."""
    call: tuple[object, ...] = ("qemu_probe:append_psram", (FLASH_SIZE, last, TEXTS[2:4]), {})
    bench._post(Channel.RUN, bytes([Run.CALL]) + repr(call).encode())


def test_a_program_only_clears_bits(qemu: Bench) -> None:
    with pytest.raises(DeviceError) as error:
        qemu.call("qemu_probe:program_over", FLASH_SIZE)
    assert error.value.type == "FlashFault"
    assert "block 3 at 64: ff over 00" in error.value.args_repr


def test_an_erase_is_whole(qemu: Bench) -> None:
    assert qemu.call("qemu_probe:erase_and_read", FLASH_SIZE, 5, 0) == 4096
