"""What must be in order before anything new is sent."""

from terminal.journal import JournalFull
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


def take_stan(terminal: Terminal) -> int:
    """The next trace number, on flash as used. Raises Stop when the flash does not take it."""
    try:
        return terminal.counters.next_stan()
    except OSError:
        raise Stop("flash_fault")


async def check_may_sell(terminal: Terminal) -> None:
    """Working keys, room in the journal, and nothing owed: what still is gets settled first.

    Raises Stop with what is in the way.
    """
    if not terminal.operator:
        raise Stop("operator_due")
    if not terminal.keys.ready:
        raise Stop("sign_on_due")
    try:
        terminal.journal.check_room(terminal.parameters.batch_limit)
    except JournalFull as full:
        raise Stop("batch_full" if full.reason == "COUNT" else "flash_full")
    if terminal.journal.pending is not None:
        from terminal.flows.owed import settle_owed

        why = await settle_owed(terminal)
        if why:
            raise Stop(terminal.journal.owed_text, why)
