"""What each flow takes of a 32-bit heap, with the code in flash and on a stock image: on QEMU's Cortex-M3."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tillbench.host.emulator.bench import Memory
from tillbench.host.emulator.qemu import QemuProcess
from tillbench.host.emulator.qemu_images import NoQemu

from bench.flows import FLOWS, SALES
from bench.shop import IDLE, ON_DEVICE, new_terminal
from bench.table import Section

NOTE = (
    "Bytes on a Cortex-M3 (QEMU, mps2-an385): the whole terminal with its drivers, their virtual parts and the bench's "
    "link, unloading what it does not need as on a small heap, one flow after the other in one process. Data: the most "
    "in use at any picture on the screen, after a collection, with code, its tables and names outside of the heap, as "
    "in an image that the firmware is frozen into. Names and code: what comes on top at that moment on a stock ESP32 "
    "image, which knows no names of ours and has no ROMFS, so that the .mpy code lies in the heap. Kept: what is in "
    "use at the idle screen after the flow."
)


@dataclass(frozen=True)
class Form:
    """A way to put the firmware on a board, and what stands for it here."""

    script: str
    frozen: bool


IN_PLACE = Form("small_main.py", True)
STOCK = Form("small_main_files.py", False)


def measure(folder: Path) -> Section:
    """Every flow on both forms; a section that says why there is nothing where QEMU is not to be had."""
    section = Section("Memory of each flow, 32 bit", NOTE)
    try:
        place, stock = (_figures(folder / form.script, form) for form in (IN_PLACE, STOCK))
    except NoQemu as error:
        section.note = f"Not measured: {error}."
        return section
    for flow, ours, theirs in zip(FLOWS, place, stock, strict=True):
        section.add(
            flow.name,
            f"{ours.peak:,}",
            f"names and code {theirs.peak - ours.peak:+,}, sum {theirs.peak:,}; kept {ours.used:,}",
        )
    section.add(f"Growth over {SALES} sales", f"{place[-1].used - place[-2].used:+,}")
    return section


def _figures(state: Path, form: Form) -> list[Memory]:
    terminal = new_terminal(state, watch_heap=True)
    emulator = terminal.emulator

    def start() -> QemuProcess:
        folder = emulator.state
        return QemuProcess.start(
            ON_DEVICE / form.script,
            cwd=folder.path.resolve(),
            flash=folder.flash.resolve(),
            image="spiram",
            frozen=form.frozen,
        )

    emulator.bench._start = start
    figures = []
    with terminal:
        terminal.screen.wait_text(IDLE)
        for flow in FLOWS:
            flow.play(terminal)
            figures.append(emulator.bench.ask_memory())
    return figures


if __name__ == "__main__":
    import tempfile

    from bench.table import page

    with tempfile.TemporaryDirectory(prefix="tillbench-flows-") as name:
        print(page([], [measure(Path(name))]))
