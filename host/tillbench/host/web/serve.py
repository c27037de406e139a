"""Serving the page and the API: where, for whom, until Ctrl-C."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn
from starlette.types import ASGIApp
from tillbench.host.web.front import Front
from tillbench.host.web.guard import Guard

if TYPE_CHECKING:  # what takes a second to import comes while the page is on its way already
    from tillbench.host.pcsc.readers import CardReaders
    from tillbench.host.web.till import Till

LOOPBACK = "127.0.0.1"
PORT = 8600
_NEXT_PORTS = 20
_LAST_PORT = 65_535
_GRACE_S = 1


class CannotServe(Exception):
    """The address cannot be listened on; the text says why and what to do."""


@dataclass(frozen=True)
class Site:
    """Where the page is.

    Attributes:
        listener: bound, not yet accepting.
        token: what a client must show; None on loopback.
    """

    listener: socket.socket
    token: str | None

    @property
    def port(self) -> int:
        """The port."""
        return int(self.listener.getsockname()[1])

    @property
    def address(self) -> str:
        """The address as bound."""
        return str(self.listener.getsockname()[0])

    @property
    def url(self) -> str:
        """What to open, with the token if there is one."""
        host = LOOPBACK if self.address == "0.0.0.0" else self.address  # noqa: S104  compared, not bound
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.port}/" + (f"?token={self.token}" if self.token else "")

    @property
    def hosts(self) -> list[str]:
        """What clients may call this server in `Host`."""
        names = {"localhost", LOOPBACK, "[::1]", f"[{self.address}]" if ":" in self.address else self.address}
        if self.token:
            names |= {socket.gethostname(), *_own_addresses()}
        return sorted(f"{name}:{self.port}" for name in names)


def bind(address: str = LOOPBACK, port: int | None = None) -> Site:
    """Take a port: the given one (0: any free one), or from `PORT` on the first that is free.

    Raises:
        CannotServe: it is taken or none, or the address is none of this computer's.
    """
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        raise CannotServe(f"--listen {address}: expected an IP address, as in 127.0.0.1 or 0.0.0.0") from None
    if port is not None and not 0 <= port <= _LAST_PORT:
        raise CannotServe(f"--port {port}: expected 0 to {_LAST_PORT}; 0 is any free one")
    token = None if loopback else secrets.token_urlsafe(24)
    ports = [port] if port is not None else [*range(PORT, PORT + _NEXT_PORTS), 0]
    for number in ports:
        listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, number))
            listener.listen(128)
            return Site(listener, token)
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                raise CannotServe(f"--listen {address}, port {number}: {error.strerror}") from None
    raise CannotServe(f"--port {port}: another program has it; choose another, or leave it away for the first free one")


@dataclass(frozen=True)
class Show:
    """What is to be served.

    Attributes:
        tills: the terminals; they are on while they are served.
        meanwhile: begun once they are on.
        card_readers: whose cards may be in the slots.
    """

    tills: Sequence[Till]
    card_readers: CardReaders
    meanwhile: Callable[[], Awaitable[None]] | None = None


async def serve(site: Site, load: Callable[[], Show], stop: asyncio.Event) -> None:
    """Serve until `stop` is set: the files of the page at once, the rest when it is loaded.

    Args:
        site: where.
        load: called in a thread; the page is on its way to the browser while it imports what it needs.
        stop: set by whoever wants it to end.

    Raises:
        Exception: what `load` raises, whatever keeps a terminal from starting, or what `meanwhile` raises.
    """
    front = Front()
    config = uvicorn.Config(
        Guard(front, frozenset(site.hosts), site.token),
        lifespan="off",  # the terminals are started here, where what goes wrong can be told
        ws="websockets-sansio",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[site.listener]))

    async def let_go() -> None:
        front.give_up()
        server.should_exit = True
        await serving

    try:
        show = await asyncio.to_thread(load)
        if stop.is_set():
            return
        api = asyncio.create_task(asyncio.to_thread(_api, show))
        async with _switched_on(show, stop) as all_on:
            if not all_on:
                return
            front.open(await api)
            playing = asyncio.create_task(_play(show.meanwhile, stop)) if show.meanwhile else None
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
            if playing is not None:
                playing.cancel()  # before those are told who wait: it is no fault that it comes to no end
            for till in show.tills:
                await till.give_up()
            await let_go()
            if playing is not None:
                await asyncio.wait([playing])
                if not playing.cancelled():
                    playing.result()
    finally:
        await let_go()
        site.listener.close()


def _api(show: Show) -> ASGIApp:
    from tillbench.host.web.app import make_app

    return make_app(show.tills, show.card_readers)


@asynccontextmanager
async def _switched_on(show: Show, stop: asyncio.Event) -> AsyncIterator[bool]:
    """Its terminals, which hear of the card readers; False if `stop` came before all were on."""
    started: list[Till] = []
    try:
        for till in show.tills:
            if stop.is_set():
                break
            await till.start()
            started.append(till)
            show.card_readers.listeners.append(till.readers_changed)
        yield not stop.is_set()
    finally:
        await asyncio.to_thread(show.card_readers.close)
        for till in started:
            await till.stop()


async def serve_until_signal(site: Site, load: Callable[[], Show]) -> None:
    """The same until Ctrl-C or SIGTERM."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        await serve(site, load, stop)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


class _Server(uvicorn.Server):
    """One that leaves signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Not uvicorn's way, which raises the signal again afterwards."""
        yield


async def _play(meanwhile: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    try:
        await meanwhile()
    except BaseException:
        stop.set()
        raise


def _own_addresses() -> list[str]:
    try:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)})
    except OSError:
        return []
