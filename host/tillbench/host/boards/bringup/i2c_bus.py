"""The I2C bus that display and keypad share: both wires, and who answers."""

from __future__ import annotations

from collections.abc import Generator

from tillbench.host.boards.bringup.wires import Wires, Wiring
from tillbench.host.boards.doctor import Finding


def answers(wires: Wires, wiring: Wiring, chip: str, address: int) -> Generator[Finding, None, bool]:
    """Both wires of the bus and the chip; returns whether the chip can be talked to."""
    well = True
    for name, caption in (("sda", "SDA"), ("scl", "SCL")):
        down, up = wires.call("level", name)
        wire = wiring.pin(name, caption)
        if not up:
            yield Finding(False, "I2C", f"{wire} is held low: a short to ground, or a chip that hangs: power it anew")
            well = False
        elif not down:
            yield Finding(False, "I2C", f"{wire} has no pull-up: 4.7 kOhm to 3.3 V, or its wire is broken before it")
            well = False
    if not well:
        return False
    found = wires.call("addresses")
    there = address in found
    others = ", ".join(f"0x{other:02X}" for other in found) or "nobody"
    yield Finding(
        there,
        chip,
        f"answers at 0x{address:02X}"
        if there
        else f"does not answer at 0x{address:02X}, {others} does: its supply, its address pins, SDA and SCL exchanged?",
    )
    return there
