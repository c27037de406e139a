"""Authorisations a second over loopback, ours and the peer's in turns; `python -m bench.acquirer` prints it alone.

`python -m bench.acquirer --memory 1000000` sends so many messages and prints what memory the host has on the way.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
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
MESSAGES = {1: 1000, 32: 4000, 50: 4000, 500: 8000}
"""By how many are in flight in all."""
WARM = 4
"""Messages of each connection before the ones that count: a host has met its terminals and its cards by then."""
ROUNDS = 3
PEER = "iso8583sim serve: by rules, no MAC, PIN or ledger"
FULL = "Ledger, MAC, PIN, ARQC"
NO_CHIP = "Ledger, MAC, PIN"
STAND_IN = "By rules, no ledger"
KINDS = (STAND_IN, NO_CHIP, FULL)

Scripts = list[Iterator[bytes]]
Shape = tuple[int, int]
Loads = dict[tuple[str, Shape], list[Load]]


def measure(folder: Path) -> Section:
    """A row for each kind of host and number of connections."""
    section = Section(
        "The acquirer over loopback",
        "Authorisations a second, made beforehand, after a warm-up; one request in flight on each connection where it "
        "does not say more, and then each is of another terminal. The host has one core, the load another. Medians of "
        f"{ROUNDS} runs, in turns with the peer's, which answers by rules alone. CPU is what the host's process used "
        "of its core for a message, in the system too, and does not change with what else the machine does as the "
        "rates do. With a ledger every answer leaves after its commit; requests that wait together share one.",
    )
    everywhere = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    keep_to(LOAD_CORE)
    tills = shop(folder / "load.sqlite", max(count * terminals for count, terminals in SHAPES))
    loads: Loads = {}
    try:
        peer = Peer(folder / "peer")
        request = peer.request(chip=True)
    except NoPeer as error:
        section.note += f" The peer could not be had: {error}."
        peer = None
    for _ in range(ROUNDS):
        if peer:
            with peer.serving(free_port()) as running:
                _run(
                    running,
                    PEER,
                    loads,
                    MARK,
                    lambda count, _, each: [itertools.repeat(request, each) for _ in range(count)],
                )
        for kind in KINDS:
            with host("stand-in" if kind == STAND_IN else f"sqlite:///{folder / 'load.sqlite'}") as running:
                _run(running, kind, loads, OURS, partial(_sales, tills, kind))
    if everywhere:
        os.sched_setaffinity(0, everywhere)
    for (kind, shape), ours in loads.items():
        rate, cpu = _median(ours, attrgetter("per_second")), _median(ours, attrgetter("cpu_each"))
        p50, p99 = (_median(ours, lambda load: load.percentile(n)) for n in (50, 99))  # noqa: B023  called at once
        against = ""
        if peer:
            other = loads[PEER, shape]
            against = times(rate, _median(other, attrgetter("per_second")))
            if cpu:
                against += f"; {times(_median(other, attrgetter('cpu_each')), cpu)} by CPU"
        value = f"{rate:,.0f} a second; p50 {us(p50)}, p99 {us(p99)}; CPU {us(cpu)} each"
        section.add(f"{kind}, {_words(*shape)}", value, against)
    return section


def _run(running: Running, kind: str, loads: Loads, good: bytes, scripts: Callable[[int, int, int], Scripts]) -> None:
    """One kind of host in every shape of load; `scripts(connections, terminals on each, messages on each)` makes the
    requests."""
    for count, terminals in SHAPES:
        pid = running.process.pid
        drive(running.port, scripts(count, terminals, WARM * terminals), good, pid, terminals)
        each = MESSAGES[count * terminals] // count
        load = drive(running.port, scripts(count, terminals, each), good, pid, terminals)
        wrong = {answer: number for answer, number in load.answers.items() if answer != good}
        assert not wrong, f"answers that are no approval: {wrong}"
        loads.setdefault((kind, (count, terminals)), []).append(load)


def _words(count: int, in_flight: int) -> str:
    lines = "1 connection" if count == 1 else f"{count} connections"
    return lines if in_flight == 1 else f"{lines}, {in_flight} in flight"


def _median(loads: list[Load], of: Callable[[Load], float]) -> float:
    return statistics.median(map(of, loads))


def _sales(tills: list[Till], kind: str, count: int, terminals: int, each: int) -> Scripts:
    """The terminals of a connection in turns."""
    made = scripts(tills[: count * terminals], count * each, chip=kind == FULL)
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
