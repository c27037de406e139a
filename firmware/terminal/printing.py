"""Putting a slip on paper, whatever the printer does meanwhile.

The transaction is over and in the journal when this starts: a printer can delay a slip, but not change a result.
"""

from terminal.i18n import text
from terminal.receipts import BOLD, CARDHOLDER, CENTRED, DOUBLE, MERCHANT, sale_slip
from terminal.transaction import APPROVED
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable

    from terminal.app import Terminal
    from terminal.receipts import Line
    from terminal.transaction import Transaction

_TEAR_OFF_LINES = 4


class _SlipLost(Exception):
    """The printer forgot lines: nobody can know which are on paper."""


async def print_both_copies(terminal: Terminal, transaction: Transaction, duplicate: bool = False) -> None:
    """The merchant's copy, ENTER (or `copy_ms`), the cardholder's copy. CANCEL at a printer fault gives up."""
    screen = terminal.screen
    screen.show(text("printing"), text(MERCHANT))
    if not await print_slip(terminal, sale_slip(transaction, terminal.parameters, MERCHANT, duplicate)):
        return
    terminal.board.keypad.flush()
    screen.show(text("printing"), text(MERCHANT), "", text("tear_off"))
    await terminal.dialogs.pause(terminal.parameters.copy_ms)
    screen.show(text("printing"), text(CARDHOLDER))
    await print_slip(terminal, sale_slip(transaction, terminal.parameters, CARDHOLDER, duplicate))


async def reprint_last(terminal: Terminal) -> None:
    """Both copies of the last approved transaction, marked as duplicates; a message when there is none."""
    approved = None
    for transaction in terminal.journal.history():
        if transaction.state == APPROVED:
            approved = transaction
    if approved is None:
        await terminal.dialogs.message("reprint", text("nothing_to_print"))
    else:
        await print_both_copies(terminal, approved, duplicate=True)


async def print_slip(terminal: Terminal, lines: list[Line]) -> bool:
    """Prints the lines, feeds and cuts. False when the printer failed and the operator gave up.

    A printer that stood still goes on where it was; one that forgot what it was given gets the slip anew.
    """
    while True:
        try:
            for text_of_line, style in lines:
                await _until_done(terminal, lambda: _line(terminal, text_of_line, style))  # noqa: B023
            await _until_done(terminal, lambda: terminal.board.printer.feed(_TEAR_OFF_LINES))
            await _until_done(terminal, terminal.board.printer.cut)
            return True
        except _SlipLost:
            continue
        except Stop:
            terminal.board.printer.abandon()
            return False


async def _line(terminal: Terminal, line: str, style: int) -> None:
    align = "center" if style & CENTRED else "left"
    await terminal.board.printer.text(line, bold=bool(style & BOLD), double=bool(style & DOUBLE), align=align)


async def _until_done(terminal: Terminal, step: Callable[[], Awaitable[Any]]) -> None:
    """Does one step of printing, again after each fault that the operator has seen to.

    Raises Stop when the operator gives up, _SlipLost when the slip has to begin again.
    """
    before = None
    while True:
        try:
            await step()
        except Exception as fault:
            reason = getattr(fault, "reason", None)
            if reason is None:
                raise
        else:
            terminal.paper = True
            if before is not None:
                terminal.screen.show(*before)
            return
        if before is None:
            before = terminal.screen.shown()
        await _ask_operator(terminal, reason)
        if reason == "LOST":
            terminal.screen.show(*before)
            raise _SlipLost


async def _ask_operator(terminal: Terminal, reason: str) -> None:
    terminal.board.keypad.flush()
    terminal.paper = False if reason == "PAPER_OUT" else None
    if reason == "PAPER_OUT":
        terminal.screen.show(text("paper_out"), "", text("add_paper"), text("no_slip_key"))
    else:
        terminal.screen.show(text("printer_fault"), reason, text("try_again"), text("no_slip_key"))
    if not await terminal.dialogs.confirmed():
        raise Stop("cancelled")
