"""Starting the device test runner on QEMU; where `make qemu` was not run, the tests are skipped by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tillbench.host.emulator.bench import Bench, Vaults
from tillbench.host.emulator.qemu import NoQemu, QemuProcess, find_image, find_qemu
from tillbench.host.entropy import Entropy

HERE = Path(__file__).parent


def need_qemu() -> None:
    """Skip the test, by name, where there is no QEMU; in CI that is an error."""
    try:
        find_qemu()
        find_image("heap100k")
    except NoQemu as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def start_runner(cwd: Path, *, shared: bool = True) -> Bench:
    """A bench whose device is QEMU with 100 KB of heap and runs the test runner."""

    def start() -> QemuProcess:
        return QemuProcess.start(
            HERE / "runner" / "device_main_qemu.py",
            paths=(HERE / "runner", HERE / "on_device"),
            cwd=cwd,
            shared=shared,
        )

    bench = Bench(start, Vaults(Entropy("device tests").stream("device")))
    bench.power_on()
    return bench
