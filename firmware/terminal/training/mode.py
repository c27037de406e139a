"""Into training and out of it. The real journal, counters and keys are put aside meanwhile and not touched."""

import os

from terminal.counters import Counters
from terminal.i18n import text
from terminal.journal import Journal
from terminal.line.watched import WatchedLine
from terminal.operators import gate
from terminal.training.host import TrainingKeys, TrainingLine
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


async def enter_or_leave(terminal: Terminal) -> None:
    """What the menu's entry does: begin a training, or end the one that goes on. Raises Stop."""
    if terminal.put_aside is None:
        await enter(terminal)
    else:
        await leave(terminal)


async def enter(terminal: Terminal) -> None:
    """The supervisor begins a training with an empty journal. Raises Stop, also while a reversal is owed."""
    await gate.supervisor(terminal, "training")
    if terminal.journal.pending is not None:
        raise Stop("reversal_due")
    if terminal.settling:
        raise Stop("settle_first")
    folder = terminal.board.storage
    names = (folder + "/training_journal", folder + "/training_counters")
    try:
        for name in names + (names[0] + "_settlement", names[0] + "_last"):  # noqa: RUF005  no star on the device
            _remove(name)
        journal = Journal(folder, names[0])
        counters = Counters(names[1])
    except OSError:
        raise Stop("flash_fault")
    terminal.put_aside = (terminal.journal, terminal.counters, terminal.keys, terminal.line)
    terminal.journal = journal
    terminal.counters = counters
    terminal.keys = TrainingKeys()  # type: ignore[assignment]  # what stands in for them
    terminal.line = WatchedLine(TrainingLine(terminal.clock))
    await terminal.dialogs.message("training", text("training_begins"), text("not_a_receipt"))


async def leave(terminal: Terminal) -> None:
    """Back to work."""
    if terminal.put_aside is not None:
        terminal.journal, terminal.counters, terminal.keys, terminal.line = terminal.put_aside
        terminal.put_aside = None
        await terminal.dialogs.message("training", text("training_ends"))


def _remove(path: str) -> None:
    try:
        os.stat(path)
    except OSError:
        return
    os.remove(path)
