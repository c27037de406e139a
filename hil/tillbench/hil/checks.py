"""What a bench is asked before a run: each check is a question with a finding for its answer."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from tillbench.host.boards import doctor as boards_doctor
from tillbench.host.boards.board_port import BoardPort
from tillbench.host.boards.build import slot_files
from tillbench.host.boards.doctor import Finding
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.compiler import cache_dir
from tillbench.host.emulator.emulator import SERIAL, Emulator, Options
from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.micropython import NoMicroPython, firmware_root
from tillbench.host.emulator.qemu_images import NoQemu

BUILD = "bare"
"""What the bench starts on a board: everything on it is virtual."""


def board(port: BoardPort) -> Iterator[Finding]:
    """Port, MicroPython, chip and MAC, bytecode, heap, file system, firmware, and then the link."""
    builds = {BUILD: partial(slot_files, firmware_root(), BUILD, cache_dir())}
    for finding in boards_doctor.examine(port, builds):
        if finding.ok is None:
            break  # what only a person can see
        yield finding
        if not finding.ok:
            return
    yield link(f"{SERIAL}{port.find()}")


def link(target: str) -> Finding:
    """The terminal starts there, says hello over the link, and tells its heap; nothing was damaged on the way."""
    with tempfile.TemporaryDirectory(prefix="tillbench-doctor-") as folder:
        try:
            emulator = Emulator(Options(Path(folder), target=target, seed=1), [])
            try:
                emulator.power_on()
                memory = emulator.bench.ask_memory()
                faults = emulator.bench.faults
            finally:
                emulator.close()
        except (LinkLost, WaitTimeout, NoMicroPython, NoQemu) as error:
            return Finding(False, "link", str(error).splitlines()[0])
    return _judged(memory.used, memory.free, faults)


def _judged(used: int, free: int, faults: Mapping[str, int]) -> Finding:
    damaged = {name: count for name, count in faults.items() if count}
    if damaged:
        return Finding(False, "link", ", ".join(f"{count} {name}" for name, count in damaged.items()))
    return Finding(True, "link", f"hello and back, nothing damaged; {used} bytes of heap used, {free} free")


def reader(name: str) -> Finding:
    """The machine's PC/SC reader with that in its name, and a card in it that answers."""
    try:
        from tillbench.hil.qualification.scard import PRESENT, Context, ScardError
    except ImportError as error:
        return Finding(False, "reader", str(error))
    try:
        context = Context()
        names = context.readers()
        found = [one for one in names if name.lower() in one.lower()]
        if not found:
            return Finding(False, "reader", f"no {name}; there is {', '.join(names) or 'none'}")
        state = context.state(found[0])
        context.close()
    except ScardError as error:
        return Finding(False, "reader", str(error))
    if not state.state & PRESENT:
        return Finding(False, "reader", f"{found[0]} has no card in it")
    return Finding(bool(state.atr), "reader", f"{found[0]}, ATR {state.atr.hex().upper() or 'none'}")
