"""The host under load, a process of its own: `python -m bench.acquirer_host LEDGER_URL | stand-in`.

Prints its port, serves until standard input ends, and then prints the most memory that it had, in KiB.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import sys
from datetime import datetime

from tillbench.host.acquirer import Acquirer
from tillbench.host.acquirer.event_loop import run
from tillbench.host.acquirer.server import Host, serve
from tillbench.host.acquirer.stand_in import StandIn
from tillbench.host.entropy import Entropy


async def main(host: Host) -> None:
    """Serve until standard input ends."""
    server = await serve(host, port=0)
    print(server.port, flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
    await server.close()


if __name__ == "__main__":
    logging.getLogger("tillbench").setLevel(logging.ERROR)
    kind = sys.argv[1]
    run(
        main(
            StandIn(datetime.now) if kind == "stand-in" else Acquirer(kind, datetime.now, Entropy(7).stream("acquirer"))
        )
    )
