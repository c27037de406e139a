"""The printer's network port: what print servers and point-of-sale software know as raw or JetDirect, port 9100.

Bytes of a connection go into the printer as they are, its answers come back; one connection at a time, the next one
waits. While the printer's buffer is full nothing is read, and the host finds that it cannot send.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import socket

from tillbench.host.devices.printer import Printer
from tillbench.host.devices.printer_network import NetworkSide
from tillbench.host.emulator.bench import Bench

LOOPBACK = "127.0.0.1"
USUAL = 9100
_PRIVILEGED = 1024

log = logging.getLogger("tillbench.printer")


class CannotListen(Exception):
    """The port cannot be had; the text says why and what to do."""


class PrinterPort:
    """Listens on loopback from the start; serves once it is given a bench and its printer.

    Args:
        port: 0 for any free one.

    Raises:
        CannotListen: it is taken, privileged, or no port number.
    """

    def __init__(self, port: int = USUAL) -> None:
        if not 0 <= port <= 65535:
            raise CannotListen(f"--printer-port {port}: expected 0 to 65535")
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind((LOOPBACK, port))
            self._listener.listen()
        except OSError as error:
            self._listener.close()
            raise CannotListen(f"--printer-port {port}: {_reason(error, port)}") from None
        self._listener.setblocking(False)
        self._bench: Bench | None = None
        self._side: NetworkSide | None = None
        self._connection: socket.socket | None = None
        self._ended = False
        """The host has sent all that it will send; it may still hear answers."""

    @property
    def port(self) -> int:
        """The number."""
        return int(self._listener.getsockname()[1])

    def attach(self, bench: Bench, printer: Printer) -> None:
        """Serve, in the bench's thread, whenever it waits for something from outside."""
        self._bench = bench
        self._side = printer.attach_network(self._answer)
        self._side.on_progress = self._listen
        self._listen()

    def close(self) -> None:
        """Hang up and stop listening."""
        if self._bench is not None:
            self._bench.externals.pop(self._listener, None)
            self._bench.externals.pop(self._connection, None)
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._bench = None
        self._listener.close()

    def _listen(self) -> None:
        """Hear what can be heard now: a new connection, or bytes if the printer has room for any."""
        if self._bench is None or self._side is None:
            return
        externals = self._bench.externals
        if self._connection is not None and self._ended and not self._side.working:
            self._hang_up()
        if self._connection is None:
            externals[self._listener] = self._accept
        elif self._side.room and not self._ended:
            externals[self._connection] = self._read
        else:
            externals.pop(self._connection, None)

    def _accept(self) -> None:
        assert self._bench is not None
        with contextlib.suppress(OSError):  # it has gone again
            self._connection, _ = self._listener.accept()
            self._connection.setblocking(False)
            del self._bench.externals[self._listener]
        self._listen()

    def _read(self) -> None:
        assert self._connection is not None
        assert self._side is not None
        try:
            data = self._connection.recv(self._side.room)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._side.receive(data)
        else:
            self._ended = True
        self._listen()

    def _hang_up(self) -> None:
        assert self._connection is not None
        assert self._bench is not None
        assert self._side is not None
        self._bench.externals.pop(self._connection, None)
        self._connection.close()
        self._connection = None
        self._ended = False
        self._side.hung_up()

    def _answer(self, data: bytes) -> None:
        if self._connection is None:
            return
        try:
            self._connection.send(data)
        except OSError as error:  # a host that never reads has a full buffer; one that has gone has none
            log.warning("printer port: an answer of %d bytes was lost: %s", len(data), error.strerror)


def _reason(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return "another program has it; choose another, or 0 for any free one"
    if error.errno == errno.EACCES and port < _PRIVILEGED:
        return f"ports below {_PRIVILEGED} are the administrator's; printers have {USUAL}"
    return str(error.strerror)
