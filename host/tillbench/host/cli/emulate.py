"""`tillbench emulate`: a terminal that runs until somebody stops it."""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType

from tillbench.host.cli.address_option import host_and_port
from tillbench.host.cli.display_option import check_display
from tillbench.host.cli.emulate_commands import CommandReader, NeverShown
from tillbench.host.cli.emulate_console import Console, Stopped
from tillbench.host.cli.emulate_wish import Wish
from tillbench.host.cli.errors import Refused
from tillbench.host.cli.page_tills import page_tills
from tillbench.host.cli.slot_option import check_slot
from tillbench.host.cli.state_option import open_state
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.desk import DeskError
from tillbench.host.emulator.emulator import Emulator, Options
from tillbench.host.emulator.line_setup import LineSetup, prepare, tls_setup
from tillbench.host.emulator.printer_port import LOOPBACK, CannotListen, PrinterPort
from tillbench.host.emulator.serial_line import open_port
from tillbench.host.emulator.timeline import Timeline, TraceFile
from tillbench.host.emulator.vcd import VcdFile
from tillbench.host.pcsc.readers import ComputerReaders
from tillbench.host.web.serve import Show

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
        emulator = Emulator(_options(wish, stack))
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


def on_page(wish: Wish, terminals: int, stack: contextlib.ExitStack) -> Show:
    """The same on a page, and more such terminals; what it enters into the stack is left at the end.

    Raises:
        Refused: an option cannot be met.
        StateInUse: another emulator runs on that state.
        ProfileError: there is no such card.
    """
    if terminals > 1 and (wish.tls or wish.serial):
        raise Refused("--terminals goes with neither --tls nor --serial: all would be told the same line")
    options = _options(wish, stack)
    return Show(page_tills(options, wish.card, stack, count=terminals, trace=wish.trace), ComputerReaders())


def _options(wish: Wish, stack: contextlib.ExitStack) -> Options:
    check_display(wish.display)
    check_slot(wish.slot)
    address = host_and_port("--acquirer", wish.acquirer) if wish.acquirer else None
    if wish.temp and wish.state:
        raise Refused("--temp and --state: choose one; --temp keeps nothing")
    setup = _line_setup(address, wish.tls, wish.serial)
    folder = stack.enter_context(_state(wish.temp, wish.state))
    printer = stack.enter_context(_printer_port(wish.printer_port))
    options = Options(
        folder,
        target=wish.target,
        seed=wish.seed,
        acquirer=address,
        serial=wish.serial,
        realtime=True,
        prepared=wish.prepared,
        display=wish.display,
        slot=wish.slot,
        battery=wish.battery,
        wifi=wish.wifi,
    )
    if setup is not None:
        try:
            prepare(options, setup)
        except DeskError as error:
            raise Refused(f"--tls {wish.tls}: {error}") from None
    return replace(options, printer_port=printer)


def _line_setup(address: tuple[str, int] | None, tls: Path | None, serial: str | None) -> LineSetup | None:
    """What the terminal has to be told; None: it knows. Raises Refused."""
    if tls is not None and (address is None or serial is not None):
        raise Refused("--tls: expected --acquirer too, and no --serial")
    if serial is not None:
        if address is not None:
            raise Refused("--serial and --acquirer: choose one")
        try:
            open_port(serial).close()
        except OSError as error:
            raise Refused(f"--serial {serial}: {error.strerror}") from None
        return LineSetup({"line": "serial"})
    if tls is None:
        return None
    try:
        return tls_setup(tls, host="", port=0)
    except OSError as error:
        raise Refused(f"--tls {tls}: cannot read {error.filename}: {error.strerror}") from None


@contextlib.contextmanager
def _printer_port(number: int | None) -> Iterator[PrinterPort | None]:
    if number is None:
        yield None
        return
    try:
        port = PrinterPort(number)
    except CannotListen as error:
        raise Refused(str(error)) from None
    with contextlib.closing(port):
        print(f"printer: {LOOPBACK}:{port.port}  (raw ESC/POS)", flush=True)
        yield port


@contextlib.contextmanager
def _state(temp: bool, state: Path | None) -> Iterator[Path]:
    if temp:
        with tempfile.TemporaryDirectory(prefix="tillbench-") as folder:
            yield Path(folder)
        return
    directory = open_state(state)
    with directory.in_use():
        yield directory.path


def open_trace(timeline: Timeline, path: Path | None) -> TraceFile | None:
    """The trace file, if one is wanted. Raises Refused: it cannot be written."""
    if path is None:
        return None
    try:
        # By lines: a killed emulator leaves a whole trace up to its last moment.
        return TraceFile(timeline, path.open("w", encoding="utf-8", buffering=1))
    except OSError as error:
        raise Refused(f"--trace {path}: {error.strerror}") from None


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
