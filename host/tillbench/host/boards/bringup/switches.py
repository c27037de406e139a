"""Case switch and cash drawer: in both of their states."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.boards.bringup.person import Person
from tillbench.host.boards.bringup.printer import speaks, status
from tillbench.host.boards.bringup.wires import Wires, Wiring
from tillbench.host.boards.doctor import Finding

STEPS = 40
_STEP_MS = 200
_DRAWER_HIGH = 0x04
_PULSE = b"\x1bp\x00\x19\xfa"


def tamper(wires: Wires, person: Person) -> Iterator[Finding]:
    """Shut, open, shut."""
    wire = Wiring.of(wires).pin("tamper", "the case switch")
    for what, level, state in (
        ("shut the case", 0, "shut"),
        ("open the case", 1, "open"),
        ("shut it again", 0, "shut"),
    ):
        person.do(what)
        well = _comes_to(wires, "case", level)
        otherwise = (
            f"{wire} still reads open: its wire is broken, or the switch does not close"
            if level == 0
            else f"{wire} still reads shut: a short to ground, or the switch sticks"
        )
        yield Finding(well, "case", f"{wire} reads {state}" if well else otherwise)
        if not well:
            return


def _comes_to(wires: Wires, function: str, level: int) -> bool:
    for _ in range(STEPS):
        if wires.call(function) == level:
            return True
        wires.call("pause", _STEP_MS)
    return False


def drawer(wires: Wires, person: Person) -> Iterator[Finding]:
    """Shut, kicked open by the printer, shut by hand: as the printer reports it, and as a pin does if there is one."""
    wiring = Wiring.of(wires)
    spoken = speaks(wires, wiring)
    yield spoken
    if not spoken.ok:
        return
    person.do("shut the drawer")
    wires.call("pause", 10 * _STEP_MS)
    shut = _levels(wires, wiring)
    wires.call("printer", _PULSE, 1000)
    opened = _levels(wires, wiring)
    if not any(one != other for one, other in zip(shut, opened, strict=True)):
        seen = person.sees("did the drawer open?")
        if seen:
            yield Finding(False, "drawer", "it opened, and its switch said nothing: the switch, or pin 3 of its cable")
        else:
            yield Finding(False, "drawer", "nothing moved: pins 2 and 4 of its cable, its lock, or the printer's 24 V")
        return
    ways = ("the printer's status", wiring.pin("drawer", "its switch") if "drawer" in wiring.gpio else "")
    for way, before, after in zip(ways, shut, opened, strict=False):
        if way:
            yield Finding(
                before != after or None,
                "drawer",
                f"{way} tells open from shut" if before != after else f"{way} tells nothing; the other way does",
            )
    person.do("shut it again")
    for _ in range(STEPS):
        if _levels(wires, wiring) == shut:
            yield Finding(True, "drawer", "and that it is shut again")
            return
        wires.call("pause", _STEP_MS)
    yield Finding(False, "drawer", "it still reads open: its switch sticks")


def _levels(wires: Wires, wiring: Wiring) -> tuple[int, int]:
    """By the printer's status, and by the pin."""
    answer, _ = status(wires, 1)
    return (answer or 0) & _DRAWER_HIGH, wires.call("drawer") if "drawer" in wiring.gpio else 0
