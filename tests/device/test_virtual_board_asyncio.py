"""asyncio on the steered task queue, with MicroPython's own as the oracle: the same scenarios on a plain Unix port."""

from __future__ import annotations

import ast
import os
import subprocess
from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.micropython import find_micropython

from tests.device.runner_rig import HERE

SCENARIOS = (
    "order_of_sleeps",
    "events",
    "cancelled_at_event",
    "locks",
    "time_outs",
    "gathers",
    "cancel_chains",
    "exceptions",
    "flags",
    "joined",
)


@pytest.fixture(scope="module")
def oracle() -> dict[str, Any]:
    """What the C task queue and the real clock make of it."""
    done = subprocess.run(
        [str(find_micropython()), str(HERE / "on_device" / "asyncio_probe.py")],
        capture_output=True,
        text=True,
        timeout=50,
        env={**os.environ, "MICROPYPATH": ".frozen"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("OUTCOME "))
    outcome: dict[str, Any] = ast.literal_eval(line.removeprefix("OUTCOME "))
    assert set(outcome) == set(SCENARIOS)
    return outcome


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_steered_queue_does_as_the_ports_own(device: Bench, oracle: dict[str, Any], scenario: str) -> None:
    assert device.call(f"asyncio_probe:{scenario}") == oracle[scenario]


def test_the_steered_queue_is_in_place(device: Bench) -> None:
    """The comparison would prove nothing if the device ran the C queue, too."""
    assert device.call("board_probe:has_steered_queue")


def test_time_outs_are_exact(bench: Bench) -> None:
    """5 ms in time, 20 time-out, 5 until the failure, 10 until the cancellation, 5 without a limit."""
    before = bench.clock.now
    bench.call("asyncio_probe:time_outs")
    assert bench.clock.now - before == 1000 * (5 + 20 + 5 + 10 + 5)
