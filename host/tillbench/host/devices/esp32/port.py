"""The model's serial port: a pseudo-terminal that a flashing tool opens as it opens a board's."""

from __future__ import annotations

import os
import select
import termios
import threading
import tty

from tillbench.host.devices.esp32.loader import Loader, Vanished

SPEEDS = {getattr(termios, name): int(name[1:]) for name in dir(termios) if name[0] == "B" and name[1:].isdigit()}
"""Termios' names for the rates, as numbers in bit/s."""


class LoaderPort:
    """A chip in download mode on a port of its own; `name` is what to open.

    Bytes take no time, and DTR and RTS do nothing: a pseudo-terminal has neither.
    """

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self._chip, self._port = os.openpty()
        tty.setraw(self._port)
        self.name = os.ttyname(self._port)
        self._wake, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _carry(self) -> None:
        try:
            while self._wake not in (ready := select.select([self._chip, self._wake], [], [])[0]):
                if self._chip in ready:
                    baud = SPEEDS[termios.tcgetattr(self._port)[4]]
                    answer = self.loader.feed(os.read(self._chip, 65536), baud)
                    while answer:
                        answer = answer[os.write(self._chip, answer) :]
        except Vanished:
            self._unplug()

    def _unplug(self) -> None:
        for descriptor in (self._port, self._chip):
            os.close(descriptor)
        self._port = self._chip = -1

    def wait(self) -> None:
        """Until it is closed or has vanished."""
        self._thread.join()

    def close(self) -> None:
        """Pull the cable."""
        os.write(self._waker, b"x")
        self._thread.join()
        if self._port >= 0:
            self._unplug()
        os.close(self._wake)
        os.close(self._waker)
