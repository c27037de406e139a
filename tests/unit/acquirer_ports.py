"""A host that listens, and clients for its ports."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from tillbench.host.acquirer.monitor import Monitor
from tillbench.host.acquirer.server import Manners, Server, serve
from tillbench.protocols.iso8583 import UNIONPAY
from tillbench.protocols.iso8583.lines import LINES, Line

from .acquirer_till import HEADER, TPDU, Bench, Till

UNION = LINES["unionpay"]
SERIAL = LINES["unionpay-serial"]
Scene = Callable[[Bench, Server], Awaitable[None]]


def play(
    scene: Scene, manners: Manners | None = None, monitor: Monitor | None = None, bench: Bench | None = None
) -> None:
    async def whole() -> None:
        host = bench or Bench()
        server = await serve(host.acquirer, port=0, manners=manners, monitor=monitor)
        try:
            await scene(host, server)
        finally:
            await server.close()

    asyncio.run(asyncio.wait_for(whole(), 30))


@contextlib.asynccontextmanager
async def connected(server: Server, **tls: Any) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, **tls)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def signed_on(bench: Bench) -> Till:
    till = Till(bench.acquirer.connect())
    till.sign_on()
    return till


def framed(line: Line, body: bytes) -> bytes:
    return line.build(body, TPDU if line.tpdu else b"", bytes.fromhex(HEADER) if line.header else b"")


async def code_of_answer(line: Line, reader: asyncio.StreamReader) -> str:
    data = b""
    while (size := line.frame_size(data)) is None or len(data) < size:
        more = await reader.read(1)
        assert more, f"the line ended after {data.hex()}"
        data += more
    return UNIONPAY.decode(line.parse(data).body).text(39)
