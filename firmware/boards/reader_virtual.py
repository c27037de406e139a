"""A reader on which everything is virtual: on the Unix port, on QEMU, on a bare board over the port that was its REPL.

Its serial port to the computer is UART 0 of the board, whose far end the bench makes a pseudo-terminal.
"""

import sys

from boards.parts import READER
from micropython import const
from port import bench

_HELLO_MS = const(5000)

# The link and the clock are up before anything imports asyncio.
if "port.one_port" in sys.modules:
    from port.wire_repl import ReplWire

    _name = "bare"
    bench.start(ReplWire(), _name + READER, _HELLO_MS)
elif sys.platform == "qemu":
    from port import wire_qemu

    _name = "qemu_an385"
    bench.start(wire_qemu.open_wire(), _name + READER)
else:
    from port.wire_unix import UnixWire

    _name = "unix"
    bench.start(UnixWire(), _name + READER)

from boards.assembly import Board, Display
from boards.virtual_parts import card_contacts, keypad, panel
from drivers.tpdu_slot import TpduSlot
from machine import UART


class HostPort(UART):
    """UART 0."""

    is_console = False


def board() -> Board:
    """Build the reader."""
    events = bench.Events()
    b = Board()
    b.name = _name
    b.log = bench.log
    b.events = events
    b.display = Display(panel(events.frame))
    b.keypad = keypad()
    b.card = TpduSlot(*card_contacts())
    b.host = HostPort(0, 115200, rxbuf=600)
    return b
