"""Messages of many lines, gathered while the books are busy and given to the business in one group each time.

The books are written in a thread of their own, one group after the other, so that a commit, or a database that is
locked, holds up neither the reading of lines nor those who watch.
"""

import asyncio
import logging
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from tillbench.host.acquirer.business import Business, Incoming, Outcome
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


class Groups:
    """One for each ledger."""

    def __init__(self, business: Business, monitor: Monitor) -> None:
        self._business = business
        self._monitor = monitor
        self._waiting: deque[tuple[Asking, Packet, float]] = deque()
        self._thread = ThreadPoolExecutor(1, "books")
        self._working: asyncio.Task[None] | None = None

    def add(self, line: Asking, packet: Packet) -> None:
        """A message has come; its line hears of it when its group is in the books."""
        self._waiting.append((line, packet, time.perf_counter()))
        if self._working is None:
            self._working = asyncio.get_running_loop().create_task(self._work())

    async def close(self) -> None:
        """Let the group that is being booked finish; what waits is forgotten."""
        self._waiting.clear()
        if self._working is not None:
            await self._working
        self._thread.shutdown()

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(MOST_IN_GROUP, len(self._waiting)))]
            incoming = [Incoming(packet.body, line.terminal_id) for line, packet, _ in group]
            try:
                if self._business.waits:
                    outcomes = await loop.run_in_executor(self._thread, self._business.take, incoming)
                else:
                    outcomes = self._business.take(incoming)
            except Exception:
                # A fault of this host: these lines hear nothing, as after a crash, and all others are served.
                log.exception("a group of %d messages failed", len(group))
                for line, packet, _ in group:
                    line.failed(packet)
                continue
            self._monitor.group_taken(len(group))
            for (line, packet, came_at), outcome in zip(group, outcomes, strict=True):
                line.answered(packet, outcome)
                took = time.perf_counter() - came_at
                self._monitor.answered(outcome.exchange.mti, outcome.exchange.code, took)
                log_transaction(outcome.exchange, took)
        self._working = None
