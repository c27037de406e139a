"""The host under load, a process of its own: `python -m bench.acquirer_host LEDGER_URL | stand-in | echo`.

Prints its port, serves until standard input ends, and then prints the most memory that it had, in KiB.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import sys
from datetime import datetime
from typing import cast

from tillbench.host.acquirer import Acquirer
from tillbench.host.acquirer.event_loop import run
from tillbench.host.acquirer.server import Host, serve
from tillbench.host.acquirer.stand_in import StandIn
from tillbench.host.entropy import Entropy


class Echo(asyncio.Protocol):
    """Sends back what comes, and does not look at it: what sockets and the event loop take alone."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


async def host(served: Host) -> None:
    """Serve until standard input ends."""
    server = await serve(served, port=0)
    await _until_told(server.port)
    await server.close()


async def echo() -> None:
    """The same with `Echo`."""
    async with await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0) as server:
        await _until_told(server.sockets[0].getsockname()[1])


async def _until_told(port: int) -> None:
    print(port, flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)


if __name__ == "__main__":
    logging.getLogger("tillbench").setLevel(logging.ERROR)
    match sys.argv[1]:
        case "echo":
            run(echo())
        case "stand-in":
            run(host(StandIn(datetime.now)))
        case ledger:
            run(host(Acquirer(ledger, datetime.now, Entropy(7).stream("acquirer"))))
