"""The end of the page, asked for at odd moments, and a sale on it that somebody interferes with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path

import pytest
from tillbench.host.cli import demo_page
from tillbench.host.emulator.emulator import Emulator, Options
from tillbench.host.web.serve import Show, bind, serve
from tillbench.host.web.till import Till

from .played_readers import PlayedReaders
from .served import CARD

PATIENCE_S = 60


class Played:
    """Terminals that are served until somebody says `stop`.

    Args:
        folder: for their state.
        count: how many.
        at_start: called in the event loop when one is made.
        meanwhile: begun when all are on.
    """

    def __init__(
        self,
        folder: Path,
        count: int = 1,
        *,
        at_start: Callable[[Played], None] = lambda played: None,
        meanwhile: Callable[[Played], Coroutine[None, None, None]],
    ) -> None:
        self._folder = folder
        self._at_start = at_start
        self._meanwhile = meanwhile
        self.made: list[int] = []
        self.tills = [Till(number, partial(self._make, number)) for number in range(1, count + 1)]
        asyncio.run(asyncio.wait_for(self._run(), PATIENCE_S))

    async def _run(self) -> None:
        self.stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        await serve(bind(port=0), lambda: Show(self.tills, PlayedReaders(), lambda: self._meanwhile(self)), self.stop)

    def _make(self, number: int) -> Emulator:
        self.made.append(number)
        self._loop.call_soon_threadsafe(self._at_start, self)
        return Emulator(Options(self._folder / str(number), seed=1, realtime=True), [CARD])


def test_no_more_terminals_are_started_for_who_has_ended_it(tmp_path: Path) -> None:
    begun: list[Played] = []

    async def meanwhile(played: Played) -> None:
        begun.append(played)

    played = Played(tmp_path, 3, at_start=lambda played: played.stop.set(), meanwhile=meanwhile)
    assert played.made == [1]
    assert begun == []


def test_what_is_played_when_it_ends_is_no_fault(tmp_path: Path) -> None:
    async def meanwhile(played: Played) -> None:
        (till,) = played.tills
        seeing = asyncio.ensure_future(till.see("what is never shown"))
        while not till.errands:
            await asyncio.sleep(0)
        played.stop.set()
        await seeing

    Played(tmp_path, meanwhile=meanwhile)


def test_a_sale_that_somebody_stops_leaves_the_page_to_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def meanwhile(played: Played) -> None:
        (till,) = played.tills
        await till.set_speed(0)
        await demo_page._played(till, CARD.name, "1 ENTER", tmp_path)
        await till.do(lambda emulator: None)
        played.stop.set()

    Played(tmp_path, meanwhile=meanwhile)
    assert capsys.readouterr().out.startswith("NOT PLAYED TO ITS END: the clock stands")
