"""A terminal's day: how long it takes to start, and to sell."""

from __future__ import annotations

import itertools
import statistics
import time
from pathlib import Path

from tillbench.host.acquirer import Acquirer, TerminalSetup
from tillbench.host.cards import load_profile
from tillbench.host.emulator.emulator import MERCHANT_ID, TERMINAL_ID
from tillbench.host.entropy import Entropy

from bench.shop import EPOCH, IDLE, new_terminal, sell
from bench.table import Section, median_s, times, us

SALES = 7


def measure(folder: Path) -> Section:
    """Cold start, whole sales, and the share of the acquirer in them."""
    section = Section(
        "Start and sale",
        "Emulator, acquirer and models in one process, the firmware in another. Virtual time is what the clock on the "
        "counter shows: keys held for 70 to 130 ms, a card at 10,753 bit/s, a printer at 9,600. It ends at the idle "
        "screen, with two slips printed and cut.",
    )
    numbers = itertools.count()

    def start_from_blank_flash() -> None:
        with new_terminal(folder / f"blank{next(numbers)}") as terminal:
            terminal.screen.wait_text(IDLE)

    def start_from_sources() -> None:
        with new_terminal(folder / f"blank{next(numbers)}", sources=True) as terminal:
            terminal.screen.wait_text(IDLE)

    blank = median_s(start_from_blank_flash, 3)
    section.add("Cold start to the idle frame: blank flash, formatted and signed on", us(blank))
    sources = median_s(start_from_sources, 3)
    section.add("The same from sources, not compiled before", us(sources), f"{times(sources, blank)} the compiled ones")

    requests: list[bytes] = []
    with new_terminal(folder / "shop") as terminal:
        emulator = terminal.emulator
        assert emulator.acquirer is not None
        emulator.line.on_bytes = lambda direction, data: requests.append(data) if direction == "<" else None
        terminal.screen.wait_text(IDLE)
        walls, virtuals = [], []
        for _ in range(SALES):
            now_s, start = terminal.clock.now_s, time.perf_counter()
            sell(terminal)
            walls.append(time.perf_counter() - start)
            virtuals.append(terminal.clock.now_s - now_s)
        keys = emulator.state.key_slot(emulator.entropy)

        def restart() -> None:
            terminal.power.cut()
            terminal.screen.turn_page()  # the idle frame from before the cut is not the one to wait for
            terminal.power.restore()
            terminal.screen.wait_text(IDLE)

        section.add("Restart to the idle frame: signed on already", us(median_s(restart, 3)))

    sale = statistics.median(walls)
    acquirer = _acquirer_alone(folder / "replay.sqlite", requests, keys["TMK"])
    section.add("A whole sale, virtual time", f"{statistics.median(virtuals):.2f} s")
    section.add("A whole sale, wall time", us(sale), f"{times(sale, acquirer)} the acquirer's part of it")
    section.add("Sales a second, one after the other on one terminal", f"{SALES / sum(walls):.2f}")
    section.add("The acquirer alone: the same 0200 replayed, one commit each", us(acquirer))
    return section


def _acquirer_alone(ledger: Path, requests: list[bytes], tmk: bytes) -> float:
    """Median seconds for each 0200 of a recorded day, fed to a new acquirer with the same keys."""
    acquirer = Acquirer(f"sqlite:///{ledger}", lambda: EPOCH, Entropy(7).stream("acquirer"))
    try:
        acquirer.provision([load_profile("unionpay-debit")], [TerminalSetup(TERMINAL_ID, MERCHANT_ID, tmk)])
        took = []
        for request in requests:
            line = acquirer.connect()
            start = time.perf_counter()
            line.feed(request)
            took.append(time.perf_counter() - start)
        assert [exchange.code for exchange in acquirer.journal("0200")] == ["00"] * SALES
        return statistics.median(took[1:])
    finally:
        acquirer.close()
