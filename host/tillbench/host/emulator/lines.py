"""Where the board's sockets lead: to an acquirer in this process on the bench's clock, or over TCP to any other."""

from __future__ import annotations

import errno
import logging
import socket
import struct
from collections.abc import Callable

from tillbench.host.acquirer import Acquirer, Connection
from tillbench.host.emulator.bench import Bench
from tillbench.protocols.link import Socket

log = logging.getLogger("tillbench.line")

LATENCY_US = 20_000
"""One way, as on a DSL line in the same country."""


class AcquirerLine:
    """The in-process acquirer at the end of a line of `LATENCY_US` each way.

    Attributes:
        up: False: connections are refused (acquirer away).
        on_bytes: hears every chunk as ("<" from the device | ">" towards it, bytes).
    """

    def __init__(self, bench: Bench, acquirer: Acquirer) -> None:
        self._bench = bench
        self._acquirer = acquirer
        self._connections: dict[int, Connection] = {}
        self.up = True
        self.on_bytes: Callable[[str, bytes], None] = lambda direction, data: None

    def open(self, number: int, address: str) -> None:  # noqa: ARG002  (the line leads to one place)
        """The device connects."""

        def answered() -> None:
            if self.up:
                self._connections[number] = self._acquirer.connect()
                self._bench.post_socket(Socket.OPENED, number)
            else:
                self._bench.post_socket(Socket.CLOSED, number, struct.pack("<H", errno.ECONNREFUSED))

        self._bench.clock.after(2 * LATENCY_US, answered)

    def send(self, number: int, data: bytes) -> None:
        """The device sends; the answers leave when the acquirer's rules let them."""
        connection = self._connections.get(number)
        if connection is None:
            return
        self.on_bytes("<", data)
        self._bench.clock.after(LATENCY_US, lambda: self._arrived(number, connection, data))

    def _arrived(self, number: int, connection: Connection, data: bytes) -> None:
        if not self.up or self._connections.get(number) is not connection:
            return
        for reply in connection.feed(data):

            def leave(data: bytes = reply.data, close: bool = reply.close) -> None:
                if not self.up or self._connections.get(number) is not connection:
                    return
                if data:
                    self.on_bytes(">", data)
                    self._bench.post_socket(Socket.DATA, number, data)
                if close:
                    del self._connections[number]
                    self._bench.post_socket(Socket.CLOSED, number, struct.pack("<H", 0))

            self._bench.clock.after(LATENCY_US + reply.delay_us, leave)

    def close(self, number: int) -> None:
        """The device closes."""
        connection = self._connections.pop(number, None)
        if connection is not None:
            connection.peer_gone()

    def hang_up(self) -> None:
        """The device is gone without a word: every connection ends."""
        for number in list(self._connections):
            self.close(number)


class TcpLine:
    """Any acquirer over TCP. Its bytes come when they come, so the bench runs on the computer's clock."""

    def __init__(self, bench: Bench, host: str, port: int) -> None:
        self._bench = bench
        self._address = (host, port)
        self._sockets: dict[int, socket.socket] = {}
        self.on_bytes: Callable[[str, bytes], None] = lambda direction, data: None

    def open(self, number: int, address: str) -> None:  # noqa: ARG002  (the line leads to one place)
        """Connect for the device; a failure reaches it as the error of its connect."""
        try:
            sock = socket.create_connection(self._address, timeout=5)
        except OSError as error:
            log.warning("acquirer %s:%d is away: %s", *self._address, error)
            code = error.errno or errno.ECONNREFUSED
            self._bench.post_socket(Socket.CLOSED, number, struct.pack("<H", code & 0xFFFF))
            return
        sock.setblocking(False)
        self._sockets[number] = sock
        self._bench.externals[sock] = lambda: self._readable(number, sock)
        self._bench.post_socket(Socket.OPENED, number)

    def _readable(self, number: int, sock: socket.socket) -> None:
        try:
            data = sock.recv(4096)
        except OSError as error:
            self._drop(number)
            self._bench.post_socket(Socket.CLOSED, number, struct.pack("<H", error.errno or errno.ECONNRESET))
            return
        if data:
            self.on_bytes(">", data)
            self._bench.post_socket(Socket.DATA, number, data)
        else:
            self._drop(number)
            self._bench.post_socket(Socket.CLOSED, number, struct.pack("<H", 0))

    def _drop(self, number: int) -> None:
        sock = self._sockets.pop(number, None)
        if sock is not None:
            self._bench.externals.pop(sock, None)
            sock.close()

    def send(self, number: int, data: bytes) -> None:
        """Pass on what the device sends."""
        sock = self._sockets.get(number)
        if sock is None:
            return
        self.on_bytes("<", data)
        try:
            sock.setblocking(True)
            sock.sendall(data)
            sock.setblocking(False)
        except OSError as error:
            self._drop(number)
            self._bench.post_socket(Socket.CLOSED, number, struct.pack("<H", error.errno or errno.ECONNRESET))

    def close(self, number: int) -> None:
        """The device closes."""
        self._drop(number)

    def hang_up(self) -> None:
        """The device is gone: every connection ends."""
        for number in list(self._sockets):
            self._drop(number)
