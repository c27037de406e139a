"""A board on a serial port as the device: started from its REPL, everything on it virtual.

Power on is a soft reset and one line at the REPL. Power off is the close frame: from then on nothing that the firmware
does has an effect, for all of its parts, the flash included, are in the bench.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.one_port import Repl
from tillbench.host.emulator.serial_wire import SerialWire

START = "import port.one_port;port.one_port.{how}({program!r})"
TRACEBACK_S = 2.0
_RESET = re.compile(rb"rst:0x[0-9a-f]+ \((\w+)\)")
"""In what the ROM of every ESP32 prints when it starts."""


@dataclass
class SerialDevice:
    """The board; nothing of it is a process of this computer."""

    wire: SerialWire
    heard: bytes = b""
    _printed: bytes = b""

    @classmethod
    def start(cls, port: str, program: str = "main", how: Literal["boot", "tap"] = "boot") -> SerialDevice:
        """Take the board's REPL, start the firmware that was deployed to it.

        Args:
            port: as in "/dev/ttyUSB0".
            program: the module to start.
            how: "boot": with all of its parts in the bench; "tap": with its own, mirrored.

        Raises:
            NoRepl: no MicroPython answers there.
            LinkLost: the port is not there, or is taken.
        """
        wire = SerialWire(port)
        try:
            repl = Repl(wire)
            repl.interrupt()
            repl.soft_reset()
            repl.execute(START.format(how=how, program=program))
        except LinkLost:
            wire.close()
            raise
        return cls(wire, repl.rest())

    def ended(self) -> int | None:
        """A board has no exit code."""
        return None

    def printed(self, data: bytes) -> None:
        """What came between the frames.

        Raises:
            LinkLost: it is what a board prints that has been reset: there is no link any more.
        """
        self._printed += data
        if reset := self._reset():
            raise LinkLost(f"{self.wire.port}: the board was reset ({reset})")

    def _reset(self) -> str:
        """Why the ROM has started anew, "" if it has not."""
        found = _RESET.search(self._printed)
        return found[1].decode() if found else ""

    def console(self) -> str:
        """What the board has printed since it was started, without what is no text: pieces of damaged frames."""
        text = self._printed.decode(errors="replace").replace("\r\n", "\n").strip("\x04>")
        return "".join(each for each in text if each == "\n" or (each.isprintable() and each != "\ufffd"))

    def interrupt(self) -> str:
        """The traceback of a program that has ended comes after the last frame, up to the raw prompt."""
        if not self._reset():
            with suppress(LinkLost):
                self._printed += Repl(self.wire).until(b"\x04>", TRACEBACK_S)
        return self.console()

    def kill(self) -> None:
        """The firmware's power is cut: the REPL is there again, if the board is."""
        with suppress(LinkLost):
            repl = Repl(self.wire)
            repl.leave_link()
            repl.friendly()
        self.wire.close()
