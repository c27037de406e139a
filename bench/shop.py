"""A terminal to measure, and the sale that is measured."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.micropython import UnixProcess, firmware_root
from tillbench.host.terminal import Terminal

EPOCH = datetime(2026, 11, 23, 16, 0, 0)
ON_DEVICE = Path(__file__).parent / "on_device"
RUNNER = Path(__file__).parents[1] / "tests" / "device" / "runner"
"""The program of a device that runs the functions it is told to: the one that the device tests use."""
IDLE = "READY"


def new_terminal(
    state: Path,
    *,
    sources: bool = False,
    heap: str = "2M",
    seed: int | str = 7,
    fast_keys: bool = True,
    watch_heap: bool = False,
) -> Terminal:
    """A terminal that is still off; its keys do not bounce, its clock is steered.

    Args:
        state: the folder of its flash and its books.
        sources: its firmware is compiled by the device as it imports it; else before, as on a board.
        heap: as for `-X heapsize=`.
        seed: of all that is random.
        fast_keys: keys do not bounce.
        watch_heap: look at the heap with each picture on the screen.
    """
    terminal = Terminal(Options(state, seed=seed, epoch=EPOCH, heap=heap, fast_keys=fast_keys, watch_heap=watch_heap))
    if sources:
        emulator = terminal.emulator
        emulator.bench._start = lambda: UnixProcess.start(
            firmware_root() / "main.py", heap=heap, cwd=emulator.state.path.resolve(), sources=True
        )
    return terminal


def sell(terminal: Terminal, amount: str = "1234", card: str = "unionpay-debit") -> None:
    """A whole sale, from the idle screen to the idle screen: approved, with both slips."""
    screen = terminal.screen
    terminal.press(" ".join(amount) + " ENTER")
    screen.wait_text("INSERT CARD")
    terminal.card.insert(card)
    screen.wait_text("ENTER PIN")
    terminal.press(" ".join(terminal.emulator.profile(card).pin) + " ENTER")
    screen.wait_text("APPROVED")
    terminal.card.remove()
    terminal.receipt()
    screen.wait_text("TEAR OFF")
    terminal.press("ENTER")
    terminal.receipt()
    screen.wait_text(IDLE)
