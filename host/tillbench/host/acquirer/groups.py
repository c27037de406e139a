"""Messages of many lines, gathered while the books are busy and given to the business in one group each time.

Books on an SQLite file that nobody else writes are written where the lines are read: handing a group to a thread
costs more than a commit that waits for no disk. What has to wait, for a disk, a server or a writer beside this one,
does so in a thread, one group after the other, and holds up neither the reading of lines nor those who watch.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from tillbench.host.acquirer.alertness import Alertness
from tillbench.host.acquirer.business import Business, Outcome, Taking
from tillbench.host.acquirer.monitor import Monitor
from tillbench.host.acquirer.transaction_log import log_transaction
from tillbench.protocols.iso8583.lines import Packet

log = logging.getLogger("tillbench.acquirer")

MOST_IN_GROUP = 128


class Asking(Protocol):
    """A line that has asked something."""

    @property
    def terminal_id(self) -> str:
        """Who spoke last on it."""
        ...

    def answered(self, packet: Packet, outcome: Outcome) -> None:
        """Its message has been decided and booked."""
        ...

    def failed(self, packet: Packet) -> None:
        """Its message cannot be answered."""
        ...


Asked = tuple[Asking, Packet, float]
"""A message: whose line it came on, and when, by `time.perf_counter`."""


class Groups:
    """One for each ledger.

    alone: one line is open, so that none other can have brought messages in the same turn of the loop.
    """

    def __init__(self, business: Business, monitor: Monitor) -> None:
        self._business = business
        self._monitor = monitor
        self._waiting: deque[Asked] = deque()
        self._thread = ThreadPoolExecutor(1, "books")
        self._called: asyncio.Handle | None = None
        self._working = False
        self._alertness = Alertness(self._stand_by)
        self.alone = False
        self._patient: asyncio.Task[None] | None = None

    def add(self, line: Asking, packets: Sequence[Packet]) -> None:
        """Messages have come; their line hears of each when its group is in the books, which may be at once."""
        now = time.perf_counter()
        asked = [(line, packet, now) for packet in packets]
        busy = self._working or self._called is not None or self._patient is not None
        if self.alone and not busy:
            self._alertness.asked(now)
            self._work(asked)
            return
        self._waiting.extend(asked)
        if not busy:
            # Not yet: other lines have brought messages in the same turn of the loop.
            self._called = asyncio.get_running_loop().call_soon(self._work_on)

    async def close(self) -> None:
        """Let the group that is being booked finish; what waits is forgotten."""
        self._waiting.clear()
        if self._patient is not None:
            await self._patient
        self._business.stand_by(soon=False)
        self._thread.shutdown()

    def _work_on(self) -> None:
        """One group of what waits, so that lines are read between two."""
        self._called = None
        waiting = self._waiting
        if waiting:
            self._work([waiting.popleft() for _ in range(min(MOST_IN_GROUP, len(waiting)))])

    def _work(self, group: list[Asked]) -> None:
        self._working = True  # a line that is answered may ask again, and the books take one call at a time
        try:
            self._take(group)
        finally:
            self._working = False
        if self._waiting and self._patient is None:
            self._called = asyncio.get_running_loop().call_soon(self._work_on)

    def _take(self, group: list[Asked]) -> None:
        taking = self._business.taking([(packet.body, line.terminal_id) for line, packet, _ in group])
        try:
            outcomes = taking.at_once()
        except Exception:
            self._failed(group)
        else:
            if outcomes is None:
                self._patient = asyncio.get_running_loop().create_task(self._wait(group, taking))
            else:
                self._answer(group, taking, outcomes)

    async def _wait(self, group: list[Asked], taking: Taking) -> None:
        """In a thread: lines are still read, and those who watch still served."""
        try:
            outcomes = await asyncio.get_running_loop().run_in_executor(self._thread, taking.to_the_end)
            self._answer(group, taking, outcomes)
        except Exception:
            self._failed(group)
        finally:
            self._patient = None
            self._work_on()

    def _failed(self, group: list[Asked]) -> None:
        """A fault of this host: these lines hear nothing, as after a crash, and all others are served."""
        log.exception("a group of %d messages failed", len(group))
        for line, packet, _ in group:
            line.failed(packet)

    def _answer(self, group: list[Asked], taking: Taking, outcomes: list[Outcome]) -> None:
        call_soon, now = asyncio.get_running_loop().call_soon, time.perf_counter()
        # In the next turn, or the loop would not send the answers before it is done.
        call_soon(self._note, group, taking, outcomes, now)
        for (line, packet, _), outcome in zip(group, outcomes, strict=True):
            line.answered(packet, outcome)
        if self.alone:
            self._alertness.answered(now, call_soon)

    def _note(self, group: list[Asked], taking: Taking, outcomes: list[Outcome], answered_at: float) -> None:
        """For those who watch."""
        self._monitor.group_taken(len(group))
        logged = log.isEnabledFor(logging.INFO)
        for (_, _, came_at), exchange in zip(group, taking.enter(outcomes), strict=True):
            took = answered_at - came_at
            self._monitor.answered(exchange.mti, exchange.code, took)
            if logged:
                log_transaction(exchange, took)
        if self._alertness.awake:
            self._stand_by()

    def _stand_by(self) -> None:
        """Books are opened ahead of a message that is waited for, and closed when it is not any more."""
        if self._patient is None and not self._working:
            self._business.stand_by(soon=self._alertness.awake)
