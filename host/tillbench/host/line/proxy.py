"""The misbehaving line as a TCP server: terminals connect to it, it connects to the host, once for each of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
from dataclasses import dataclass, field

from tillbench.host.acquirer.server import listen
from tillbench.host.line.connection import FaultyConnection
from tillbench.host.line.record import Record
from tillbench.host.line.scenario import Scenario, Way
from tillbench.host.line.shaper import Departure, Event
from tillbench.protocols.iso8583 import Dialect
from tillbench.protocols.iso8583.lines import Line

log = logging.getLogger("tillbench.line")

CHUNK = 4096
MICROSECONDS = 1_000_000
MOST_WAITING = 1 << 20
"""Bytes held for a slow receiver before its sender is made to wait too."""
NO_LINGER = struct.pack("ii", 1, 0)


class Clock:
    """The event loop's time in microseconds. A test may bring another one, to make delays virtual."""

    def now(self) -> int:
        return int(asyncio.get_running_loop().time() * MICROSECONDS)

    async def wait(self, woken: asyncio.Event, until: int | None) -> None:
        """Until `woken` is set or the time is `until`."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), None if until is None else (until - self.now()) / MICROSECONDS)


@dataclass(frozen=True)
class Setup:
    """What a line does to whom, and how it tells messages apart; see `FaultyConnection`."""

    host: str
    port: int
    scenario: Scenario
    seed: int | str
    line: Line
    dialect: Dialect | None
    record: Record = field(default_factory=Record)


class Proxy:
    """A listening line. Its connections are independent of each other; `close` cuts them all."""

    def __init__(self, setup: Setup, clock: Clock | None = None) -> None:
        self._setup = setup
        self._clock = clock or Clock()
        self._server: asyncio.Server | None = None
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The TCP port listened on, also when 0 (any) was asked for."""
        assert self._server is not None, "not listening"
        return int(self._server.sockets[0].getsockname()[1])

    async def listen(self, host: str, port: int) -> None:
        """Raises CannotListen."""
        self._server = await listen(self._accepted, host, port)

    async def close(self) -> None:
        assert self._server is not None, "not listening"
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a callback of the server runs as a task"
        self._tasks.add(task)
        self._count += 1
        setup = self._setup
        connection = FaultyConnection(setup.scenario, setup.seed, self._count, setup.record, setup.line, setup.dialect)
        try:
            there = await asyncio.open_connection(setup.host, setup.port)
        except OSError as error:
            log.warning("host %s port %d is away: %s", setup.host, setup.port, error.strerror or error)
            connection.tell("host away")
            reset(writer)
            await _closed(writer)
        else:
            await _Through(connection, self._clock, (reader, writer), there).run()
        finally:
            self._tasks.discard(task)


class _Through:
    """One connection with its two sockets: each way has who reads and who sends."""

    def __init__(
        self,
        connection: FaultyConnection,
        clock: Clock,
        terminal: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        host: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._readers = {Way.TO_HOST: terminal[0], Way.TO_TERMINAL: host[0]}
        self._writers = {Way.TO_HOST: host[1], Way.TO_TERMINAL: terminal[1]}
        self._woken = {way: asyncio.Event() for way in Way}
        self._room = {way: asyncio.Event() for way in Way}
        self._over = False

    async def run(self) -> None:
        """Until both ways have ended, or one was reset."""
        receiving = [asyncio.ensure_future(self._receive(way)) for way in Way]
        try:
            await asyncio.gather(*(self._send(way) for way in Way))
        except asyncio.CancelledError:  # the line closes, and waits for no peer
            self._reset_both()
        finally:
            for task in receiving:
                task.cancel()
            for writer in self._writers.values():
                writer.close()
            self._connection.tell("closed")
        await asyncio.gather(*receiving, *map(_closed, self._writers.values()), return_exceptions=True)

    async def _receive(self, way: Way) -> None:
        reader, connection = self._readers[way], self._connection
        try:
            while data := await reader.read(CHUNK):
                connection.take(way, data, self._clock.now())
                self._woken[way].set()
                while connection.waiting(way) > MOST_WAITING:
                    self._room[way].clear()
                    await self._room[way].wait()
            connection.end(way, self._clock.now())
            self._woken[way].set()
        except ConnectionError:
            # The sender was reset, and so will be the receiver.
            connection.tell("reset by its sender", way)
            self._reset_both()

    async def _send(self, way: Way) -> None:
        while not self._over:
            self._woken[way].clear()
            due = self._connection.next_due(way)
            if due is None or due > self._clock.now():
                await self._clock.wait(self._woken[way], due)
            for departure in self._connection.due(way, self._clock.now()):
                if await self._leave(way, departure):
                    return
            self._room[way].set()

    async def _leave(self, way: Way, departure: Departure) -> bool:
        """Carry it out; True when nothing follows it on this way."""
        writer = self._writers[way]
        if departure.event is Event.RESET:
            self._reset_both()
            return True
        try:
            if departure.event is Event.END:
                if writer.can_write_eof():
                    writer.write_eof()
                return True
            writer.write(departure.data)
            await writer.drain()
        except (ConnectionError, OSError):
            self._reset_both()
        return self._over

    def _reset_both(self) -> None:
        self._over = True
        for way in Way:
            reset(self._writers[way])
            self._woken[way].set()
            self._room[way].set()


async def _closed(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):  # how it ended is known
        await writer.wait_closed()


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection so that its peer sees a reset (RST), whatever has been read."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    writer.transport.abort()
