"""The page before its terminals: its files at once, what asks for a terminal waits, and is told if none comes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path

import httpx
import pytest
from tillbench.host.emulator.emulator import Emulator, Options
from tillbench.host.web.serve import Show, bind, serve
from tillbench.host.web.till import Till

from .played_readers import PlayedReaders
from .served import CARD

PATIENCE_S = 30
LISTENING = (
    "GET /api/terminals/1/events HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n"
)


class NoTerminal(Exception):
    """What keeps them from coming."""


class Loading:
    """A load that takes until somebody says how it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._goes_on = threading.Event()
        self._fails = False

    def __call__(self) -> Show:
        assert self._goes_on.wait(PATIENCE_S)
        if self._fails:
            raise NoTerminal
        return Show([Till(1, lambda: Emulator(Options(self._folder, seed=1), [CARD]))], PlayedReaders())

    def end(self, *, fails: bool) -> None:
        self._fails = fails
        self._goes_on.set()


def test_the_page_comes_at_once_and_the_terminal_when_it_is_there(tmp_path: Path) -> None:
    loading = Loading(tmp_path)

    async def look(url: str, stop: asyncio.Event) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
            assert "<title>tillbench</title>" in (await client.get("/")).text
            assert (await client.get("/main.js")).headers["content-type"].startswith("text/javascript")
            refused = await client.post("/")
            assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
            asked = asyncio.create_task(client.get("/api/terminals"))
            elsewhere = asyncio.create_task(client.get("/nothing.js"))
            assert "<svg" in (await client.get("/icon.svg")).text
            assert not asked.done()
            loading.end(fails=False)
            assert [each["number"] for each in (await asked).json()] == [1]
            assert (await elsewhere).status_code == 404
        stop.set()

    played(loading, look)


def test_who_waits_for_a_terminal_that_does_not_come_is_told(tmp_path: Path) -> None:
    loading = Loading(tmp_path)

    async def look(url: str, _stop: asyncio.Event) -> None:
        port = httpx.URL(url).port
        events, listener = await asyncio.open_connection("127.0.0.1", port)
        listener.write(LISTENING.format(port).encode())
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
            await client.get("/")
            asked = asyncio.create_task(client.get("/api/terminals"))
            await client.get("/page.css")
            loading.end(fails=True)
            answer = await asked
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"].startswith("the terminals have not started")
        assert await events.readline() == b"HTTP/1.1 403 Forbidden\r\n"
        listener.close()

    with pytest.raises(NoTerminal):
        played(loading, look)


def test_a_page_that_is_ended_before_its_terminals_come(tmp_path: Path) -> None:
    loading = Loading(tmp_path)

    async def look(url: str, stop: asyncio.Event) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
            await client.get("/")
        stop.set()
        loading.end(fails=False)

    played(loading, look)
    assert list(tmp_path.iterdir()) == []


def played(loading: Loading, look: Callable[[str, asyncio.Event], Coroutine[None, None, None]]) -> None:
    """What a server and one who looks at it do."""

    async def run() -> None:
        site, stop = bind(port=0), asyncio.Event()
        async with asyncio.timeout(2 * PATIENCE_S), asyncio.TaskGroup() as group:
            looking = group.create_task(look(site.url, stop))
            looking.add_done_callback(lambda _: stop.set())
            group.create_task(serve(site, loading, stop))

    try:
        asyncio.run(run())
    except* NoTerminal as error:
        raise error.exceptions[0] from None
