"""What the firmware takes of a 32-bit heap: piece by piece on QEMU's Cortex-M3, code run in place."""

from __future__ import annotations

import re
from pathlib import Path

from tillbench.host.emulator.qemu import QemuProcess

from bench.shop import IDLE, ON_DEVICE, new_terminal, sell
from bench.table import Section

SMALL_HEAP = 102_400
"""The gate: what an ESP32 has left beside Wi-Fi."""
NOTE = (
    "Bytes on a Cortex-M3 (QEMU, mps2-an385), code, what describes it and names outside of the heap, as in an image "
    "that the firmware is frozen into; each piece after a collection, in the order of loading. Nothing is unloaded."
)


def measure(folder: Path) -> Section:
    """The pieces, the sum, a sale."""
    section = Section("Heap of the device, 32 bit", NOTE)
    terminal = new_terminal(folder / "qemu heap")
    emulator = terminal.emulator
    peaks: list[int] = []
    started: list[QemuProcess] = []

    def start() -> QemuProcess:
        state = emulator.state
        process = QemuProcess.start(
            ON_DEVICE / "qemu_heap.py", cwd=state.path.resolve(), flash=state.flash.resolve(), image="spiram"
        )
        started.append(process)
        return process

    emulator.bench._start = start
    emulator.bench.on_log = lambda text: peaks.append(int(text.split()[-1])) if text.startswith("heap peak ") else None
    with terminal:
        terminal.screen.wait_text(IDLE)
        boot = emulator.bench.ask_memory()
        after = []
        for _ in range(5):
            sell(terminal)
            after.append(emulator.bench.ask_memory().used)
        console = started[0].console()
    total = 0
    for name, taken in re.findall(r"^HEAP (.+): (\d+)\r?$", console, re.MULTILINE):
        if name == "free at the prompt":
            continue
        total += int(taken)
        section.add(name, f"{int(taken):,}", f"sum {total:,}")
    names = re.search(r"n_qstr=(\d+)", console)
    section.add("names (qstr) beside the image's own", names[1] if names else "?")
    section.add("in use at the idle screen", f"{boot.used:,}")
    section.add("in use after a sale", f"{after[0]:,}", f"{after[-1] - after[0]:+,} after four more")
    section.add("at most in start and sales", f"{peaks[-1]:,}", f"{peaks[-1] / SMALL_HEAP:.0%} of a heap of 100 KB")
    return section


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory(prefix="tillbench-heap-") as name:
        found = measure(Path(name))
    for row in found.rows:
        print(f"{row.what:62} {row.value:>8}  {row.against}")
