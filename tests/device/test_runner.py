"""The runner itself: what comes back, what an error says, how the clock behaves."""

from __future__ import annotations

import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError


def test_results_come_back_as_they_are(device: Bench) -> None:
    value = {"a": [1, b"\x00\xff", None, True], (2, 3): "text 'quoted'"}
    assert device.call("runner_probe:echo", value) == value


def test_long_arguments_and_results_go_in_several_frames(device: Bench) -> None:
    data = bytes(range(256)) * 8  # as text 6 KB, of which the device holds three copies
    assert device.call("runner_probe:echo", data) == data


def test_an_exception_has_its_name_and_place(device: Bench) -> None:
    with pytest.raises(DeviceError) as error:
        device.call("runner_probe:fail", 7)
    assert error.value.type == "ValueError"
    assert error.value.args_repr == "('seven is 7',)"
    assert "runner_probe.py" in error.value.trace


def test_the_device_can_ask_the_test(device: Bench) -> None:
    asked = []

    def double(n: int) -> int:
        asked.append(n)
        return 2 * n

    assert device.call("runner_probe:ask", [1, 2, 3], host={"double": double}) == [2, 4, 6]
    assert asked == [1, 2, 3]


def test_an_hour_of_sleep_takes_an_hour_of_virtual_time(bench: Bench) -> None:
    before = bench.clock.now
    assert bench.call("runner_probe:sleep", 3600) == 3_600_000
    assert bench.clock.now - before == 3_600_000_000


def test_a_busy_loop_on_the_clock_ends(bench: Bench) -> None:
    assert bench.call("runner_probe:busy", 20) >= 20


def test_tasks_wait_cancel_and_time_out(bench: Bench) -> None:
    assert bench.call("runner_probe:tasks") == ["b 10", "a 20", "timeout 120", "cancelled", "joined 7", "gather [1, 2]"]


def test_a_host_function_that_raises_fails_its_own_call_and_no_other(device: Bench) -> None:
    def refuse(n: int) -> int:
        raise LookupError(f"no {n} here")

    with pytest.raises(LookupError, match="no 1 here"):
        device.call("runner_probe:ask", [1, 2], host={"double": refuse})
    assert device.call("runner_probe:echo", 5) == 5
