"""A wire to a board on a serial port: of this computer, or of another by `rfc2217://HOST:PORT` or `socket://HOST:PORT`."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import serial
from tillbench.host.emulator.link import SERIAL_WINDOW, LinkLost

_LOOK_S = 0.1
_CHUNK = 4096


def is_url(port: str) -> bool:
    """Whether the port is one of another computer."""
    return "://" in port


def open_port(name: str, baud: int, *, dtr: bool, timeout_s: float | None) -> serial.SerialBase:
    """The port, opened with RTS at rest, and DTR as asked for: on many boards they are the boot and reset buttons.

    Raises OSError (SerialException) or ValueError: it is not there, or is taken.
    """
    if is_url(name):
        port = serial.serial_for_url(name, do_not_open=True, baudrate=baud, timeout=timeout_s)
        port.close = partial(_close, port, port.close)
    else:
        port = serial.Serial(port=None, baudrate=baud, timeout=timeout_s, write_timeout=5, exclusive=True)
        port.port = name
    port.dtr = dtr
    port.rts = False
    port.open()
    return port


def _close(port: Any, close: Callable[[], None]) -> None:
    """pyserial leaves its socket open where the other computer has hung up before."""
    carrier: socket.socket | None = getattr(port, "_socket", None)
    close()
    if carrier is not None:
        carrier.close()


class _Pump:
    """What comes from a port that has nothing to select on, read by a thread, where it can be waited for."""

    def __init__(self, port: serial.SerialBase) -> None:
        self._port = port
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._ending = False
        self._thread = threading.Thread(target=self._carry, name="serial pump", daemon=True)
        self._thread.start()

    def _carry(self) -> None:
        with contextlib.suppress(OSError), self._theirs:
            while not self._ending:
                if data := self._port.read(max(1, min(self._port.in_waiting, _CHUNK))):
                    self._theirs.sendall(data)

    def fileno(self) -> int:
        return self._ours.fileno()

    def read(self) -> bytes:
        """What has come. Raises OSError when the port has gone."""
        try:
            data = self._ours.recv(_CHUNK)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError("the other computer has closed the connection")
        return data

    def close(self) -> None:
        self._ending = True
        self._thread.join(5)
        self._ours.close()


class SerialWire:
    """A serial port with DTR and RTS at rest.

    Args:
        port: its name, as in "/dev/ttyUSB0", or where it is, as in "rfc2217://lab:4000".
        baud: the REPL's rate; 115200 on an ESP32.
        dtr: assert DTR: a chip on its own USB port speaks only to somebody who does.

    Raises:
        LinkLost: the port is not there, is taken, or has gone away; the message names it.
    """

    window: int | None = SERIAL_WINDOW

    def __init__(self, port: str, baud: int = 115200, dtr: bool = False) -> None:
        self.port = port
        try:
            self._serial = open_port(port, baud, dtr=dtr, timeout_s=_LOOK_S if is_url(port) else 0)
        except (OSError, ValueError) as error:
            raise LinkLost(f"{port}: cannot be opened ({error})") from error
        self._pump = _Pump(self._serial) if is_url(port) else None

    def fileno(self) -> int:
        """Readable when something has come."""
        try:
            return self._pump.fileno() if self._pump else int(self._serial.fileno())
        except OSError as error:
            raise self._gone(error) from error

    def read(self) -> bytes:
        """What has come."""
        try:
            return self._pump.read() if self._pump else bytes(self._serial.read(_CHUNK))
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
        if self._pump:
            self._pump.close()
        self._serial.close()

    def _gone(self, error: OSError) -> LinkLost:
        return LinkLost(f"{self.port}: the port has gone away ({error})")
