"""Where the board's sockets lead: to an acquirer in this process on the bench's clock, or over TCP to any other."""

from __future__ import annotations

import errno
import ipaddress
import logging
import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tillbench.host.acquirer import Acquirer, Connection
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.tls_front import TlsFront
from tillbench.host.line import Departure, Event, FaultyConnection, Record, Scenario, Way
from tillbench.protocols.iso8583 import UNIONPAY
from tillbench.protocols.iso8583.lines import LINES
from tillbench.protocols.link import Socket

log = logging.getLogger("tillbench.line")

LATENCY_US = 20_000
"""One way, as on a DSL line in the same country."""
NAMES = {"acquirer": "192.0.2.1"}
"""What the name server of a bench knows: an address for documentation (RFC 5737), which leads to the acquirer."""


class AcquirerLine:
    """The in-process acquirer at the end of a line of `LATENCY_US` each way, which may misbehave.

    Attributes:
        up: False: connections are refused (acquirer away).
        mute: True: connections are taken, and nothing is ever said on them.
        tls: the host's port is one for TLS, from the next connection on; what misbehaves is then behind it.
        names: the name server's.
        opened: connections so far.
        on_bytes: hears every chunk at the device's end as ("<" from the device | ">" towards it, bytes).
    """

    def __init__(self, bench: Bench, acquirer: Acquirer, seed: str = "0") -> None:
        self._bench = bench
        self._acquirer = acquirer
        self._seed = seed
        self._connections: dict[int, Connection] = {}
        self._faulty: dict[int, FaultyConnection] = {}
        self.opened = 0
        self._scenario = Scenario()
        self.record = Record(contents=True)
        self._fronts: dict[int, TlsFront] = {}
        self.up = True
        self.mute = False
        self.tls: ssl.SSLContext | None = None
        self.names = dict(NAMES)
        self.on_bytes: Callable[[str, bytes], None] = lambda direction, data: None

    def misbehave(self, scenario: Scenario | Mapping[str, Any] | None = None, **rule: Any) -> None:
        """Spoil what connections opened from now on carry; what is done to each message is added to `record`.

        scenario: of `tillbench line`, as it is, or as the mapping that its YAML file has; rule: or a single rule, as
        `misbehave(message="0210", drop=1)`. Neither: behave again. The seed is the emulator's.

        Raises:
            pydantic.ValidationError: the scenario makes no sense.
        """
        if rule:
            scenario = {"rules": [rule]}
        self._scenario = Scenario.model_validate(scenario or {})

    @property
    def connected(self) -> int:
        """Connections that are open."""
        return len(self._connections)

    def resolve(self, name: str) -> str:
        """The address of a name, "" if nobody knows it."""
        return self.names.get(name, "")

    def drop(self) -> None:
        """The host ends every connection, as one does that has been idle for long."""
        for number in list(self._connections):
            self._cut(number, 0)

    def open(self, number: int, address: str) -> None:
        """The device connects: there is one host, at every port of its address."""

        def answered() -> None:
            if self.up and address.rpartition(":")[0] in self.names.values():
                self._connections[number] = self._acquirer.connect()
                if self.tls is not None:
                    self._fronts[number] = TlsFront(self.tls)
                self.opened += 1
                self._faulty[number] = FaultyConnection(
                    self._scenario, self._seed, self.opened, self.record, LINES["unionpay"], UNIONPAY
                )
                self._bench.post_socket(Socket.OPENED, number)
            else:
                self._bench.post_socket(Socket.CLOSED, number, struct.pack("<H", errno.ECONNREFUSED))

        self._bench.clock.after(2 * LATENCY_US, answered)

    def send(self, number: int, data: bytes) -> None:
        """The device sends; the answers leave when the line and the acquirer's rules let them."""
        if number not in self._connections or self.mute:
            return
        if number in self._fronts:
            data = self._opened_up(number, data)
        if data:
            self.on_bytes("<", data)
            self._carry(number, Way.TO_HOST, data)

    def _opened_up(self, number: int, data: bytes) -> bytes:
        """What is in sealed bytes; what TLS has to say to them leaves by itself."""
        front, connection, clock = self._fronts[number], self._connections[number], self._bench.clock
        refused = None
        try:
            data = front.take(data)
        except ssl.SSLError as error:
            refused, data = error, b""
            log.warning("line: TLS: %s", error.reason or error)
        leaving = front.leaving()

        def arrive() -> None:
            if self._connections.get(number) is connection:
                if leaving:
                    self._bench.post_socket(Socket.DATA, number, leaving)
                if refused is not None:
                    self._cut(number, 0)

        if leaving or refused is not None:
            clock.after(2 * LATENCY_US, arrive)
        return data

    def close(self, number: int) -> None:
        """The device closes."""
        self._fronts.pop(number, None)
        connection = self._connections.pop(number, None)
        if connection is not None:
            connection.peer_gone()

    def hang_up(self) -> None:
        """The device is gone without a word: every connection ends."""
        for number in list(self._connections):
            self.close(number)

    def _carry(self, number: int, way: Way, data: bytes) -> None:
        self._faulty[number].take(way, data, self._bench.clock.now)
        self._let_leave(number, way, self._connections[number])

    def _let_leave(self, number: int, way: Way, connection: Connection) -> None:
        """Pass on what is due, and come again for what is not."""
        if self._connections.get(number) is not connection:
            return
        faulty, clock = self._faulty[number], self._bench.clock
        for departure in faulty.due(way, clock.now):
            arrive = self._arrived if way is Way.TO_HOST else self._returned
            clock.after(LATENCY_US, partial(arrive, number, connection, departure))
        due = faulty.next_due(way)
        if due is not None:
            clock.at(due, lambda: self._let_leave(number, way, connection))

    def _arrived(self, number: int, connection: Connection, departure: Departure) -> None:
        """At the acquirer."""
        if not self.up or self._connections.get(number) is not connection:
            return
        if departure.event is Event.RESET:
            self._cut(number, errno.ECONNRESET)
            return
        if departure.event is Event.END:
            connection.peer_gone()
            return
        for reply in connection.feed(departure.data):

            def leave(data: bytes = reply.data, close: bool = reply.close) -> None:
                if not self.up or self._connections.get(number) is not connection:
                    return
                if data:
                    self._carry(number, Way.TO_TERMINAL, data)
                if close:
                    self._faulty[number].end(Way.TO_TERMINAL, self._bench.clock.now)
                    self._let_leave(number, Way.TO_TERMINAL, connection)

            self._bench.clock.after(reply.delay_us, leave)

    def _returned(self, number: int, connection: Connection, departure: Departure) -> None:
        """At the device."""
        if not self.up or self._connections.get(number) is not connection:
            return
        if departure.event is not Event.DATA:
            self._cut(number, errno.ECONNRESET if departure.event is Event.RESET else 0)
            return
        self.on_bytes(">", departure.data)
        data = departure.data
        if number in self._fronts:
            self._fronts[number].put(data)
            data = self._fronts[number].leaving()
        self._bench.post_socket(Socket.DATA, number, data)

    def _cut(self, number: int, code: int) -> None:
        self._fronts.pop(number, None)
        self._connections.pop(number).peer_gone()
        self._bench.post_socket(Socket.CLOSED, number, struct.pack("<H", code))


class TcpLine:
    """Any acquirer over TCP. Its bytes come when they come, so the bench runs on the computer's clock."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._sockets: dict[int, socket.socket] = {}
        self.on_bytes: Callable[[str, bytes], None] = lambda direction, data: None

    def resolve(self, name: str) -> str:
        """As this computer resolves it, IPv4 first."""
        try:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except OSError as error:
            log.warning("%s: %s", name, error.strerror)
            return ""
        addresses = sorted((ipaddress.ip_address(entry[4][0]) for entry in found), key=lambda each: each.version)
        return str(addresses[0])

    def open(self, number: int, address: str) -> None:
        """Connect for the device; a failure reaches it as the error of its connect."""
        host, _, port = address.rpartition(":")
        try:
            sock = socket.create_connection((host, int(port)), timeout=5)
        except OSError as error:
            log.warning("acquirer %s is away: %s", address, error)
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
