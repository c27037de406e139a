"""The host on TCP and TLS: many terminals, one asyncio loop, one `Peer` each."""

import asyncio
import errno
import logging
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from tillbench.host.acquirer.business import Business
from tillbench.host.acquirer.connection import Connection
from tillbench.host.acquirer.groups import Groups
from tillbench.host.acquirer.monitor import Monitor
from tillbench.host.acquirer.peer import Peer, Sleep
from tillbench.protocols.iso8583.lines import LINES, Line

log = logging.getLogger("tillbench.acquirer")

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8583
BACKLOG = 512
HANDSHAKE_SECONDS = 10.0

Accepted = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Host(Protocol):
    """Whose lines are served: an `Acquirer` or a `StandIn`."""

    @property
    def business(self) -> Business:
        """Takes their messages."""
        ...

    def trouble(self) -> str:
        """What keeps it from working now, in words; "" when nothing does."""
        ...


class CannotListen(OSError):
    """The address cannot be had; the text says which, why, and what to do."""


@dataclass(frozen=True)
class Manners:
    """What the host expects of those who connect.

    Attributes:
        line: how messages are marked off; its `largest` is the longest that is taken.
        tls: the certificates of a TLS port, see `tls`; None: plain TCP.
        idle_s: a line without a whole message for so many seconds is closed; None: never.
        most_lines: connections at the same time; one more is closed at once.
    """

    line: Line = LINES["unionpay"]
    tls: ssl.SSLContext | None = None
    idle_s: float | None = 600.0
    most_lines: int = 4096


class Server:
    """A listening host. Lines are independent: one that stalls, breaks off or sends garbage holds up no other."""

    def __init__(
        self,
        host: Host,
        sleep: Sleep = asyncio.sleep,
        manners: Manners | None = None,
        monitor: Monitor | None = None,
    ) -> None:
        """`sleep(seconds)` waits for delayed answers; another one may be given to make delays virtual."""
        self._business = host.business
        self._sleep = sleep
        self._manners = manners or Manners()
        self._monitor = monitor or Monitor()
        self._groups = Groups(host.business, self._monitor)
        self._server: asyncio.Server | None = None
        self._lines: set[Peer] = set()
        self._sweeping: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        """The TCP port listened on, also when 0 (any) was asked for."""
        assert self._server is not None, "not listening"
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def lines(self) -> int:
        """How many connections are open."""
        return len(self._lines)

    async def listen(self, host: str, port: int) -> None:
        """Raises CannotListen."""
        tls = self._manners.tls
        handshake = HANDSHAKE_SECONDS if tls else None
        loop = asyncio.get_running_loop()
        with words_for(host, port):
            self._server = await loop.create_server(
                self.peer, host, port, ssl=tls, ssl_handshake_timeout=handshake, backlog=BACKLOG
            )
        self._sweep()

    def peer(self, line: Line | None = None) -> Peer:
        """The host's end of a new line. With `line`, of a port that is always there: not idle, not counted."""
        connection = Connection(self._business, line or self._manners.line)
        peer = Peer(connection, self._groups, self._sleep, self._opened if line is None else lambda peer: True)
        peer.on_refused = lambda: self._monitor.line_refused("format")
        return peer

    async def close(self) -> None:
        """Stop listening and cut every line."""
        assert self._server is not None, "not listening"
        if self._sweeping is not None:
            self._sweeping.cancel()
        self._server.close()
        lines = list(self._lines)
        for line in lines:
            line.cut()
        await asyncio.gather(*(line.lost.wait() for line in lines))
        await self._groups.close()
        await self._server.wait_closed()

    def _opened(self, peer: Peer) -> bool:
        if len(self._lines) >= self._manners.most_lines:
            log.warning("line refused: %d are open, and no more are taken", len(self._lines))
            self._monitor.line_refused("limit")
            return False
        self._lines.add(peer)
        peer.on_lost = self._lost
        self._lines_changed()
        return True

    def _lost(self, peer: Peer) -> None:
        self._lines.discard(peer)
        self._lines_changed()

    def _lines_changed(self) -> None:
        self._monitor.lines_open(len(self._lines))
        self._groups.alone = len(self._lines) == 1

    def _sweep(self) -> None:
        """Close the lines that have been silent for too long. Bytes that make no message do not count."""
        idle_s = self._manners.idle_s
        if idle_s is None:
            return
        too_old = time.monotonic() - idle_s
        for line in list(self._lines):
            if line.heard_at < too_old and line.idle:
                self._monitor.line_refused("idle")
                line.close(f"no message for {idle_s:g} s")
        self._sweeping = asyncio.get_running_loop().call_later(idle_s / 4, self._sweep)


@contextmanager
def words_for(host: str, port: int) -> Iterator[None]:
    """An OSError inside becomes CannotListen."""
    try:
        yield
    except OSError as error:
        raise CannotListen(error.errno, f"cannot listen on {host} port {port}: {_reason(error)}") from None


async def listen(accepted: Accepted, host: str, port: int) -> asyncio.Server:
    """A listening socket whose connections go to `accepted`. Raises CannotListen."""
    with words_for(host, port):
        return await asyncio.start_server(accepted, host, port)


async def serve(
    acquirer: Host,
    host: str = LOOPBACK,
    port: int = DEFAULT_PORT,
    sleep: Sleep = asyncio.sleep,
    manners: Manners | None = None,
    monitor: Monitor | None = None,
) -> Server:
    """Listen for terminals and return at once; port 0 takes any free one. Raises CannotListen.

    There is no access control beyond the terminals' keys, so anything but loopback is for closed networks.
    """
    server = Server(acquirer, sleep, manners, monitor)
    await server.listen(host, port)
    return server


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "the port is taken; choose another, or stop what uses it"
    if error.errno == errno.EACCES:
        return "not permitted; choose a port above 1023"
    return error.strerror or str(error)
