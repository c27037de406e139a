"""Display: the bus, then pictures for a person to look at."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.boards.bringup.i2c_bus import answers
from tillbench.host.boards.bringup.person import Person
from tillbench.host.boards.bringup.wires import Wires, Wiring
from tillbench.host.boards.doctor import Finding

PICTURES = (
    (2, "is every pixel lit?", "dead pixels or rows: the glass, or its ribbon"),
    (1, "a frame at all four edges, and a diagonal from the upper left?", "shifted or mirrored: another controller"),
    (
        3,
        "ROW 1 to ROW 4, upright, from top to bottom?",
        "not readable: another controller, or the panel is upside down",
    ),
    (0, "is it dark?", "it does not obey"),
)
"""Number of the picture, the question, and what a no may mean."""


def examine(wires: Wires, person: Person) -> Iterator[Finding]:
    """Every picture."""
    wiring = Wiring.of(wires)
    if wiring.colour:
        names = ("panel_sck", "panel_mosi", "panel_cs", "panel_dc")
        where = ", ".join(wiring.pin(name, name[6:].upper()) for name in names)
        yield Finding(None, wiring.colour, f"on {where}; it says nothing back: if all stays dark, look at these")
    else:
        if not (yield from answers(wires, wiring, "SSD1306", wiring.display)):
            return
    for number, question, otherwise in PICTURES:
        if not wires.call("picture", number):
            yield Finding(False, "picture", "not acknowledged in the middle of it: a loose contact of SDA or SCL")
            return
        seen = person.sees(question)
        yield Finding(seen, "picture", question if seen is not False else f"{question} no: {otherwise}")
