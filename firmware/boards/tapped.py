"""ESP32 with real parts, as in `esp32.py`, watched by a bench over the port that was the REPL. Never a release.

What is on a colour panel the bench does not see.
"""

import asyncio

from boards import esp32, pins
from boards.assembly import Board
from micropython import const
from port import bench, desk, one_port, tapped
from port.wire_repl import ReplWire

_HELLO_MS = const(5000)
_PRINTER = const(1)
_BUS = const(0)
_PARTS = """tapped
keypad tapped
card tapped
printer tapped uart=%d"""
_DISPLAY = """
display tapped i2c=%d addr=%d"""

_pump: "asyncio.Task | None" = None


def board() -> Board:
    """Build the board; the bench has said that it is there before that.

    Raises:
        NotProvisioned: it was not told its acquirer, its Wi-Fi and its keys.
        OSError: the display does not answer.
        LinkClosed: there is no bench.
    """
    site = esp32.Site()
    parts = _PARTS % _PRINTER
    if not site.display:
        parts += _DISPLAY % (_BUS, pins.DISPLAY)
    bench.start(ReplWire(), parts, _HELLO_MS)
    tapped.watch((_PRINTER,), ((_BUS, pins.DISPLAY),))
    events = tapped.Events()
    b = esp32.board(events=events)
    b.name = "tapped"
    b.log = tapped.log
    b.desk = desk.Desk()
    tapped.keys(b.keypad, events)
    b.card = tapped.Card(b.card)
    global _pump
    _pump = asyncio.create_task(one_port.pump(asyncio))
    return b
