"""Slips once more: the last one, or the one with a voucher number. Both copies, marked as duplicates."""

from terminal.i18n import text
from terminal.kinds import is_inquiry
from terminal.printing import print_both_copies
from terminal.transaction import APPROVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.transaction import Transaction


async def reprint_last(terminal: Terminal) -> None:
    """The slip of the last approved transaction; a message when there is none."""
    await _reprint(terminal, "reprint", _approved(terminal, 0))


async def reprint_any(terminal: Terminal) -> None:
    """Asks for a voucher number and prints its slip again; a message when there is none. Raises Stop."""
    from terminal.ui.digits_entry import ask_number

    stan = await ask_number(terminal.dialogs, "reprint_any", "voucher", 6)
    await _reprint(terminal, "reprint_any", _approved(terminal, stan))


def _approved(terminal: Terminal, stan: int) -> Transaction | None:
    """The newest approved transaction with that trace number, 0 for any."""
    found = None
    for transaction in terminal.journal.history():
        if transaction.state == APPROVED and stan in (0, transaction.stan) and not is_inquiry(transaction.type):
            found = transaction
    return found


async def _reprint(terminal: Terminal, title: str, transaction: Transaction | None) -> None:
    if transaction is None:
        await terminal.dialogs.message(title, text("nothing_to_print"))
    else:
        await print_both_copies(terminal, transaction, duplicate=True)
