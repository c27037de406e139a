"""What each flow takes of a 32-bit heap, with the code in flash and on a stock image: on QEMU's Cortex-M3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tillbench.host.emulator.bench import Memory
from tillbench.host.emulator.qemu import NoQemu, QemuProcess
from tillbench.host.terminal import Terminal

from bench.shop import IDLE, ON_DEVICE, new_terminal
from bench.table import Section
from tests.hil import business, shop

NOTE = (
    "Bytes on a Cortex-M3 (QEMU, mps2-an385): the whole terminal with its drivers, their virtual parts and the bench's "
    "link, unloading what it does not need as on a small heap, one flow after the other in one process. Data: the most "
    "in use at any picture on the screen, after a collection, with code and names in flash. Names and code: what comes "
    "on top at that moment on a stock ESP32 image, which knows no names of ours and has no ROMFS, so that the .mpy "
    "code lies in the heap. Kept: what is in use at the idle screen after the flow."
)
SALES = 5
FIRST_STAN = 2
"""Of the sale below: the sign-on has the first one."""


@dataclass(frozen=True)
class Form:
    """A way to put the firmware on a board, and what stands for it here."""

    script: str
    frozen: bool


IN_PLACE = Form("small_main.py", True)
STOCK = Form("small_main_files.py", False)


@dataclass(frozen=True)
class Flow:
    """A flow as a person plays it, from the idle screen to the idle screen, and the modules of `flows/` in it."""

    name: str
    modules: str
    play: Callable[[Terminal], object]


def _unanswered(terminal: Terminal) -> None:
    terminal.acquirer.rules.silence("0200")
    shop.key_in(terminal)
    shop.present(terminal)
    shop.enter_pin(terminal)
    shop.finish(terminal, shop.wait(terminal, "NOT APPROVED"))


def _void(terminal: Terminal) -> None:
    shop.finish(terminal, business.void(terminal, FIRST_STAN))


def _refund(terminal: Terminal) -> None:
    sale = business.last(terminal, "sale")
    assert sale.rrn is not None
    shown = business.refund(terminal, sale.rrn, f"{sale.at:%m%d}", 100)
    shop.finish(terminal, shown)


def _offline_sale(terminal: Terminal) -> None:
    business.offline_sale(terminal, terminal.emulator.profile(shop.UNIONPAY).pan, 700)


def _menu(*entries: str) -> Callable[[Terminal], None]:
    """Something that begins in the menu and ends with a message that ENTER takes away."""

    def play(terminal: Terminal) -> None:
        terminal.menu(*entries)
        terminal.press("ENTER")
        shop.wait(terminal, IDLE)

    return play


def _settle(terminal: Terminal) -> None:
    business.settle(terminal, "BALANCED")


def _many(terminal: Terminal) -> None:
    for _ in range(SALES):
        assert shop.sell(terminal).approved


FLOWS = (
    Flow("start and sign-on", "sign_on", lambda terminal: None),
    Flow("sale", "sale card card_entry chip choose_application message online online_pin", shop.sell),
    Flow("sale unanswered, and its reversal", "owed", _unanswered),
    Flow("void", "void original", _void),
    Flow("refund", "refund", _refund),
    Flow("offline sale", "offline_sale stored", _offline_sale),
    Flow("echo", "echo", _menu("MANAGEMENT", "HOST", "ECHO TEST")),
    Flow("settlement", "settle", _settle),
    Flow("sale after all that", "", shop.sell),
    Flow(f"{SALES} more sales", "", _many),
)
NOT_PLAYED = {
    "balance": "the steps of a sale with another message",
    "preauth": "the steps of a sale with another message",
    "stripe": "less than the chip, in whose place it comes",
    "repeated": "one look at the journal and a question, before the card has signed",
    "adjust": "a tip or an adjustment is an offline sale that names another transaction",
    "batch_upload": "only when the totals of the settlement differ: one message after the other",
    "downloads": "tables as large as a host sends them, by the record",
    "load_parameters": "one message, as echo",
    "send_status": "one message, as echo",
    "sign_off": "one message, as echo",
}
"""Modules of `flows/` without a line above, and why."""


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
            if flow is FLOWS[0]:
                terminal.desk.ask({"settings": {"change_defaults": 0}})
    return figures


if __name__ == "__main__":
    import tempfile

    from bench.table import page

    with tempfile.TemporaryDirectory(prefix="tillbench-flows-") as name:
        print(page([], [measure(Path(name))]))
