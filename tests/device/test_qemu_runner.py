"""The device test runner on QEMU's Cortex-M3: what only happens there."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.link import LinkLost

from .runner_rig import start_runner

pytestmark = pytest.mark.till_needs("psram")
ROOT = Path(__file__).parents[2]


def test_the_image_is_the_one_with_100_kb(device: Bench) -> None:
    used, free = device.call("qemu_probe:heap")
    assert 98_000 <= used + free <= 102_400


def test_a_call_rings_a_bell_each_time(device: Bench) -> None:
    for number in range(200):
        assert device.call("runner_probe:echo", number) == number
    device.ask_memory()
    assert set(device.faults.values()) == {0}


def test_uart_alone(device_target: str, tmp_path: Path) -> None:
    bench = start_runner(device_target, tmp_path, shared=False)
    value = bytes(range(256)) * 2
    assert bench.call("runner_probe:echo", value) == value
    assert bench.call("runner_probe:tasks")[-1] == "gather [1, 2]"
    bench.ask_memory()
    bench.power_off()
    assert set(bench.faults.values()) == {0}


def test_what_describes_a_module_is_made_once_and_beside_the_heap(bench: Bench) -> None:
    (first, beside), *again = bench.call("qemu_probe:imported", "emv", "tlv")
    assert beside > 300
    assert [made for _, made in again] == [0, 0]
    assert 0 < again[0][0] == again[1][0] <= first < beside + 500, "what a module makes when it runs is in the heap"


def test_a_fork_goes_on_from_where_it_began(bench: Bench) -> None:
    assert bench.call("runner_probe:count") == 1
    told: list[str] = []
    bench.on_log = told.append
    counted = bench.snapshot()
    for _ in range(2):
        assert [bench.call("runner_probe:count") for _ in range(3)] == [2, 3, 4]
        bench.clock.after(5, lambda: None)
        told.append("something")
        bench.restore(counted)
        assert (told, bench.clock.next_due()) == ([], None)
    bench.power_off()
    bench.restore(counted)
    assert bench.call("runner_probe:count") == 2


def test_a_hang_has_a_deadline_and_a_place(bench: Bench) -> None:
    assert bench.end is not None
    bench.end.patience_s = 0.5
    with pytest.raises(LinkLost, match="said nothing") as lost:
        bench.call("qemu_probe:hang")
    assert "KeyboardInterrupt" in str(lost.value)
    assert "qemu_probe.py" in str(lost.value)
    assert "in hang" in str(lost.value)


def test_a_program_that_ends_says_why(bench: Bench) -> None:
    with pytest.raises(LinkLost, match="SystemExit: that was all"):
        bench.call("qemu_probe:leave")


START = """
import sys
from pathlib import Path
from tests.device.runner_rig import start_process
print(start_process("qemu", Path(sys.argv[1])).process.pid, flush=True)
sys.stdin.read()
"""


def test_qemu_goes_with_a_bench_that_is_killed(device_target: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", START, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as bench:
        assert bench.stdout is not None
        qemu = os.pidfd_open(int(bench.stdout.readline()))
        bench.send_signal(signal.SIGKILL)
        # Readable when the process has ended, whoever waits for it.
        assert select.select([qemu], [], [], 30)[0]
        os.close(qemu)
