"""Barcode scanner and tamper switch."""

from __future__ import annotations

from functools import partial

import pytest
from tillbench.host.emulator.bench import Bench

from tests.device.input_faults import CODE, SWITCH


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_each_line_is_a_scan(device: Bench, end: bytes) -> None:
    device.call("inputs_probe:connect")
    for n in range(3):
        data = f"{CODE}-{n}".encode() + end
        for at in range(len(data)):  # as the wire brings them
            at_us = 100_000 + n * 600_000 + at * 1040
            device.clock.after(at_us, partial(device.uart(1).to_device, data[at : at + 1]))
    assert device.call("inputs_probe:scans", 4) == ([f"{CODE}-{n}" for n in range(3)], 0)


def test_the_same_label_later_is_another_scan(device: Bench) -> None:
    device.call("inputs_probe:connect")
    for ms in (100, 2000):
        device.clock.after(ms * 1000, lambda: device.uart(1).to_device(b"A1\r"))
    assert device.call("inputs_probe:scans", 3)[0] == ["A1", "A1"]


def test_a_shut_case_says_nothing(device: Bench) -> None:
    device.nets.close(*SWITCH)
    device.call("inputs_probe:connect")
    assert not device.call("inputs_probe:opened", 60_000)
