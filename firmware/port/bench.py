"""A virtual board says hello to the bench and gets its settings."""

import gc
import sys

from micropython import const
from port import asyncio_task, steer
from port import link as _link
from utime import ticks_diff, ticks_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from port.link import Link, Wire

_HELLO = const(1)
_MEMORY = const(3)
_FAULTS = const(4)
_WELCOME = const(0x11)
_ASK_MEMORY = const(0x14)
_EVENT_FRAME = const(1)
_EVENT_PIN_ENTRY = const(2)
_TAKERS = ((_link.NET, "port.nets"), (_link.UART, "port.uart"), (_link.SOCKET, "port.tcp"))

settings: "dict[str, str]" = {}
_peak = 0  # most heap in use, after a collection, since it was last told; looked at if the bench has asked for it


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
    for channel, module in _TAKERS:
        lk.handlers[channel] = _late(channel, module)
    for channel in (_link.I2C, _link.SPI, _link.VAULT, _link.FLASH, _link.WLAN):
        lk.handlers[channel] = lk.keep_reply
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
    return settings


def _late(channel: int, module: str) -> "Callable[[memoryview], None]":
    """`module` takes the messages of `channel`, and is loaded with the first one: together they are 12 KB of heap."""

    def take(payload: memoryview) -> None:
        __import__(module)
        handler = sys.modules[module].take
        _link.link().handlers[channel] = handler
        handler(payload)

    return take


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

    global _peak
    overruns = shorts = 0
    if "port.virtual" in sys.modules:
        from port import nets, uart

        overruns, shorts = uart.overruns, nets.shorts
    gc.collect()
    lk: Link = _link.link()
    lk.send(_link.SYSTEM, pack("<BHHHHH", _FAULTS, lk.bad, lk.gaps, lk.repeats, overruns, shorts))
    lk.send(_link.SYSTEM, pack("<BIII", _MEMORY, gc.mem_alloc(), gc.mem_free(), _peak))
    _peak = 0


def log(text: str) -> None:
    """One line for the bench's log."""
    _link.link().send(_link.LOG, text.encode())


class Events:
    """What a virtual board tells the bench beside its wires."""

    def frame(self, number: int) -> None:
        """Display frame `number` is on the glass."""
        global _peak
        if "watch_heap" in settings:
            gc.collect()
            _peak = max(_peak, gc.mem_alloc())
        _link.link().send(_link.EVENT, bytes((_EVENT_FRAME,)), number.to_bytes(4, "little"))

    def pin_entry(self, is_open: int) -> None:
        """PIN entry begins or ends: between the two the bench records keys as `*`, and with 2 pictures too."""
        _link.link().send(_link.EVENT, bytes((_EVENT_PIN_ENTRY, is_open)))
