"""The battery's driver: what each voltage says, and what none says."""

from __future__ import annotations

import pytest
from tillbench.host.devices.battery import Battery, Divider
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.wires import Clock, Nets

from tests.device.battery_faults import battery


def test_each_voltage_has_its_level(device: Bench) -> None:
    cell = battery(device, 4_200)
    found = []
    for mv in (4_200, 3_900, 3_700, 3_600, 3_400, 3_600, 3_700, 3_900, 4_100):
        cell.insert(mv)
        found += device.call("battery_probe:measure")
    assert [level for level, _ in found] == [4, 3, 2, 1, 0, 1, 2, 3, 4]
    assert [mv for _, mv in found][:3] == [4_200, 3_900, 3_700]


def test_a_level_changes_beyond_its_step_in_each_direction(device: Bench) -> None:
    cell = battery(device, 3_960)
    found = []
    for mv in (3_925, 3_915, 3_975, 3_985):
        cell.insert(mv)
        found += device.call("battery_probe:measure")
    assert [level for level, _ in found] == [4, 3, 3, 4]


def test_where_there_is_none_it_costs_no_time(device: Bench) -> None:
    cell = battery(device)
    cell.remove()
    device.call("battery_probe:connect")
    before = device.clock.now
    assert device.call("battery_probe:measure", 5, 0) == [(-2, 0)] * 5
    assert device.clock.now == before
    assert device.call("battery_probe:implausible") == 0


def test_it_is_known_again_when_the_divider_is_mended(device: Bench) -> None:
    cell = battery(device)
    cell.set_divider(Divider.UPPER_OFF)
    assert device.call("battery_probe:measure", 2)[-1] == (-1, 3_900)
    cell.set_divider(Divider.GOOD)
    assert device.call("battery_probe:measure") == [(3, 3_900)]
    assert device.call("battery_probe:implausible") == 2


def test_the_model_refuses_what_no_cell_has() -> None:
    cell = Battery(Clock(), Nets(), "P34")
    with pytest.raises(ValueError, match="expected 1 to 4500 mV, found 5000"):
        cell.insert(5_000)
    with pytest.raises(ValueError, match="found -1 mV for 3 ms"):
        cell.pulse(-1, 3)
    assert cell.mv == 0
