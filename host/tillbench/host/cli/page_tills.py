"""The terminals of a page."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tillbench.host.cards import load_profile, profile_names
from tillbench.host.cli.emulate_wish import Wish
from tillbench.host.cli.errors import Refused
from tillbench.host.cli.terminal_options import terminal_options
from tillbench.host.cli.trace_option import trace_file
from tillbench.host.emulator.emulator import Emulator, Options
from tillbench.host.emulator.timeline import Timeline, TraceFile
from tillbench.host.pcsc.readers import ComputerReaders
from tillbench.host.web.serve import Show
from tillbench.host.web.till import Till


def page_tills(
    options: Options, card: str, stack: contextlib.ExitStack, *, count: int = 1, trace: Path | None = None
) -> list[Till]:
    """Terminals, not yet switched on.

    Args:
        options: of the first one.
        card: first on the tray.
        stack: closes the trace at the end.
        count: how many.
        trace: file for the first one's timeline.

    Raises:
        Refused: the trace cannot be written.
        ProfileError: there is no such card.
    """
    names = sorted(profile_names(), key=lambda name: name != card)
    profiles = [load_profile(name) for name in (names if card in names else [card, *names])]

    def till(options: Options, number: int, at_start: Callable[[Timeline], None] = lambda timeline: None) -> Till:
        return Till(number, lambda: Emulator(options, profiles), at_start)

    traced = () if trace is None else (stack.enter_context(_traced(trace)),)
    return [till(options, 1, *traced), *(till(_beside(options, number), number) for number in range(2, count + 1))]


def emulated(wish: Wish, terminals: int, stack: contextlib.ExitStack) -> Show:
    """A terminal as it is asked for, and more such terminals; what it enters into the stack is left at the end.

    Raises:
        Refused: an option cannot be met.
        StateInUse: another emulator runs on that state.
        ProfileError: there is no such card.
    """
    if terminals > 1 and (wish.tls or wish.serial):
        raise Refused("--terminals goes with neither --tls nor --serial: all would be told the same line")
    options = terminal_options(wish, stack)
    return Show(page_tills(options, wish.card, stack, count=terminals, trace=wish.trace), ComputerReaders())


def _beside(options: Options, number: int) -> Options:
    """Of one of the following terminals."""
    folder = options.state / f"terminal-{number}"
    folder.mkdir(parents=True, exist_ok=True)
    seed = None if options.seed is None else f"{options.seed}/{number}"
    return replace(options, state=folder, seed=seed, printer_port=None)


@contextlib.contextmanager
def _traced(path: Path) -> Iterator[Callable[[Timeline], None]]:
    files: list[TraceFile] = []
    file = trace_file(path)
    try:
        yield lambda timeline: files.append(TraceFile(timeline, file))
    finally:
        for each in files:
            each.close()
        file.close()
