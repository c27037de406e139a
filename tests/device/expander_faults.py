"""Faults of the keypad's I/O expander."""

from __future__ import annotations

import random
from typing import Any

from tillbench.host.devices.keypad import KeypadModel
from tillbench.host.devices.pcf8575 import Pcf8575
from tillbench.host.emulator.bench import Bench

from tests.device.fault_catalogue import Fault

ADDRESS = 0x20


def keypad(bench: Bench) -> tuple[Pcf8575, KeypadModel]:
    """The chip on the bus, a keypad on it, the driver scanning."""
    bench.i2c(0).chips.pop(ADDRESS, None)
    chip = Pcf8575(bench.nets, "P35")
    bench.i2c(0).attach(ADDRESS, chip)
    rows, cols = ([chip.net(line) for line in lines] for lines in (range(5), range(8, 12)))
    model = KeypadModel(bench.clock, chip.lines, rows, cols, random.Random(1))
    bench.call("expander_probe:connect")
    bench.call("expander_probe:wait", 20)
    return chip, model


def _while_a_key_is_down(bench: Bench) -> Any:
    """It is gone for 800 ms; comes back as after power-on."""
    chip, model = keypad(bench)
    model.press("1", hold_us=5_000_000)
    bench.clock.after(500_000, lambda: setattr(chip, "absent", True))
    found = bench.call("expander_probe:keys", 2, 1500)
    held = bench.call("expander_probe:held", ord("1"))
    bench.call("expander_probe:stop")
    return found, held, bench.call("expander_probe:faults") > 0


def _while_idle(bench: Bench) -> Any:
    chip, model = keypad(bench)
    bench.clock.after(500_000, chip.power_dip)
    bench.call("expander_probe:wait", 4000)
    model.press("3")
    found = bench.call("expander_probe:keys", 2, 1500)
    bench.call("expander_probe:stop")
    return found


def _gone_for_a_while(bench: Bench) -> Any:
    chip, model = keypad(bench)
    chip.absent = True
    bench.call("expander_probe:wait", 3000)
    chip.absent = False
    model.press("3", hold_us=3_000_000)  # before anybody has written to it again
    found = bench.call("expander_probe:keys", 2, 5000)
    bench.call("expander_probe:stop")
    return found


PART = "keypad expander"
FAULTS = [
    Fault(
        PART,
        "does not acknowledge while a key is down",
        "the key reads as released: no contact is closed that nobody closes",
        "drivers.pcf8575:Expander._lost",
        None,
        _while_a_key_is_down,
        ([ord("1")], 0, True),
    ),
    Fault(
        PART,
        "dip of its supply while no key is down: its outputs are gone",
        "they are written again within two seconds",
        "drivers.pcf8575:Expander._refresh",
        None,
        _while_idle,
        [ord("3")],
    ),
    Fault(
        PART,
        "does not acknowledge for seconds, comes back with a key down",
        "the keypad looks again",
        "drivers.pcf8575:Expander._tell",
        None,
        _gone_for_a_while,
        [ord("3")],
    ),
]
