"""`tillbench emulate`: a terminal that runs until somebody stops it."""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from tillbench.host.cli.emulate_commands import CommandReader, NeverShown
from tillbench.host.cli.emulate_console import Console, Stopped
from tillbench.host.cli.emulate_wish import Wish
from tillbench.host.cli.errors import Refused
from tillbench.host.cli.terminal_options import terminal_options
from tillbench.host.cli.trace_option import open_trace
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.emulator import Emulator
from tillbench.host.emulator.timeline import Timeline
from tillbench.host.emulator.vcd import VcdFile

FOREVER_S = 100 * 365 * 24 * 3600


def run(wish: Wish, *, headless: bool = False, vcd: Path | None = None) -> None:
    """Run the emulator on the computer's clock until `q`, `quit`, Ctrl-C or SIGTERM.

    Args:
        wish: the terminal.
        headless: a line for each event, instead of the console's view.
        vcd: file for the board's wires.

    Raises:
        Refused: an option cannot be met.
        StateInUse: another emulator runs on that state.
    """
    if not headless and not sys.stdin.isatty():
        raise Refused("no console here: use --headless or --page, or run it in a terminal window")
    with contextlib.ExitStack() as stack:
        emulator = Emulator(terminal_options(wish, stack))
        emulator.profile(wish.card)
        timeline = Timeline(emulator)
        file = open_trace(timeline, wish.trace)
        wires = _open_vcd(emulator, vcd)
        with terminate_softly(), _log_to(timeline):
            try:
                if headless:
                    _run_headless(emulator, timeline, wish.card)
                else:
                    with Console(emulator, timeline, wish.card):
                        serve(emulator)
            except Stopped:
                pass
            finally:
                emulator.close()
                if file is not None:
                    file.close()
                if wires is not None:
                    wires.close()


def _open_vcd(emulator: Emulator, path: Path | None) -> VcdFile | None:
    if path is None:
        return None
    try:
        return VcdFile(emulator.bench, path.open("w", encoding="ascii"))
    except OSError as error:
        raise Refused(f"--vcd {path}: {error.strerror}") from None


@contextlib.contextmanager
def terminate_softly() -> Iterator[None]:
    """SIGTERM is Stopped meanwhile."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _TimelineLog(logging.Handler):
    """What the host has to say, where it is seen: an acquirer that is away."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__(logging.WARNING)
        self._timeline = timeline

    def emit(self, record: logging.LogRecord) -> None:
        self._timeline.tell("bench", record.getMessage())


@contextlib.contextmanager
def _log_to(timeline: Timeline) -> Iterator[None]:
    logger, handler = logging.getLogger("tillbench"), _TimelineLog(timeline)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _run_headless(emulator: Emulator, timeline: Timeline, card: str) -> None:
    timeline.listeners.append(lambda entry: print(entry.as_line(), flush=True))
    commands = CommandReader(emulator, card)
    emulator.power_on()
    emulator.bench.externals[commands] = commands.ready
    try:
        serve(emulator)
    except NeverShown:
        raise
    except WaitTimeout:
        # No more commands, and a device that does nothing by itself: it stays up until it is stopped.
        while True:
            signal.pause()


def serve(emulator: Emulator) -> None:
    """Let it run until it is stopped. Raises WaitTimeout if nothing can happen any more."""
    emulator.bench.run_until(lambda: False, FOREVER_S, "its end")
