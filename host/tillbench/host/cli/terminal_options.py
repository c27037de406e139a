"""From what is asked of `tillbench emulate` to a terminal that can be made."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tillbench.host.cli.address_option import host_and_port
from tillbench.host.cli.display_option import check_display
from tillbench.host.cli.emulate_wish import Wish
from tillbench.host.cli.errors import Refused
from tillbench.host.cli.slot_option import check_slot
from tillbench.host.cli.state_option import open_state
from tillbench.host.emulator.desk import DeskError
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.line_setup import LineSetup, prepare, tls_setup
from tillbench.host.emulator.printer_port import LOOPBACK, CannotListen, PrinterPort
from tillbench.host.emulator.serial_line import open_port


def terminal_options(wish: Wish, stack: contextlib.ExitStack) -> Options:
    """Its options; what it enters into the stack is left at the end.

    Raises:
        Refused: an option cannot be met.
        StateInUse: another emulator runs on that state.
    """
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
