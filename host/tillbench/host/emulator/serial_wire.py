"""A wire to a board on a serial port."""

from __future__ import annotations

import serial
from tillbench.host.emulator.link import SERIAL_WINDOW, LinkLost


class SerialWire:
    """A serial port, opened with DTR and RTS at rest: on many boards they are the boot and reset buttons.

    Args:
        port: its name, as in "/dev/ttyUSB0".
        baud: the REPL's rate; 115200 on an ESP32.
        dtr: assert DTR: a chip on its own USB port speaks only to somebody who does.

    Raises:
        LinkLost: the port is not there, is taken, or has gone away; the message names it.
    """

    window: int | None = SERIAL_WINDOW

    def __init__(self, port: str, baud: int = 115200, dtr: bool = False) -> None:
        self.port = port
        self._serial = serial.Serial(port=None, baudrate=baud, timeout=0, write_timeout=5, exclusive=True)
        self._serial.dtr = dtr
        self._serial.rts = False
        self._serial.port = port
        try:
            self._serial.open()
        except (OSError, ValueError) as error:
            raise LinkLost(f"{port}: cannot be opened ({error})") from error

    def fileno(self) -> int:
        """The port's file descriptor."""
        try:
            return int(self._serial.fileno())
        except OSError as error:
            raise self._gone(error) from error

    def read(self) -> bytes:
        """What has come."""
        try:
            return bytes(self._serial.read(4096))
        except OSError as error:
            raise self._gone(error) from error

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        try:
            self._serial.write(data)
        except serial.SerialTimeoutException as error:
            raise LinkLost(f"{self.port}: takes no more bytes") from error
        except OSError as error:
            raise self._gone(error) from error

    def close(self) -> None:
        """Let go of the port."""
        self._serial.close()

    def _gone(self, error: OSError) -> LinkLost:
        return LinkLost(f"{self.port}: the port has gone away ({error})")
