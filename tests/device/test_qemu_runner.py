"""The device test runner on QEMU's Cortex-M3: the same tests as on the Unix port, and what only happens there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.link import LinkLost

from . import qemu_rig
from .test_runner import *  # noqa: F403  (the same test bodies, with the fixtures below)


@pytest.fixture(scope="module")
def qemu_device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    qemu_rig.need_qemu()
    bench = qemu_rig.start_runner(tmp_path_factory.mktemp("qemu"))
    yield bench
    bench.power_off()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    qemu_rig.need_qemu()
    bench = qemu_rig.start_runner(tmp_path)
    yield bench
    bench.power_off()


@pytest.fixture
def device(qemu_device: Bench) -> Bench:
    qemu_device.power_on()  # if a test before has lost it
    return qemu_device


def test_long_arguments_and_results_go_in_several_frames(device: Bench) -> None:  # type: ignore[no-redef]
    data = bytes(range(256)) * 8  # as text 6 KB, of which the board holds three copies
    assert device.call("runner_probe:echo", data) == data


def test_the_image_is_the_one_with_100_kb(device: Bench) -> None:
    used, free = device.call("qemu_probe:heap")
    assert 98_000 <= used + free <= 102_400


def test_a_thousand_calls_ring_a_thousand_bells(device: Bench) -> None:
    for number in range(1000):
        assert device.call("runner_probe:echo", number) == number
    device.ask_memory()
    assert set(device.faults.values()) == {0}


def test_uart_alone(tmp_path: Path) -> None:
    qemu_rig.need_qemu()
    bench = qemu_rig.start_runner(tmp_path, shared=False)
    value = bytes(range(256)) * 2
    assert bench.call("runner_probe:echo", value) == value
    assert bench.call("runner_probe:tasks")[-1] == "gather [1, 2]"
    bench.ask_memory()
    bench.power_off()
    assert set(bench.faults.values()) == {0}


def test_a_hang_has_a_deadline_and_a_place(bench: Bench) -> None:
    assert bench.end is not None
    bench.end.patience_s = 0.5
    with pytest.raises(LinkLost, match="said nothing") as lost:
        bench.call("qemu_probe:hang")
    assert "KeyboardInterrupt" in str(lost.value)
    assert "qemu_probe.py" in str(lost.value)
    assert "in hang" in str(lost.value)


def test_a_program_that_ends_says_why(tmp_path: Path) -> None:
    qemu_rig.need_qemu()
    bench = qemu_rig.start_runner(tmp_path)
    with pytest.raises(LinkLost, match="SystemExit: that was all"):
        bench.call("qemu_probe:leave")
