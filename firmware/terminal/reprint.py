"""Slips once more: the last one, or the one with a voucher number. Both copies, marked as duplicates."""

from terminal.i18n import text
from terminal.kinds import is_inquiry
from terminal.printing import print_both_copies
from terminal.transaction import APPROVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.slips.scanned import Voucher
    from terminal.transaction import Transaction


async def reprint_last(terminal: Terminal) -> None:
    """The slip of the last approved transaction; a message when there is none."""
    await _reprint(terminal, "reprint", _approved(terminal, None))


async def reprint_any(terminal: Terminal) -> None:
    """Asks for a voucher number or the slip itself, and prints it again; a message when there is none. Raises Stop."""
    from terminal.slips.scanned import ask_voucher

    voucher = await ask_voucher(terminal, "reprint_any")
    await _reprint(terminal, "reprint_any", _approved(terminal, voucher))


def _approved(terminal: Terminal, voucher: "Voucher | None") -> Transaction | None:
    """The newest approved transaction with that voucher, None for any."""
    found = None
    for transaction in terminal.journal.history():
        wanted = voucher is None or voucher.is_of(transaction)
        if wanted and transaction.state == APPROVED and not is_inquiry(transaction.type):
            found = transaction
    return found


async def _reprint(terminal: Terminal, title: str, transaction: Transaction | None) -> None:
    if transaction is None:
        await terminal.dialogs.message(title, text("nothing_to_print"))
    else:
        await print_both_copies(terminal, transaction, duplicate=True)
