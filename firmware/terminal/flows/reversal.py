"""Reversal (0400): undo what may have been booked, under the trace number of the original.

The record that the journal wrote before the original left is all that this needs, so it works the same way a second
after the failure and a week of power cut later. Only an answer that is authentic and says 00, 12 or 25 ends it.
Whatever else happens the reversal stays owed, no sale goes out, and the screen says so; nothing is ever dropped to
get going again.
"""

from terminal.flows.message import reversal_of
from terminal.host_link import NoLine, Unanswered, open_link
from terminal.i18n import text
from terminal.response_codes import ends_reversal, meaning
from terminal.transaction import REVERSED
from terminal.vault import CannotUnseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


async def reverse_pending(terminal: Terminal) -> str:
    """Sends the reversal that is owed, if there is one. Returns "" when nothing is owed now, else why it still is."""
    journal = terminal.journal
    transaction = journal.pending
    if transaction is None:
        return ""
    if not terminal.keys.ready:
        return text("sign_on_due")

    terminal.screen.show(text("reversing"), "STAN %06d" % transaction.stan, text("please_wait"))
    try:
        request = reversal_of(terminal, transaction)
    except CannotUnseal:
        return text("other_master_key")

    try:
        link = await open_link(terminal.line, terminal.parameters)
    except NoLine:
        return text("no_line")
    try:
        answer = await link.exchange("0400", request, terminal.keys.mak)
    except Unanswered as failure:
        return text(failure.why)
    finally:
        await link.close()

    code = str(answer.get(39, ""))
    transaction.reversal_code = code
    if not ends_reversal(code):
        return meaning(code)
    try:
        journal.record(transaction, REVERSED)
    except OSError:
        # The host has undone it, but that is not written down: it will be asked once more, and say 00 again.
        return text("flash_fault")
    return ""
