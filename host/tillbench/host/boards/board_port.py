"""One owner for a board's serial port.

Flasher, file transport, REPL and bench link all want the same port; each gets it from here, one at a time, and the
lines DTR and RTS are set the same way for all of them. A port that went away (a reset of a board on its own USB, a
pulled cable) is found again by the serial number, whatever it is called then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import serial
import serial.tools.list_ports
from tillbench.host.boards.board_map import Board
from tillbench.host.emulator.serial_wire import SerialWire, open_port

REPL_BAUD = 115_200
ESPRESSIF = 0x303A
"""USB vendor number of a chip that is its own USB device; its REPL speaks only while DTR is asserted."""
BRIDGES = {0x10C4: "CP210x", 0x1A86: "CH340/CH9102", 0x0403: "FTDI", ESPRESSIF: "ESP32's own USB"}
_LOOK_AGAIN_S = 0.05
_EN_LOW_S = 0.1


class NoBoard(Exception):
    """The board's port is not there, or cannot be used; the message names it."""


@dataclass(frozen=True)
class Port:
    """A serial port of this computer."""

    device: str
    serial_number: str | None = None
    vendor: int | None = None
    description: str = ""

    @property
    def bridge(self) -> str:
        """What is between the computer and the chip, as far as the USB numbers tell."""
        return BRIDGES.get(self.vendor or 0, "") or self.description


def usb_ports() -> list[Port]:
    """The serial ports of USB devices. Others (the ports of the mainboard) have no board on them."""
    return [
        Port(port.device, port.serial_number, port.vid, port.description or "")
        for port in sorted(serial.tools.list_ports.comports(), key=lambda port: str(port.device))
        if port.vid is not None
    ]


class BoardPort:
    """A board's port, used by one at a time.

    Args:
        board: whose.
        listing: the ports that there are.
    """

    def __init__(self, board: Board, listing: Callable[[], Iterable[Port]] = usb_ports) -> None:
        self.board = board
        self._listing = listing
        self._user: str | None = None

    def find(self) -> str:
        """Where the board is now.

        Raises:
            NoBoard: nowhere.
        """
        number = self.board.serial_number
        if number is None:
            assert self.board.port is not None
            return self.board.port
        ports = list(self._listing())
        found = [port.device for port in ports if port.serial_number == number]
        if len(found) == 1:
            return found[0]
        if found:
            raise NoBoard(
                f"{self.board.name}: serial number {number} is on {' and '.join(found)}: give its port instead"
            )
        others = ", ".join(f"{port.device} ({port.serial_number or 'no serial number'})" for port in ports)
        raise NoBoard(f"{self.board.name}: no port with serial number {number}; there is {others or 'none at all'}")

    def wait_for(self, seconds: float) -> str:
        """Where the board is, once it is back.

        Raises:
            NoBoard: it did not come back within `seconds`.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                name = self.find()
                self._open(name).close()
                return name
            except NoBoard as error:
                if time.monotonic() > deadline:
                    raise NoBoard(f"{error}; waited {seconds:g} s") from None
            time.sleep(_LOOK_AGAIN_S)

    @contextmanager
    def lent(self, to: str) -> Iterator[str]:
        """The name of the port for a tool that opens it itself, as long as the block lasts.

        Raises:
            NoBoard: it is not there, or somebody else has it.
        """
        if self._user is not None:
            raise NoBoard(f"{self.board.name}: {self._user} has the port; {to} has to wait")
        name = self.find()
        self._open(name).close()  # its errors are clearer than those of most tools
        self._user = to
        try:
            yield name
        finally:
            self._user = None

    @contextmanager
    def opened(self, to: str) -> Iterator[serial.SerialBase]:
        """The open port, its lines at rest.

        Raises:
            NoBoard: as for `lent`.
        """
        with self.lent(to) as name:
            port = self._open(name)
            try:
                yield port
            finally:
                port.close()

    @contextmanager
    def wire(self, to: str) -> Iterator[SerialWire]:
        """The port as a wire of the bench link.

        Raises:
            NoBoard: as for `lent`.
            LinkLost: it went away meanwhile.
        """
        with self.lent(to) as name:
            wire = SerialWire(name, dtr=self._speaks_with_dtr(name))
            try:
                yield wire
            finally:
                wire.close()

    def _speaks_with_dtr(self, name: str) -> bool:
        return any(port.device == name and port.vendor == ESPRESSIF for port in self._listing())

    def _open(self, name: str) -> serial.SerialBase:
        """Open it without a reset: RTS and DTR both released, except where DTR says that somebody listens."""
        try:
            return open_port(name, REPL_BAUD, dtr=self._speaks_with_dtr(name), timeout_s=None)
        except (OSError, ValueError) as error:
            raise NoBoard(f"{self.board.name}: {name}: cannot be opened ({error})") from None

    def reset(self) -> None:
        """Pull EN low by RTS for a moment, as esptool does; DTR stays released, so the board starts its firmware.

        Raises:
            NoBoard: it is not there, or somebody has its buttons (`reset: buttons`).
        """
        if self.board.reset != "auto":
            raise NoBoard(f"{self.board.name}: its map says reset: {self.board.reset}; press EN")
        with self.opened("reset") as port:
            try:
                port.rts = True
                time.sleep(_EN_LOW_S)
                port.rts = False
            except OSError as error:
                raise NoBoard(f"{self.board.name}: its port has no RTS ({error})") from None
