"""Authorisations a second over loopback, ours and the peer's in turns; `python -m bench.acquirer` prints it alone.

`python -m bench.acquirer --memory 1000000` sends so many messages and prints what memory the host has on the way.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import product
from operator import attrgetter
from pathlib import Path

from bench.authorisations import MARK as OURS
from bench.authorisations import Till, quiet, scripts, shop
from bench.load import Load, drive
from bench.peer import MARK, NoPeer, Peer
from bench.running import LOAD_CORE, Running, free_port, host, keep_to
from bench.table import Section, times, us

SHAPES = ((1, 1), (1, 32), (50, 1), (500, 1))
"""Connections, and terminals that ask on each at once: one terminal, a concentrator, and many terminals."""
MESSAGES = {1: 4000, 32: 4000, 50: 4000, 500: 8000}
"""By how many are in flight in all."""
WARM = 4
"""Messages of each terminal before the ones that count: a host has met its terminals and its cards by then."""
WARM_IN_ALL = 64
"""At least so many, after which it has met each kind of message often."""
ROUNDS = 5
PEER = "iso8583sim serve: by rules, no MAC, PIN or ledger"
FULL = "Ledger, MAC, PIN, ARQC"
NO_CHIP = "Ledger, MAC, PIN"
STAND_IN = "By rules, no ledger"
ECHO = "Echo: every request sent back unread, by our event loop"

Scripts = list[Iterator[bytes]]
Shape = tuple[int, int]


@dataclass(frozen=True)
class Kind:
    """A host, what its approvals have, and `scripts(connections, terminals on each, messages on each)` for it."""

    running: Running
    good: bytes
    scripts: Callable[[int, int, int], Scripts]


def measure(folder: Path) -> Section:
    """A row for each kind of load and shape of it."""
    section = Section(
        "The acquirer over loopback",
        "Authorisations a second, made beforehand, after a warm-up; one request in flight on each connection where it "
        "does not say more, and then each is of another terminal. The host has one core, the load another. Medians of "
        f"{ROUNDS} runs, each with hosts started anew and in turn with the peer's, which answers by rules alone; the "
        "factors are the medians of those of each turn. CPU is what the host's process used of its core for a message, "
        "in the system too; on one connection with one in flight that has the time in which our host waits awake for "
        "the next message, which the echo does not. With a ledger every answer leaves after its commit; requests that "
        "wait together share one.",
    )
    everywhere = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    keep_to(LOAD_CORE)
    ledger = folder / "load.sqlite"
    tills = shop(ledger, max(count * terminals for count, terminals in SHAPES))
    peer = None
    try:
        peer = Peer(folder / "peer")
    except NoPeer as error:
        section.note += f" The peer could not be had: {error}."
    loads: defaultdict[tuple[str, Shape], list[Load]] = defaultdict(list)
    for _ in range(ROUNDS):
        # Anew each time: where a process lies in memory decides about a tenth of its speed.
        with ExitStack() as hosts:
            kinds = _kinds(hosts, peer, ledger, tills)
            for shape in SHAPES:
                for name, kind in kinds.items():
                    loads[name, shape].append(_load(kind, *shape))
    if everywhere:
        os.sched_setaffinity(0, everywhere)
    for name, shape in product(kinds, SHAPES):
        ours, theirs = loads[name, shape], loads.get((PEER, shape), [])
        section.add(f"{name}, {_words(*shape)}", _value(ours), _against(ours, theirs))
    return section


def _kinds(hosts: ExitStack, peer: Peer | None, ledger: Path, tills: list[Till]) -> dict[str, Kind]:
    """All of them, started."""
    kinds: dict[str, Kind] = {}
    if peer:
        again = partial(_again, peer.request(chip=True))
        kinds[PEER] = Kind(hosts.enter_context(peer.serving(free_port())), MARK, again)
    stripe, chip = partial(_sales, tills, chip=False), partial(_sales, tills, chip=True)
    with_ledger = hosts.enter_context(host(f"sqlite:///{ledger}"))
    kinds[ECHO] = Kind(hosts.enter_context(host("echo")), b"", stripe)
    kinds[STAND_IN] = Kind(hosts.enter_context(host("stand-in")), OURS, stripe)
    kinds[NO_CHIP] = Kind(with_ledger, OURS, stripe)
    kinds[FULL] = Kind(with_ledger, OURS, chip)
    return kinds


def _load(kind: Kind, count: int, terminals: int) -> Load:
    """One run of so many connections with so many terminals on each."""
    port, pid = kind.running.port, kind.running.process.pid
    warm = max(WARM * terminals, WARM_IN_ALL // count)
    drive(port, kind.scripts(count, terminals, warm), kind.good, pid, terminals)
    each = MESSAGES[count * terminals] // count
    load = drive(port, kind.scripts(count, terminals, each), kind.good, pid, terminals)
    wrong = {answer: number for answer, number in load.answers.items() if answer != kind.good}
    assert not wrong, f"answers that are no approval: {wrong}"
    return load


def _value(loads: list[Load]) -> str:
    p50, p99 = (statistics.median(load.percentile(n) for load in loads) for n in (50, 99))
    rate, cpu = (statistics.median(map(of, loads)) for of in (attrgetter("per_second"), attrgetter("cpu_each")))
    return f"{rate:,.0f} a second; p50 {us(p50)}, p99 {us(p99)}; CPU {us(cpu)} each"


def _against(ours: list[Load], theirs: list[Load]) -> str:
    """How many times the peer's messages a second, and how many for the same CPU time."""
    if not theirs:
        return ""
    turns = list(zip(ours, theirs, strict=True))
    against = times(statistics.median(our.per_second / their.per_second for our, their in turns), 1)
    if all(load.host_cpu for load in ours):
        against += f"; {times(statistics.median(their.cpu_each / our.cpu_each for our, their in turns), 1)} by CPU"
    return against


def _words(count: int, in_flight: int) -> str:
    lines = "1 connection" if count == 1 else f"{count} connections"
    return lines if in_flight == 1 else f"{lines}, {in_flight} in flight"


def _again(request: bytes, count: int, _: int, each: int) -> Scripts:
    return [itertools.repeat(request, each) for _ in range(count)]


def _sales(tills: list[Till], count: int, terminals: int, each: int, *, chip: bool) -> Scripts:
    """The terminals of a connection in turns."""
    made = scripts(tills[: count * terminals], count * each, chip=chip)
    lines = [made[at : at + terminals] for at in range(0, len(made), terminals)]
    return [itertools.chain.from_iterable(zip(*line, strict=True)) for line in lines]


def memory(messages: int, kind: str) -> None:
    """Print the most memory that the host has had, ten times on the way through so many messages."""
    with tempfile.TemporaryDirectory(prefix="tillbench-bench-") as name:
        ledger = Path(name) / "load.sqlite"
        tills = shop(ledger, 50)
        with host("stand-in" if kind == "stand-in" else f"sqlite:///{ledger}") as running:
            print(f"{0:>9} messages  {running.memory():>8} KiB")
            for part in range(1, 11):
                with quiet():
                    sales = [_made_as_sent(till, messages // 10 // len(tills)) for till in tills]
                    load = drive(running.port, sales, OURS, running.process.pid)
                assert set(load.answers) == {OURS}, f"answers that are no approval: {load.answers}"
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
