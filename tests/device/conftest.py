"""The device test runner: firmware functions executed in MicroPython over the bench link; nothing else reaches them.

Every test runs on every target that `--till-target` chooses. Unless it does, QEMU, ten times slower, runs all tests of
the terminal, of memory and of QEMU itself, every sixth test of the parts below, and the first of every eight cases; at
a desk a sample of those that the Unix port runs too (see `one_in`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.hil.targets import check_needs, chosen_targets, require
from tillbench.host.devices.slot_faults import SlotFaults
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.emulator import TARGETS

from .fault_wires import borrowed
from .reader_rig import POWER_OFF, Line
from .runner_rig import Runners

CASES_IN_ONE = 8
TESTS_OF_PARTS_IN_ONE = 6
SAMPLED_ONE_IN = 6
QEMUS_OWN = ("test_memory_gate", "test_qemu_", "test_kernel_budget")
WHOLE_ON_QEMU = ("test_terminal_", *QEMUS_OWN)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "device_target" in metafunc.fixturenames:
        # One target after the other within a module: see `Runners.get`.
        targets = chosen_targets(metafunc.config) or sorted(TARGETS, reverse=True)
        metafunc.parametrize("device_target", targets, indirect=True, scope="module")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if chosen_targets(config):
        return
    tests: dict[str, list[list[pytest.Item]]] = {}
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if isinstance(item, pytest.Function) and _target_of(item) == "qemu":
            test = item.nodeid.partition("[")[0]
            if test not in cases:
                tests.setdefault(item.path.name, []).append(cases.setdefault(test, []))
            cases[test].append(item)
            if not item.path.name.startswith(QEMUS_OWN):
                item.add_marker(pytest.mark.one_in(SAMPLED_ONE_IN))
    left_out = {item for group in cases.values() for at, item in enumerate(group) if at % CASES_IN_ONE}
    for module, groups in tests.items():
        if not module.startswith(WHOLE_ON_QEMU):
            left_out.update(item for at, group in enumerate(groups) if at % TESTS_OF_PARTS_IN_ONE for item in group)
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def _target_of(item: pytest.Function) -> object:
    return item.callspec.params.get("device_target") if hasattr(item, "callspec") else None


@pytest.fixture(scope="module")
def device_target(request: pytest.FixtureRequest) -> str:
    """Name of the target on which the test runs."""
    return require(request.param, config=request.config)


@pytest.fixture(autouse=True)
def _needs(request: pytest.FixtureRequest) -> None:
    if "device_target" in request.fixturenames:
        check_needs(request.node, request.getfixturevalue("device_target"))


@pytest.fixture(scope="session")
def _runners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runners]:
    runners = Runners(tmp_path_factory.mktemp("runners"))
    yield runners
    runners.close()


@pytest.fixture(scope="module")
def shared_device(request: pytest.FixtureRequest, device_target: str, _runners: Runners) -> Iterator[Bench]:
    """The long-lived runner; the chips of one module's tests are not there for the next."""
    bench = _runners.get(device_target, request.node.name)
    yield bench
    bench.detach_chips()


@pytest.fixture
def bench(device_target: str, _needs: None, tmp_path: Path, _runners: Runners) -> Iterator[Bench]:
    """A device of the test's own, with wires to put models on."""
    bench = _runners.just_started(device_target, tmp_path)
    yield bench
    if device_target != "qemu":
        bench.power_off()


@pytest.fixture
def device(request: pytest.FixtureRequest, device_target: str) -> Bench:
    """`device.call("module:function", ...)` in MicroPython; the long-lived one, or the test's own `bench`."""
    found: Bench = request.getfixturevalue("bench" if "bench" in request.fixturenames else "shared_device")
    found.power_on()  # if a test before has lost it
    return found


@pytest.fixture
def wires(device: Bench) -> Iterator[Bench]:
    """A device that has done other things before; what is put on its wires is not there afterwards."""
    with borrowed(device):
        yield device


@pytest.fixture(scope="module")
def _reader_line(device_target: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    made = Line(device_target, tmp_path_factory.mktemp("reader"))
    yield made
    made.close()


@pytest.fixture
def line(_reader_line: Line) -> Iterator[Line]:
    """CCID on the line of a board that runs the reader's firmware; its slot is empty and off after each test."""
    yield _reader_line
    _reader_line.models.slot.faults = SlotFaults()
    _reader_line.models.slot.remove()
    _reader_line.bench.run_for(0.3)
    _reader_line.request(POWER_OFF)
