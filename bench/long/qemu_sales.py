"""`python -m bench.long.qemu_sales --sales N`: sale after sale on QEMU's Cortex-M3, and a heap that does not grow.

A batch is settled when it has `BATCH` sales. The first sales and the first settlement load what stays loaded; after
those nothing may be left behind. It ends at the first sale that is not approved, with exit status 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tillbench.host.emulator.emulator import Options
from tillbench.host.terminal import Terminal

from bench.long.on_qemu import exit_status
from bench.shop import EPOCH, IDLE
from tests.hil import business, shop

BATCH = 50
SLACK = 512
"""Bytes that a collection may miss, however many sales there were: what the stack still seems to point at."""


def sell(folder: Path, sales: int, batch: int = BATCH, image: str = "spiram") -> tuple[int, int]:
    """Bytes in use after the first batch and its settlement, and after so many sales more.

    Raises:
        AssertionError: a sale was not approved, or the heap grows; the text says which and by how much.
    """
    terminal = Terminal(Options(folder, target="qemu", seed=7, epoch=EPOCH, image=image, fast_keys=True))
    with terminal:
        terminal.screen.wait_text(IDLE)
        _batch(terminal, min(batch, 5), 0)
        first = last = terminal.emulator.bench.ask_memory().used
        sold = 0
        while sold < sales:
            count = min(batch, sales - sold)
            _batch(terminal, count, sold)
            sold += count
            last = terminal.emulator.bench.ask_memory().used
            print(f"{sold} sales: {last:,} bytes in use, {last - first:+,}", file=sys.stderr)
            if last - first > SLACK:
                raise AssertionError(f"the heap has grown by {last - first:,} bytes in {sold} sales")
    return first, last


def _batch(terminal: Terminal, count: int, before: int) -> None:
    """So many sales, and the settlement, on a new roll of paper."""
    terminal.emulator.printer.load_paper()
    for number in range(count):
        outcome = shop.sell(terminal, amount=100 + number)
        if not outcome.approved:
            raise AssertionError(f"sale {before + number + 1}: {outcome.screen!r}")
    business.settle(terminal, "BALANCED")


def main() -> int:
    """The command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.long.qemu_sales", description=__doc__.split("\n\n")[0])
    parser.add_argument("--sales", type=int, default=1000, help="how many (default: 1000)")
    sales = parser.parse_args().sales

    def run(folder: Path) -> str:
        start = time.monotonic()
        first, last = sell(folder, sales)
        seconds = time.monotonic() - start
        return f"{sales} sales in {seconds:.0f} s: {first:,} bytes in use before, {last:,} after, {last - first:+,}"

    return exit_status(run)


if __name__ == "__main__":
    sys.exit(main())
