"""Authorisations a second over loopback, ours and the peer's in turns; `python -m bench.acquirer` prints it alone.

`python -m bench.acquirer --memory 1000000` sends so many messages and prints what memory the host has on the way.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.authorisations import MARK as OURS
from bench.authorisations import Till, quiet, scripts, shop
from bench.load import Load, drive
from bench.peer import MARK, NoPeer, Peer
from bench.running import LOAD_CORE, free_port, host, keep_to
from bench.table import Section, times, us

CONNECTIONS = (1, 50, 500)
MESSAGES = {1: 500, 50: 3000, 500: 3000}
ROUNDS = 2
PEER = "iso8583sim serve: by rules, no MAC, PIN or ledger"
FULL = "Ledger, MAC, PIN, ARQC"
NO_CHIP = "Ledger, MAC, PIN"
STAND_IN = "By rules, no ledger"
KINDS = (STAND_IN, NO_CHIP, FULL)


@dataclass
class Best:
    """The best of several runs: what disturbs a run makes it slower, never quicker."""

    load: Load | None = None

    def add(self, load: Load, good: bytes) -> None:
        wrong = {answer: count for answer, count in load.answers.items() if answer != good}
        assert not wrong, f"answers that are no approval: {wrong}"
        if self.load is None or load.per_second > self.load.per_second:
            self.load = load


def measure(folder: Path) -> Section:
    """A row for each kind of host and number of connections."""
    section = Section(
        "The acquirer over loopback",
        "Authorisations a second, one request in flight on each connection, made beforehand; the host has one core, "
        "the load another. The best of several runs, in turns with the peer's, which answers by rules alone. With a "
        "ledger every answer leaves after its commit is on the disk; requests that wait together share one.",
    )
    everywhere = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    keep_to(LOAD_CORE)
    tills = shop(folder / "load.sqlite", max(CONNECTIONS))
    try:
        peer = Peer(folder / "peer")
        request = peer.request(chip=True)
    except NoPeer as error:
        section.note += f" The peer could not be had: {error}."
        peer = None
    best = {(kind, count): Best() for kind in (PEER, *KINDS) for count in CONNECTIONS}
    for _ in range(ROUNDS):
        if peer:
            with peer.serving(free_port()) as port:
                for count in CONNECTIONS:
                    repeated = [itertools.repeat(request, MESSAGES[count] // count) for _ in range(count)]
                    best[PEER, count].add(drive(port, repeated, MARK), MARK)
        for kind in KINDS:
            with host("stand-in" if kind == STAND_IN else f"sqlite:///{folder / 'load.sqlite'}") as running:
                for count in CONNECTIONS:
                    best[kind, count].add(drive(running.port, _sales(tills, kind, count), OURS), OURS)
    if everywhere:
        os.sched_setaffinity(0, everywhere)
    for kind in (PEER, *KINDS):
        for count in CONNECTIONS:
            load, other = best[kind, count].load, best[PEER, count].load
            if load is not None:
                spread = f"p50 {us(load.percentile(50))}, p99 {us(load.percentile(99))}"
                against = times(load.per_second, other.per_second) if other else ""
                lines = "connection" if count == 1 else "connections"
                section.add(f"{kind}, {count} {lines}", f"{load.per_second:,.0f} a second; {spread}", against)
    return section


def _sales(tills: list[Till], kind: str, count: int) -> list[Iterator[bytes]]:
    return scripts(tills[:count], MESSAGES[count], chip=kind == FULL)


def memory(messages: int, kind: str) -> None:
    """Print the most memory that the host has had, ten times on the way through so many messages."""
    with tempfile.TemporaryDirectory(prefix="tillbench-bench-") as name:
        ledger = Path(name) / "load.sqlite"
        tills = shop(ledger, 50)
        with host("stand-in" if kind == "stand-in" else f"sqlite:///{ledger}") as running:
            print(f"{0:>9} messages  {running.memory():>8} KiB")
            for part in range(1, 11):
                with quiet():
                    drive(running.port, [_made_as_sent(till, messages // 10 // len(tills)) for till in tills], OURS)
                print(f"{part * messages // 10:>9} messages  {running.memory():>8} KiB", flush=True)


def _made_as_sent(till: Till, count: int) -> Iterator[bytes]:
    return (till.sale(chip=False) for _ in range(count))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.acquirer")
    parser.add_argument("--memory", type=int, metavar="MESSAGES")
    parser.add_argument("--kind", choices=("ledger", "stand-in"), default="ledger")
    options = parser.parse_args()
    if options.memory:
        memory(options.memory, options.kind)
    else:
        with tempfile.TemporaryDirectory(prefix="tillbench-bench-") as name:
            section = measure(Path(name))
        print(section.note)
        for row in section.rows:
            print(f"{row.what:70} {row.value:60} {row.against}")
