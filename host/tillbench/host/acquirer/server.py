"""The host on TCP: many terminals, one asyncio loop, one `Connection` each."""

import asyncio
import errno
import logging
import signal
import sys
from collections.abc import Awaitable, Callable

from tillbench.host.acquirer.connection import Connection, Reply
from tillbench.host.acquirer.core import Acquirer

log = logging.getLogger("tillbench.acquirer")

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8583
CHUNK = 4096
MICROSECONDS = 1_000_000

Sleep = Callable[[float], Awaitable[None]]
Accepted = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class CannotListen(OSError):
    """The address cannot be had; the text says which, why, and what to do."""


class Server:
    """A listening host. Lines are independent: one that stalls, breaks off or sends garbage holds up no other."""

    def __init__(self, acquirer: Acquirer, sleep: Sleep = asyncio.sleep) -> None:
        """`sleep(seconds)` waits for delayed answers; another one may be given to make delays virtual."""
        self._acquirer = acquirer
        self._sleep = sleep
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()

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
        self._server = await listen(self._line, host, port)

    async def close(self) -> None:
        """Stop listening and cut every line."""
        assert self._server is not None, "not listening"
        self._server.close()
        for line in list(self._lines):
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)
        await self._server.wait_closed()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a callback of the server runs as a task"
        self._lines.add(task)
        connection = self._acquirer.connect()
        waiting: set[asyncio.Task[None]] = set()
        try:
            await self._converse(connection, reader, writer, waiting)
        except asyncio.CancelledError:
            writer.transport.abort()  # the server closes, and waits for no peer
        except OSError as error:
            log.warning("line broken: %s", error.strerror or error)
        finally:
            connection.peer_gone()
            for late in waiting:
                late.cancel()
            writer.close()
            self._lines.discard(task)

    async def _converse(
        self,
        connection: Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        waiting: set[asyncio.Task[None]],
    ) -> None:
        while data := await reader.read(CHUNK):
            for reply in connection.feed(data):
                if reply.close:
                    return
                if reply.delay_us:
                    # A late answer must not hold up the ones after it.
                    late = asyncio.create_task(self._send_late(writer, reply))
                    waiting.add(late)
                    late.add_done_callback(waiting.discard)
                else:
                    writer.write(reply.data)
            # A peer that does not read stops here, before it fills our memory.
            await writer.drain()
        # The peer has only ended its side: what was asked is still answered.
        await asyncio.gather(*waiting)

    async def _send_late(self, writer: asyncio.StreamWriter, reply: Reply) -> None:
        await self._sleep(reply.delay_us / MICROSECONDS)
        if not writer.is_closing():
            writer.write(reply.data)


async def listen(accepted: Accepted, host: str, port: int) -> asyncio.Server:
    """A listening socket whose connections go to `accepted`. Raises CannotListen."""
    try:
        return await asyncio.start_server(accepted, host, port)
    except OSError as error:
        raise CannotListen(error.errno, f"cannot listen on {host} port {port}: {_reason(error)}") from None


async def serve(
    acquirer: Acquirer, host: str = LOOPBACK, port: int = DEFAULT_PORT, sleep: Sleep = asyncio.sleep
) -> Server:
    """Listen for terminals and return at once; port 0 takes any free one. Raises CannotListen.

    There is no access control beyond the terminals' keys, so anything but loopback is for closed networks.
    """
    server = Server(acquirer, sleep)
    await server.listen(host, port)
    return server


def run(acquirer: Acquirer, host: str = LOOPBACK, port: int = DEFAULT_PORT) -> None:
    """Serve until interrupted (SIGINT, SIGTERM), one line on standard output a message. Raises CannotListen."""
    console = logging.StreamHandler(sys.stdout)
    console.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    log.addHandler(console)
    log.setLevel(logging.INFO)
    try:
        asyncio.run(_run(acquirer, host, port))
    finally:
        log.removeHandler(console)


async def _run(acquirer: Acquirer, host: str, port: int) -> None:
    server = await serve(acquirer, host, port)
    log.info("acquirer on %s port %d", host, server.port)
    await until_interrupted()
    await server.close()
    log.info("acquirer stopped")


async def until_interrupted() -> None:
    """Returns on SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "the port is taken; choose another, or stop what uses it"
    if error.errno == errno.EACCES:
        return "not permitted; choose a port above 1023"
    return error.strerror or str(error)
