"""ESP32 and ESP32-S3 as a PC/SC reader, wired as `pins.py` says; the port to the computer is the one of the REPL."""

import sys

from boards import pins
from boards.assembly import Board
from boards.console import Console
from boards.esp32_parts import NoBench, card_contacts, front, i2c
from drivers.tpdu_slot import TpduSlot


def _nothing(_: str) -> None:
    """What is printed would go out between the frames."""


def board() -> Board:
    """Build the reader.

    Raises:
        OSError: the display does not answer.
    """
    at = pins.of(getattr(sys.implementation, "_machine", ""))
    b = Board()
    b.name = "esp32"
    b.events = NoBench()
    front(b, at, i2c(at))
    b.card = TpduSlot(*card_contacts(at))
    b.host = Console()
    b.log = _nothing
    return b
