"""`kill -9` of the host in a stream of requests: nothing half booked, every repeat answered as at first."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tillbench.host.acquirer import Acquirer
from tillbench.protocols.iso8583 import UNIONPAY, Message, framing

from .acquirer_batch import BatchClient
from .acquirer_till import UNIONPAY_CARD, Bench, file_url

PROGRAM = """
import asyncio, datetime, os, sys
from tillbench.host.acquirer import Acquirer
from tillbench.host.acquirer.server import serve

async def run():
    server = await serve(Acquirer(sys.argv[1], datetime.datetime.now, os.urandom), port=0)
    print(server.port, flush=True)
    await asyncio.Event().wait()

asyncio.run(run())
"""
REQUESTS = 260
"""More than the host books in one group, so that there is always one that it has not begun."""


@contextmanager
def host(url: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A host in a process of its own, and its port."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM, url], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


class Line:
    """A socket to the host that knows when it is gone."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=40)
        self._reader = framing.FrameReader()

    def read(self) -> list[Message]:
        """Answers that have come; [] when the host is gone."""
        while True:
            try:
                data = self.socket.recv(4096)
            except ConnectionError:
                return []
            if not data:
                return []
            frames = self._reader.feed(data)
            if frames:
                return [UNIONPAY.decode(frame.body) for frame in frames]


@pytest.mark.timeout(180)  # two hosts start, and a busy machine takes its time
def test_killed_in_the_middle_of_a_stream(tmp_path: Path) -> None:
    url = file_url(tmp_path)
    bench = Bench(url)
    client = BatchClient(bench.acquirer.connect())
    client.sign_on()
    bench.acquirer.close()
    dice = random.Random(9)
    names = [dice.choice(("sale", "offline sale", "preauth")) for _ in range(REQUESTS)]
    requests = [client.flow(name, UNIONPAY_CARD, 1 + number % 50) for number, name in enumerate(names)]
    stream = b"".join(client.frame(request) for request in requests)
    first: dict[str, Message] = {}
    with host(url) as (process, port):
        line = Line(port)
        line.socket.sendall(stream)  # all in flight at once, far faster than they can be booked
        first |= {answer.text(11): answer for answer in line.read()}
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with contextlib.suppress(ConnectionError):
            while answers := line.read():
                first |= {answer.text(11): answer for answer in answers}
        line.socket.close()
    assert len(first) < REQUESTS, "the host had done everything before it was killed"

    with host(url) as (_, port):
        line = Line(port)
        line.socket.sendall(stream)
        again: dict[str, Message] = {}
        while len(again) < REQUESTS:
            again |= {answer.text(11): answer for answer in line.read()}
        line.socket.close()

    acquirer = Acquirer(url, lambda: bench.time, bench.entropy)
    booked = {f"{entry.stan:06}": entry for entry in acquirer.ledger.transactions()}
    assert acquirer.ledger.faults() == []
    assert len(booked) == REQUESTS
    for name, request in zip(names, requests, strict=True):
        stan = request.text(11)
        entry, answer = booked[stan], again[stan]
        assert entry.response_code == "00"
        if name == "offline sale":
            assert (answer[39], answer[37]) == ("00", entry.rrn)
        else:
            assert answer[39] in ("00", "94")
        if stan in first:  # what was answered was in the books before it was
            assert (first[stan][39], first[stan][37]) == ("00", entry.rrn)
            assert name == "offline sale" or answer[39] == "94"
            assert name != "offline sale" or answer.fields == first[stan].fields
    acquirer.close()
