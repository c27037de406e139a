"""Load for a host: many connections, one request in flight on each, all requests made beforehand."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

LENGTH = 2


@dataclass
class Load:
    """What a run gave. Times are in seconds, a latency from the request's last byte to its answer's last."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    answers: Counter[bytes] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, n: int) -> float:
        return statistics.quantiles(self.latencies, n=100)[n - 1]


class _Client(asyncio.Protocol):
    """One connection; sends its next request when the answer to the last one is there."""

    def __init__(self, requests: Iterator[bytes], load: Load, mark: bytes, done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._load = load
        self._mark = mark
        self._done = done
        self._held = b""
        self._sent_at = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        size = LENGTH + int.from_bytes(self._held[:LENGTH], "big")
        if len(self._held) < size:
            return
        self._load.latencies.append(time.perf_counter() - self._sent_at)
        self._load.answers[self._mark if self._mark in self._held else self._held[:size]] += 1
        self._held = self._held[size:]
        self.send_next()

    def send_next(self) -> None:
        request = next(self._requests, None)
        assert self._transport is not None
        if request is None:
            self._done.set_result(None)
            self._transport.close()
        else:
            self._sent_at = time.perf_counter()
            self._transport.write(request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the host closed the line"))


def drive(port: int, scripts: Sequence[Iterator[bytes]], mark: bytes) -> Load:
    """Play each script on a connection of its own, all at once.

    mark: bytes that every good answer has. What has none is counted under its own bytes, for `Load.answers`.
    """

    async def whole() -> Load:
        loop = asyncio.get_running_loop()
        load = Load()
        clients: list[_Client] = []
        ends: list[asyncio.Future[None]] = []
        for script in scripts:
            end = loop.create_future()
            ends.append(end)
            _, client = await loop.create_connection(lambda: _Client(script, load, mark, end), "127.0.0.1", port)  # noqa: B023 (called at once)
            clients.append(client)
        start = time.perf_counter()
        for client in clients:
            client.send_next()
        await asyncio.gather(*ends)
        load.seconds = time.perf_counter() - start
        return load

    return asyncio.run(whole())
