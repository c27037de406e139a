"""Terminals served on loopback, in a thread of this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tillbench.host.cards import CardProfile, load_profile
from tillbench.host.emulator.emulator import Emulator, Options
from tillbench.host.pcsc.readers import CardReaders
from tillbench.host.web.serve import Show, Site, bind, serve
from tillbench.host.web.till import Till

from .played_readers import PlayedReaders

CARD = load_profile("visa-credit").model_copy(update={"pin": "907144"})
"""Its number is not mostly zeros, its PIN is in no other number: both can be searched for."""


@dataclass(frozen=True)
class Served:
    """Where to find them."""

    site: Site
    tills: Sequence[Till]
    readers: CardReaders

    @property
    def root(self) -> str:
        """Of the server."""
        return f"http://127.0.0.1:{self.site.port}"

    def api(self, number: int = 1) -> str:
        """Of one terminal."""
        return f"{self.root}/api/terminals/{number}/"


@contextmanager
def served(
    folder: Path,
    profiles: Sequence[CardProfile],
    count: int = 1,
    address: str = "127.0.0.1",
    *,
    realtime: bool = False,
    last_display: str = "SSD1306",
    readers: CardReaders | None = None,
    epoch: datetime | None = None,
) -> Iterator[Served]:
    """`count` terminals with fresh state below `folder`, each with an acquirer of its own. Without `readers` they are
    played: PC/SC's library would keep this process to the first daemon that it was told of."""

    def make(number: int) -> Till:
        display = last_display if number == count else "SSD1306"
        state = folder / f"till{number}"
        options = Options(state, seed=number, fast_keys=True, realtime=realtime, display=display, epoch=epoch)
        return Till(number, lambda: Emulator(options, profiles))

    readers = readers or PlayedReaders()
    site = bind(address, 0)
    tills = [make(number) for number in range(1, count + 1)]
    up: Future[asyncio.Event] = Future()

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        async def ready() -> None:
            up.set_result(stop)

        ends.append(lambda: loop.call_soon_threadsafe(stop.set))
        await serve(site, lambda: Show(tills, readers, ready), stop)

    def thread() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            if up.done():
                raise
            up.set_exception(error)

    ends: list[object] = []
    runner = threading.Thread(target=thread, name="served")
    runner.start()
    try:
        up.result(60)
        yield Served(site, tills, readers)
    finally:
        for end in ends:
            assert callable(end)
            end()
        runner.join(30)
        assert not runner.is_alive()
