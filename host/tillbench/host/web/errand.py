"""Something that somebody in the event loop waits for, and what can become of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from tillbench.host.emulator.emulator import Emulator
from tillbench.host.emulator.wires import Timer

if TYPE_CHECKING:
    from tillbench.host.web.till import Till

T = TypeVar("T")


class Impossible(Exception):
    """What is asked cannot be done as things are; the text says why."""


class InVain(Exception):
    """What was waited for did not happen."""


class Errand:
    """Something that somebody in the event loop waits for, as the bench's thread sees it."""

    def __init__(self, till: Till, outcome: asyncio.Future[T], seconds: float, what: str) -> None:
        self._till = till
        self._outcome: asyncio.Future[Any] = outcome
        self._seconds = seconds
        self._what = what
        self._timer: Timer | None = None

    def begin(self, emulator: Emulator, arrange: Callable[[Emulator, Callable[[T], None]], None]) -> None:
        """Set it going."""
        self._till.errands.append(self)
        self._timer = emulator.bench.clock.after(int(self._seconds * 1_000_000), self._expire)
        pace = emulator.bench.pace
        try:
            arrange(emulator, self._done)
            if self._timer is not None and pace is not None and not pace.speed:
                raise Impossible(f"the clock stands: it is of no use to wait for {self._what}")
        except BaseException:
            self._end()
            raise

    def _done(self, value: object) -> None:
        if self._end():
            self._till.in_loop(_settle, self._outcome, value)

    def _expire(self) -> None:
        self.fail(InVain(f"waited {self._seconds:g} s (virtual) for {self._what}"))

    def fail(self, error: Exception) -> None:
        """It will not come."""
        if self._end():
            self._till.in_loop(_fail, self._outcome, error)

    def _end(self) -> bool:
        """False if it has ended already."""
        if self._timer is None:
            return False
        self._timer.cancel()
        self._timer = None
        self._till.errands.remove(self)
        return True


def _settle(future: asyncio.Future[T], outcome: T) -> None:
    if not future.done():
        future.set_result(outcome)


def _fail(future: asyncio.Future[T], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
