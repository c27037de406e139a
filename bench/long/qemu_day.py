"""`python -m bench.long.qemu_day`: a day of the shop with every flow of the terminal, on QEMU with 100 KB of heap.

It ends at the first flow that does not fit or does not do what it should, with exit status 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.link import LinkLost
from tillbench.host.terminal import Terminal

from bench.flows import FLOWS
from bench.long.on_qemu import exit_status
from bench.shop import EPOCH, IDLE


def play(folder: Path, image: str = "heap100k") -> int:
    """Every flow, one after the other; the bytes of heap that are free at the idle screen after the last one.

    Raises:
        AssertionError: a flow did not come to its end, or the books are wrong after it; the text says which flow.
    """
    terminal = Terminal(Options(folder, target="qemu", seed=7, epoch=EPOCH, image=image, fast_keys=True))
    free = 0
    with terminal:
        terminal.screen.wait_text(IDLE)
        for flow in FLOWS:
            try:
                flow.play(terminal)
                free = terminal.emulator.bench.ask_memory().free
                assert terminal.acquirer.ledger.faults() == []
            except (AssertionError, LinkLost, LookupError) as error:
                raise AssertionError(f"{flow.name}: {error or 'not approved'}\n{terminal.screen.text}") from error
            print(f"{flow.name}: {free:,} bytes free after it", file=sys.stderr)
    return free


def main() -> int:
    """The command; the exit status."""
    return exit_status(
        lambda folder: (
            f"{len(FLOWS)} flows in 100 KB of heap; {play(folder):,} bytes free when the terminal is idle again"
        )
    )


if __name__ == "__main__":
    sys.exit(main())
