"""What a bench is asked before a run: each check is a question with a finding for its answer."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from pathlib import Path

from tillbench.host.boards import doctor as boards_doctor
from tillbench.host.boards.board_map import WATCHED
from tillbench.host.boards.board_port import BoardPort
from tillbench.host.boards.build import slot_files
from tillbench.host.boards.doctor import Finding
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.compiler import cache_dir
from tillbench.host.emulator.emulator import SERIAL, Options
from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.micropython import NoMicroPython, firmware_root
from tillbench.host.emulator.qemu_images import NoQemu
from tillbench.host.emulator.tapped import TAPPED, emulator_for


def board(port: BoardPort) -> Iterator[Finding]:
    """Port, MicroPython, chip and MAC, bytecode, heap, file system, firmware, and then the link."""
    build, real = port.board.build, port.board.real
    builds = {build: partial(slot_files, firmware_root(), build, cache_dir())}
    for finding in boards_doctor.examine(port, builds):
        if finding.ok is None:
            break  # what only a person can see
        yield finding
        if not finding.ok:
            return
    yield link(f"{TAPPED if real else SERIAL}{port.find()}", real)


def link(target: str, real: Collection[str] = ()) -> Finding:
    """The terminal starts there, says hello over the link, and tells its heap; nothing was damaged on the way, and of
    the parts that its map calls real those that can be watched are."""
    with tempfile.TemporaryDirectory(prefix="tillbench-doctor-") as folder:
        try:
            emulator = emulator_for(Options(Path(folder), target=target, seed=1), [])
            try:
                emulator.power_on()
                memory = emulator.bench.ask_memory()
                faults, parts = emulator.bench.faults, emulator.bench.parts
            finally:
                emulator.close()
        except (LinkLost, WaitTimeout, NoMicroPython, NoQemu) as error:
            return Finding(False, "link", str(error).splitlines()[0])
    unwatched = [part for part in WATCHED if part in real and part not in parts]
    if unwatched:
        return Finding(False, "link", f"real by the map and not watched by the board: {', '.join(unwatched)}")
    return _judged(memory.used, memory.free, faults)


def _judged(used: int, free: int, faults: Mapping[str, int]) -> Finding:
    damaged = {name: count for name, count in faults.items() if count}
    if damaged:
        return Finding(False, "link", ", ".join(f"{count} {name}" for name, count in damaged.items()))
    return Finding(True, "link", f"hello and back, nothing damaged; {used} bytes of heap used, {free} free")


def reader(name: str, boards: Path | None = None) -> Finding:
    """The machine's PC/SC reader, by a part of its name or as in the map, and a card in it that answers; where it has a
    feeder, its first card is put in."""
    try:
        from tillbench.hil.feeder import FeederFault
        from tillbench.hil.lab_reader import LabReader, NotThere
        from tillbench.hil.qualification.scard import Context, ScardError
    except ImportError as error:
        return Finding(False, "reader", str(error))
    try:
        found = LabReader(name, boards)
        if found.fed:
            found.insert()
        elif not found.has_card():
            return Finding(False, "reader", f"{found.name} has no card in it")
        context = Context()
        atr = context.state(found.name).atr
        context.close()
    except (NotThere, FeederFault, ScardError) as error:
        return Finding(False, "reader", str(error))
    fed = f", put in by its feeder of {len(found.cards)}" if found.fed else ""
    return Finding(bool(atr), "reader", f"{found.name}, ATR {atr.hex().upper() or 'none'}{fed}")
