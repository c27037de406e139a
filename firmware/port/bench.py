"""A virtual board says hello to the bench and gets its settings."""

import gc

from micropython import const
from port import asyncio_task, steer, virtual
from port import link as _link
from utime import ticks_diff, ticks_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from port.link import Link, Wire

_HELLO = const(1)
_MEMORY = const(3)
_FAULTS = const(4)
_WELCOME = const(0x11)
_ASK_MEMORY = const(0x14)
_EVENT_FRAME = const(1)
_EVENT_PIN_ENTRY = const(2)

settings: "dict[str, str]" = {}


def start(wire: "Wire", parts: str, patience_ms: int = -1) -> "dict[str, str]":
    """Open the link, tell the bench about the board, take its settings (`key=value` lines).

    `parts` is one line about the board and then one line `name virtual|tapped key=value ...` for each part that is
    the bench's. A steered board must call this before anything imports asyncio.

    Raises:
        LinkClosed: no answer within `patience_ms` of real time (-1: waits for ever).
    """
    settings.clear()
    lk = _link.open_link(wire)
    lk.handlers[_link.SYSTEM] = _take
    virtual.connect(lk)
    lk.send(_link.SYSTEM, bytes((_HELLO,)), parts.encode())
    begun = ticks_ms()
    while not settings:
        if patience_ms < 0:
            lk.pump(-1)
        elif ticks_diff(ticks_ms(), begun) < patience_ms:
            lk.pump(100)
        else:
            raise _link.LinkClosed("no bench has answered the hello")
    if settings.get("steered") == "1":
        asyncio_task.install()
        steer.steered = True
    steer.epoch_s = int(settings.get("epoch", "0"))
    steer.now_us = int(settings.get("now", "0"))
    from port import tcp

    lk.handlers[_link.SOCKET] = tcp.take
    return settings


def _take(payload: memoryview) -> None:
    op = payload[0]
    if op == _WELCOME:
        for line in str(payload[1:], "utf-8").split("\n"):
            key, value = line.split("=", 1)
            settings[key] = value
    elif op == _ASK_MEMORY:
        report_memory()
    else:
        steer.take(payload)


def report_memory() -> None:
    """Send the counters of what went wrong, and heap figures (after a collection)."""
    from struct import pack

    from port import nets, uart

    gc.collect()
    lk: Link = _link.link()
    lk.send(_link.SYSTEM, pack("<BHHHHH", _FAULTS, lk.bad, lk.gaps, lk.repeats, uart.overruns, nets.shorts))
    lk.send(_link.SYSTEM, pack("<BII", _MEMORY, gc.mem_alloc(), gc.mem_free()))


def log(text: str) -> None:
    """One line for the bench's log."""
    _link.link().send(_link.LOG, text.encode())


class Events:
    """What a virtual board tells the bench beside its wires."""

    def frame(self, number: int) -> None:
        """Display frame `number` is on the glass."""
        _link.link().send(_link.EVENT, bytes((_EVENT_FRAME,)), number.to_bytes(4, "little"))

    def pin_entry(self, is_open: bool) -> None:
        """PIN entry begins or ends: between the two the bench records keys as `*`."""
        _link.link().send(_link.EVENT, bytes((_EVENT_PIN_ENTRY, is_open)))
