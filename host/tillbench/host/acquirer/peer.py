"""One terminal on a socket or a serial port: its bytes to `Connection`, its answers back, its manners watched."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import cast

from tillbench.host.acquirer.business import Outcome
from tillbench.host.acquirer.connection import Connection, Reply
from tillbench.host.acquirer.groups import Groups
from tillbench.protocols.iso8583.lines import Packet

log = logging.getLogger("tillbench.acquirer")

MICROSECONDS = 1_000_000
MOST_IN_FLIGHT = 64
"""Messages of one line that may wait for their answers before no more are taken from it."""

Sleep = Callable[[float], Awaitable[None]]


class Peer(asyncio.Protocol):
    """A line among many. What is slow here (bytes that trickle, a peer that does not read) is slow only here.

    heard_at: when the last whole message came, on the monotonic clock. lost: set when the line is gone.
    """

    def __init__(self, connection: Connection, groups: Groups, sleep: Sleep, on_open: Callable[["Peer"], bool]) -> None:
        """`on_open` is asked whether there is room; `sleep(seconds)` waits for delayed answers."""
        self._connection = connection
        self._groups = groups
        self._sleep = sleep
        self._on_open = on_open
        self._in_flight = 0
        self._late: set[asyncio.Task[None]] = set()
        self._no_more_comes = False
        self._no_room = False
        self.on_lost: Callable[[Peer], None] = lambda peer: None
        self.on_refused: Callable[[], None] = lambda: None
        self.transport: asyncio.Transport | None = None
        self.lost = asyncio.Event()
        self.heard_at = time.monotonic()

    @property
    def terminal_id(self) -> str:
        """Who spoke last."""
        return self._connection.terminal_id

    @property
    def idle(self) -> bool:
        """Nothing asked here is still to be answered."""
        return not self._in_flight and not self._late

    # From the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        if not self._on_open(self):
            self._connection.closed = True
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._take(data) >= MOST_IN_FLIGHT:
            self._read(False)

    def _take(self, data: bytes = b"") -> int:
        """As many messages as there is room for: thousands that came at once must not come before everybody else's.
        Returns how many are in flight then."""
        packets, broken = self._connection.receive(data, MOST_IN_FLIGHT - self._in_flight)
        if packets:
            self.heard_at = time.monotonic()
            self._in_flight += len(packets)
            self._groups.add(self, packets)
        if broken:
            self.on_refused()
            self._connection.close(broken)
            self._end_when_answered()
        return self._in_flight

    def _go_on(self) -> None:
        """There is room again: for what has come already, and for more unless that has used it up."""
        if self._take() < MOST_IN_FLIGHT and not self._no_room:
            self._read(True)

    def silence(self) -> None:
        """Nothing came for a while, on a line where a frame comes without pauses."""
        if self._in_flight < MOST_IN_FLIGHT:  # else whole frames wait too
            self._connection.forget_unfinished()

    def eof_received(self) -> bool:
        """The peer has only ended its side: what was asked is still answered."""
        self._end_when_answered()
        return True

    def pause_writing(self) -> None:
        """A peer that does not read is not read from, before it fills our memory."""
        self._no_room = True
        self._read(False)

    def resume_writing(self) -> None:
        self._no_room = False
        self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            log.warning("line %s: broken: %s", self.terminal_id or "?", getattr(exc, "strerror", None) or exc)
        self._connection.peer_gone()
        for late in self._late:
            late.cancel()
        self.on_lost(self)
        self.lost.set()

    # From the groups

    def answered(self, packet: Packet, outcome: Outcome) -> None:
        """Send what is to leave at once, and see to what is to leave later."""
        self._in_flight -= 1
        closed = self._connection.closed
        for reply in self._connection.answer(packet, outcome):
            if reply.delay_us:
                # A late answer must not hold up the ones after it.
                late = asyncio.get_running_loop().create_task(self._send_late(reply))
                self._late.add(late)
                late.add_done_callback(self._late_done)
            else:
                self._send(reply)
        if self._in_flight == MOST_IN_FLIGHT // 2 and not self._no_room:
            self._go_on()
        if self._no_more_comes or (self._connection.closed and not closed):
            self._end_when_answered()

    def failed(self, packet: Packet) -> None:  # noqa: ARG002  whichever it was
        """Nothing more can be promised on this line."""
        self.cut()

    # Ending

    def cut(self) -> None:
        """End now, and wait for nobody."""
        if self.transport is not None:
            self.transport.abort()

    def close(self, because: str) -> None:
        """End for a reason that the log shall have."""
        self._connection.close(because)
        self.cut()

    def _end_when_answered(self) -> None:
        self._no_more_comes = True
        if self.idle and self.transport is not None:
            self.transport.close()

    def _late_done(self, late: asyncio.Task[None]) -> None:
        self._late.discard(late)
        if self._no_more_comes:
            self._end_when_answered()

    async def _send_late(self, reply: Reply) -> None:
        await self._sleep(reply.delay_us / MICROSECONDS)
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        if reply.data:
            self.transport.write(reply.data)
        if reply.close:
            self.transport.close()

    def _read(self, wanted: bool) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        if wanted and not self._no_more_comes:
            self.transport.resume_reading()
        elif not wanted:
            self.transport.pause_reading()
