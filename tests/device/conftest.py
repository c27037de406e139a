"""The device test runner: firmware functions executed in MicroPython over the bench link; nothing else reaches them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.emulator.bench import Bench, Vaults
from tillbench.host.emulator.micropython import UnixProcess
from tillbench.host.entropy import Entropy

HERE = Path(__file__).parent
HEAP = "4M"
"""The firmware needs a fraction of it; the rest is for the batches of cases that a test sends in one call."""


def start_runner(cwd: Path) -> Bench:
    """A bench whose device runs the test runner."""

    def start() -> UnixProcess:
        return UnixProcess.start(
            HERE / "runner" / "device_main.py", paths=(HERE / "runner", HERE / "on_device"), heap=HEAP, cwd=cwd
        )

    bench = Bench(start, Vaults(Entropy("device tests").stream("device")))
    bench.power_on()
    return bench


@pytest.fixture(scope="session")
def shared_device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = start_runner(tmp_path_factory.mktemp("device"))
    yield bench
    bench.power_off()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A device of the test's own, with wires to put models on."""
    bench = start_runner(tmp_path)
    yield bench
    bench.power_off()


@pytest.fixture
def device(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """`device.call("module:function", ...)` in MicroPython; the long-lived one, or the test's own `bench`."""
    if "bench" in request.fixturenames:
        yield request.getfixturevalue("bench")
        return
    shared = request.getfixturevalue("shared_device")
    if not shared.powered:
        shared.power_on()
    yield shared
