"""The contactless reader: its bus, its interrupt line, a card."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.boards.bringup.i2c_bus import answers
from tillbench.host.boards.bringup.person import Person
from tillbench.host.boards.bringup.wires import Wires, Wiring
from tillbench.host.boards.doctor import Finding

WAIT_MS = 8000


def examine(wires: Wires, person: Person) -> Iterator[Finding]:
    """The bus, the chip's start, IRQ, and whether it notices a card."""
    wiring = Wiring.of(wires)
    wires.call("addresses")  # a chip that sleeps answers the second time
    if not (yield from answers(wires, wiring, "PN532", wiring.contactless)):
        return
    reason, heard, _ = wires.call("contactless", 0)
    if reason:
        yield Finding(False, "PN532", f"does not start: {reason}; is the module switched to I2C?")
        return
    if "contactless_irq" in wiring.gpio:
        wire = wiring.pin("contactless_irq", "IRQ")
        yield Finding(
            heard,
            "IRQ",
            f"{wire} falls when the chip has an answer"
            if heard
            else f"{wire} says nothing: its wire is broken; without it the chip is asked all the time",
        )
    person.do("hold a card to the antenna")
    _, _, came = wires.call("contactless", WAIT_MS)
    yield Finding(
        came, "card", "noticed" if came else "not noticed: held too far away, metal behind the antenna, a weak supply?"
    )
