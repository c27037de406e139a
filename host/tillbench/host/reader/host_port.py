"""The reader's serial port to the computer, as a pseudo-terminal: the board's UART on one side, a driver on the other.

It has no baud rate: bytes arrive as fast as both sides take them.
"""

from __future__ import annotations

import contextlib
import os
import pty
import threading
import tty
from collections.abc import Callable

from tillbench.host.emulator.wires import UartPort

_POWER_ON, _GET_SLOT_STATUS, _ESCAPE = 0x62, 0x65, 0x6B
_PROLOGUE = b"\x03\x06"


class HostPort:
    """`name` is the device for the driver; `fileno` is readable when the driver has written, `hear` passes that on."""

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        # Kept open: between two drivers, and before the first, there would be nobody at the other end.
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.name = os.ttyname(self._theirs)
        self.opened = threading.Event()
        """A driver has asked who is there."""
        self.settled = threading.Event()
        """The driver has powered the card since `watch`, and then looked at the slot once more."""
        self.looked = threading.Event()
        """The driver has looked at the slot twice since `watch`: it knows what is in it, or not in it."""
        self._powered = False
        self._looks = 0
        self._uart: UartPort | None = None
        self.on_request: Callable[[bytes], None] = lambda message: None
        """Hears each CCID message of the driver's, of up to 4,096 bytes, without the serial line's frame."""

    def fileno(self) -> int:
        """Of our end."""
        return self._ours

    def attach(self, uart: UartPort) -> None:
        """Lead it to the board."""
        self._uart = uart
        uart.on_bytes = self._send

    def watch(self) -> None:
        """A card comes or goes: from now on `settled` and `looked` mean this one."""
        self._powered = False
        self._looks = 0
        self.settled.clear()
        self.looked.clear()

    def hear(self) -> None:
        """What the driver has written goes to the board."""
        try:
            data = os.read(self._ours, 4096)
        except (BlockingIOError, OSError):
            return
        self._note(data)
        if self._uart is not None:
            self._uart.send(data)

    def _note(self, data: bytes) -> None:
        # The driver writes one frame at a time, and waits for its answer.
        if data[:2] != _PROLOGUE or len(data) < 3:
            return
        self.on_request(data[2:-1])
        kind = data[2]
        if kind == _ESCAPE:
            self.opened.set()
        elif kind == _POWER_ON:
            self._powered = True
        elif kind == _GET_SLOT_STATUS:
            self._looks += 1
            if self._powered:
                self.settled.set()
            if self._looks > 1:
                self.looked.set()

    def _send(self, data: bytes) -> None:
        # Nobody reads: what does not fit is lost, as on a line that leads nowhere.
        with contextlib.suppress(BlockingIOError):
            os.write(self._ours, data)

    def close(self) -> None:
        """The port goes away."""
        os.close(self._theirs)
        os.close(self._ours)
