"""What must be in order before anything new is sent."""

from terminal.journal import JournalFull
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.transaction import Transaction


_BLOCK = 2
"""Of the setting `day_change`."""


def take_stan(terminal: Terminal) -> int:
    """The next trace number, on flash as used. Raises Stop when the flash does not take it."""
    try:
        return terminal.counters.next_stan()
    except OSError:
        raise Stop("flash_fault")


def check_may_store(terminal: Terminal) -> None:
    """An operator, room in the journal, no settlement under way: what is done without the host needs no more.

    Raises Stop with what is in the way.
    """
    if terminal.progress.due:
        raise Stop("tampered" if terminal.progress.tampered else "commission_due")
    if not terminal.operator:
        raise Stop("operator_due")
    if terminal.settling:
        raise Stop("settle_first")
    if terminal.parameters.day_change == _BLOCK and terminal.day_is_over():
        raise Stop("day_over")
    try:
        terminal.journal.check_room(terminal.parameters.batch_limit)
    except JournalFull as full:
        raise Stop("batch_full" if full.reason == "COUNT" else "flash_full")


def add_stored(terminal: Terminal, t: Transaction) -> Transaction:
    """Puts into the journal what has happened, to tell the host of it later. Raises Stop: then it has not happened."""
    try:
        terminal.journal.add(t)
    except OSError:
        raise Stop("flash_fault")
    return t


async def check_may_sell(terminal: Terminal) -> None:
    """As above, working keys, and nothing owed: what still is gets settled first.

    Raises Stop with what is in the way.
    """
    check_may_store(terminal)
    if not terminal.keys.ready:
        raise Stop("sign_on_due")
    if terminal.journal.pending is not None:
        from terminal.flows.owed import settle_owed

        why = await settle_owed(terminal)
        if why:
            raise Stop(terminal.journal.owed_text, why)
    if terminal.journal.notices:
        from terminal.flows.stored import send_stored

        # Of no weight for the next transaction: if it cannot be sent now, it goes on waiting.
        await send_stored(terminal, notices_only=True)
