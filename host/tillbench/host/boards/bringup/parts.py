"""The parts that can be brought up, by the name on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tillbench.host.boards.board_port import BoardPort, NoBoard
from tillbench.host.boards.bringup import (
    card_slot,
    contactless,
    display,
    indicators,
    keypad,
    power,
    printer,
    radio,
    readers,
    switches,
)
from tillbench.host.boards.bringup.person import Person
from tillbench.host.boards.bringup.wires import ReplWires, Wires
from tillbench.host.boards.doctor import Finding
from tillbench.host.boards.mpremote_transport import TransportFailed, raw_repl

PARTS: dict[str, Callable[[Wires, Person], Iterator[Finding]]] = {
    "keypad": keypad.examine,
    "display": display.examine,
    "printer": printer.examine,
    "card": card_slot.examine,
    "contactless": contactless.examine,
    "battery": power.battery,
    "buzzer": indicators.buzzer,
    "leds": indicators.leds,
    "scanner": readers.scanner,
    "stripe": readers.stripe,
    "tamper": switches.tamper,
    "drawer": switches.drawer,
    "wifi": radio.wifi,
}


def bring_up(port: BoardPort, part: str, person: Person) -> Iterator[Finding]:
    """Walk through one part of the board on `port`, over its REPL; what ran there is interrupted.

    Args:
        port: the board; it has a build of the firmware with real parts.
        part: one of `PARTS`.
        person: who sits at it.
    """
    try:
        with raw_repl(port) as transport:
            yield from PARTS[part](ReplWires(transport), person)
    except (NoBoard, TransportFailed) as error:
        yield Finding(False, "board", f"{error}; `tillbench board deploy --build release` puts the firmware on it")
