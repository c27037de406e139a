"""The battery: what comes of its voltage behind the divider."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.boards.bringup.person import Person
from tillbench.host.boards.bringup.wires import Wires, Wiring
from tillbench.host.boards.doctor import Finding

_RATIO = 2
_ADC_ENDS_MV = (200, 2_400)
"""Beyond them an ESP32's ADC tells nothing apart."""
_CELL_MV = range(2_800, 4_401)


def battery(wires: Wires, person: Person) -> Iterator[Finding]:
    """The voltage at the pin, and what a meter says of the cell."""
    wire = Wiring.of(wires).pin("battery", "the divider")
    at_pin = wires.call("battery")
    least, most = _ADC_ENDS_MV
    cell = at_pin * _RATIO
    if at_pin < least:
        yield Finding(False, "battery", f"nothing at {wire}: no cell, or its upper resistor has come off")
    elif at_pin > most:
        yield Finding(False, "battery", f"more at {wire} than it can read: its lower resistor has come off")
    elif cell not in _CELL_MV:
        yield Finding(False, "battery", f"{cell} mV, which no lithium cell has: are both resistors the same?")
    else:
        yield Finding(True, "battery", f"{cell} mV")
        seen = person.sees(f"does a meter at the cell show {cell / 1000:.2f} V, or 0.1 V more or less?")
        yield Finding(seen, "battery", "as a meter says" if seen else "compare it with a meter at the cell")
