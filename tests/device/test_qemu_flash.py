"""The flash in QEMU's shared memory: what a NOR chip does, byte for byte, and what a killed board leaves of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError
from tillbench.host.emulator.state import FLASH_SIZE
from tillbench.protocols import literal
from tillbench.protocols.link import Channel, Run

from .runner_rig import start_runner

pytestmark = pytest.mark.till_needs("psram")

TEXTS = [f"record {number:04d} " + "x" * (number % 7 * 20) + "\n" for number in range(30)]


@pytest.fixture
def bench(device_target: str, _needs: None, tmp_path: Path) -> Iterator[Bench]:
    """A board whose flash is a file in the test's own folder."""
    bench = start_runner(device_target, tmp_path)
    yield bench
    bench.power_off()


def restart(bench: Bench) -> None:
    """Kill and start again."""
    bench.power_off()
    bench.power_on()


def test_same_image_as_the_flash_file_of_the_unix_port(bench: Bench, tmp_path: Path) -> None:
    bench.call("qemu_probe:format_psram", FLASH_SIZE)
    operations = bench.call("qemu_probe:append_psram", FLASH_SIZE, 0, TEXTS)
    bench.power_off()
    other = tmp_path / "unix.bin"
    other.write_bytes(b"\xff" * FLASH_SIZE)
    unix = start_runner("unix", tmp_path)
    assert unix.call("qemu_probe:append_file", str(other), FLASH_SIZE, TEXTS) == operations
    unix.power_off()
    assert (tmp_path / "flash.bin").read_bytes() == other.read_bytes()


def test_the_file_is_a_flash_image_again_after_the_power_cut(bench: Bench, tmp_path: Path) -> None:
    assert (tmp_path / "flash.bin").stat().st_size > FLASH_SIZE
    bench.power_off()
    assert (tmp_path / "flash.bin").read_bytes() == b"\xff" * FLASH_SIZE


def test_what_was_written_outlives_the_kill(bench: Bench) -> None:
    bench.call("qemu_probe:format_psram", FLASH_SIZE)
    bench.call("qemu_probe:append_psram", FLASH_SIZE, 0, TEXTS)
    restart(bench)
    assert bench.call("qemu_probe:read_psram", FLASH_SIZE) == "".join(TEXTS)


def test_a_cut_at_any_operation_leaves_whole_records(bench: Bench, tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    bench.call("qemu_probe:format_psram", FLASH_SIZE)
    bench.call("qemu_probe:append_psram", FLASH_SIZE, 0, TEXTS[:2])
    bench.power_off()
    before = flash.read_bytes()
    bench.power_on()
    operations = bench.call("qemu_probe:append_psram", FLASH_SIZE, 0, TEXTS[2:4])
    outcomes = set()
    for last in range(1, operations + 1):
        bench.power_off()
        flash.write_bytes(before)
        bench.power_on()
        start_cut(bench, last)
        bench.run_until(lambda: not bench.powered, 60, "the power cut")
        bench.power_on()
        outcomes.add(bench.call("qemu_probe:read_psram", FLASH_SIZE))
    whole = {"".join(TEXTS[:count]) for count in (2, 3, 4)}
    assert outcomes <= whole
    assert len(outcomes) > 1


def start_cut(bench: Bench, last: int) -> None:
    """Append two records on a board whose flash operation `last` is the last one."""
    call: tuple[object, ...] = ("qemu_probe:append_psram", (FLASH_SIZE, last, TEXTS[2:4]), {})
    bench._post(Channel.RUN, bytes([Run.CALL]) + literal.encode(call))


def test_a_program_only_clears_bits(bench: Bench) -> None:
    with pytest.raises(DeviceError) as error:
        bench.call("qemu_probe:program_over", FLASH_SIZE)
    assert error.value.type == "FlashFault"
    assert "block 3 at 64: ff over 00" in error.value.args_repr


def test_an_erase_is_whole(bench: Bench) -> None:
    assert bench.call("qemu_probe:erase_and_read", FLASH_SIZE, 5, 0) == 4096
