"""Load for a host: many connections, a number of requests in flight on each, all requests made beforehand."""

from __future__ import annotations

import os
import selectors
import socket
import statistics
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LENGTH = 2
PATIENCE_S = 60.0


@dataclass
class Load:
    """What a run gave. Times are in seconds, a latency from the request's last byte to its answer's last.

    host_cpu: what the host's process used of its core, 0.0 where the system does not say.
    """

    seconds: float = 0.0
    host_cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)
    answers: Counter[bytes] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def cpu_each(self) -> float:
        """CPU time of the host a message."""
        return self.host_cpu / len(self.latencies)

    def percentile(self, n: int) -> float:
        return statistics.quantiles(self.latencies, n=100)[n - 1]


class _Client:
    """One connection; sends its next request when an answer is there. Answers come in the order of the requests."""

    def __init__(self, port: int, requests: Iterator[bytes], load: Load, mark: bytes) -> None:
        self._requests = requests
        self._load = load
        self._mark = mark
        self._held = b""
        self._sent_at: deque[float] = deque()
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def readable(self) -> bool:
        """Take what came; whether there is more to ask. Raises ConnectionError."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the host closed the line")
        now = time.perf_counter()
        self._held += data
        while len(self._held) >= (size := LENGTH + int.from_bytes(self._held[:LENGTH], "big")):
            answer, self._held = self._held[:size], self._held[size:]
            self._load.latencies.append(now - self._sent_at.popleft())
            self._load.answers[self._mark if self._mark in answer else answer] += 1
            self.send_next()
        return bool(self._sent_at)

    def send_next(self) -> None:
        """Ask the next, if there is one."""
        request = next(self._requests, None)
        if request is not None:
            self._sent_at.append(time.perf_counter())
            self.socket.sendall(request)


def drive(port: int, scripts: Sequence[Iterator[bytes]], mark: bytes, pid: int, in_flight: int = 1) -> Load:
    """Play each script on a connection of its own, all at once, on the host that is process `pid`.

    mark: bytes that every good answer has. What has none is counted under its own bytes, for `Load.answers`.
    in_flight: how many requests of a connection are asked before the first is answered.
    Raises ConnectionError, and TimeoutError when nobody is answered for `PATIENCE_S`.

    Plain sockets, since the load must cost less than the least of the hosts.
    """
    load = Load()
    clients = [_Client(port, script, load, mark) for script in scripts]
    with selectors.DefaultSelector() as ready:
        used, start = _cpu_of(pid), time.perf_counter()
        for client in clients:
            ready.register(client.socket, selectors.EVENT_READ, client)
            for _ in range(in_flight):
                client.send_next()
        while ready.get_map():
            events = ready.select(PATIENCE_S)
            if not events:
                raise TimeoutError(f"no answer in {PATIENCE_S:g} s")
            for key, _ in events:
                if not key.data.readable():
                    ready.unregister(key.fileobj)
        load.seconds = time.perf_counter() - start
        load.host_cpu = _cpu_of(pid) - used
    for client in clients:
        client.socket.close()
    return load


def _cpu_of(pid: int) -> float:
    """CPU seconds that a process has used, in user and in system mode; 0.0 where there is no /proc."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
