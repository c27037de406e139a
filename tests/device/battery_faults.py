"""Faults of the battery and of the divider between it and the ADC."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import methodcaller
from typing import Any

from tillbench.host.devices.battery import Battery, Divider
from tillbench.host.emulator.bench import Bench

from tests.device.fault_catalogue import Fault


def battery(bench: Bench, mv: int = 3_900) -> Battery:
    """A cell on the driver's pin, measured once."""
    cell = Battery(bench.clock, bench.nets, "P34")
    cell.insert(mv)
    bench.call("battery_probe:connect")
    bench.call("battery_probe:measure")
    return cell


def _then(spoil: Callable[[Battery], Any], times: int = 3) -> Callable[[Bench], Any]:
    """The levels that are measured afterwards."""

    def play(bench: Bench) -> Any:
        spoil(battery(bench))
        return [level for level, _ in bench.call("battery_probe:measure", times)]

    return play


def _wobbles(bench: Bench) -> Any:
    """Twenty millivolts up and down, around the step between two levels."""
    cell = battery(bench, 3_960)
    for second in range(1, 6):
        mv = 3_940 if second % 2 else 3_960
        bench.clock.after(second * 1_000_000 - 500_000, partial(cell.insert, mv))
    return [level for level, _ in bench.call("battery_probe:measure", 6)]


_DRIVER = "drivers.battery:Battery."
FAULTS = [
    Fault(
        "battery",
        "glitch of 3 ms at the ADC",
        "the middle one of five samples counts",
        _DRIVER + "_samples",
        1,
        _then(lambda cell: cell.pulse(3_450, 3)),
        [3, 3, 3],
    ),
    Fault(
        "battery",
        "drop-out of 20 ms at its contacts",
        "the last measurement that made sense stands",
        _DRIVER + "_may_pass",
        False,
        _then(lambda cell: cell.pulse(0, 20)),
        [3, 3, 3],
    ),
    *(
        Fault(
            "battery",
            f"{resistor}: the ADC reads {reads}",
            "UNKNOWN at the second measurement",
            _DRIVER + "_is_plausible",
            True,
            _then(methodcaller("set_divider", divider)),
            [3, -1, -1],
        )
        for divider, resistor, reads in (
            (Divider.UPPER_OFF, "upper resistor off", "nothing"),
            (Divider.LOWER_OFF, "lower resistor off", "all it can"),
        )
    ),
    Fault(
        "battery",
        "voltage wobbles around a step",
        "the level stays",
        _DRIVER + "_margin_mv",
        0,
        _wobbles,
        [4, 4, 4, 4, 4, 4],
    ),
]
