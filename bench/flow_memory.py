"""What each flow takes of a 32-bit heap, for each way to put the firmware on a board: on QEMU's Cortex-M3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tillbench.host.emulator.bench import Memory
from tillbench.host.emulator.qemu import QemuProcess
from tillbench.host.terminal import Terminal

from bench.shop import IDLE, ON_DEVICE, new_terminal, sell
from bench.table import Section

NOTE = (
    "Bytes on a Cortex-M3 (QEMU, mps2-an385), the whole terminal with its virtual parts and drivers, the flows one "
    "after the other in one process. Data: in use after a collection, code run in place from ROMFS, the firmware's "
    "names in the image. Names and code: what comes on top on a stock ESP32 image, which knows no names of ours and "
    "has no ROMFS, so that the .mpy code lies in the heap. High-water: the highest in use at any picture on screen, "
    "after a collection."
)
SALES = 5


@dataclass(frozen=True)
class Form:
    """A way to put the firmware on a board, and what stands for it here."""

    script: str
    names: bool


IN_PLACE = Form("heap_main.py", True)
NO_NAMES = Form("heap_main.py", False)
STOCK = Form("heap_main_files.py", False)

Flow = tuple[str, Callable[[Terminal], None]]


@dataclass(frozen=True)
class Figures:
    """One flow on one form."""

    used: int
    peak: int


def _reversed(terminal: Terminal) -> None:
    """A sale that the host does not answer, and its reversal."""
    terminal.acquirer.rules.silence("0200")
    screen = terminal.screen
    terminal.press("5 0 0 ENTER")
    screen.wait_text("INSERT CARD")
    terminal.card.insert("unionpay-debit")
    screen.wait_text("ENTER PIN")
    terminal.press(" ".join(terminal.emulator.profile("unionpay-debit").pin) + " ENTER")
    screen.wait_text("REMOVE CARD")
    terminal.card.remove()
    screen.wait_text(IDLE)


def _many(terminal: Terminal) -> None:
    for _ in range(SALES):
        sell(terminal)


FLOWS: list[Flow] = [
    ("start and sign-on", lambda terminal: None),
    ("sale", sell),
    ("reversal", _reversed),
    (f"{SALES} more sales", _many),
]


def measure(folder: Path) -> Section:
    """Every flow on every form."""
    section = Section("Memory of each flow, 32 bit", NOTE)
    found = {form: _figures(folder / f"{form.script} {form.names}", form) for form in (IN_PLACE, NO_NAMES, STOCK)}
    for number, (name, _) in enumerate(FLOWS):
        place, named, stock = (found[form][number] for form in (IN_PLACE, NO_NAMES, STOCK))
        section.add(f"{name}: data", f"{place.used:,}", f"high-water {place.peak:,}")
        section.add(f"{name}: names", f"{named.used - place.used:,}")
        section.add(f"{name}: code", f"{stock.used - named.used:,}")
        section.add(f"{name}: sum on a stock image", f"{stock.used:,}", f"high-water {stock.peak:,}")
    grown = found[IN_PLACE][-1].used - found[IN_PLACE][-2].used
    section.add(f"Growth over {SALES} sales", f"{grown:+,}")
    return section


def _figures(state: Path, form: Form) -> list[Figures]:
    terminal = new_terminal(state)
    emulator = terminal.emulator
    peaks: list[int] = []

    def start() -> QemuProcess:
        folder = emulator.state
        return QemuProcess.start(
            ON_DEVICE / form.script,
            cwd=folder.path.resolve(),
            flash=folder.flash.resolve(),
            image="spiram",
            names=form.names,
        )

    emulator.bench._start = start
    emulator.bench.on_log = lambda text: peaks.append(int(text.split()[-1])) if text.startswith("heap peak ") else None
    figures = []
    with terminal:
        terminal.screen.wait_text(IDLE)
        for _, play in FLOWS:
            play(terminal)
            memory: Memory = emulator.bench.ask_memory()
            figures.append(Figures(memory.used, peaks[-1]))
    return figures


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory(prefix="tillbench-flows-") as name:
        found = measure(Path(name))
    for row in found.rows:
        print(f"{row.what:44} {row.value:>10}  {row.against}")
