"""Putting a slip on paper, whatever the printer does meanwhile.

The transaction is over and in the journal when this starts: a printer can delay a slip, but not change a result.
"""

from terminal.i18n import text
from terminal.receipts import BOLD, CARDHOLDER, CENTRED, DOUBLE, MERCHANT, sale_slip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable

    from terminal.app import Terminal
    from terminal.receipts import Line
    from terminal.transaction import Transaction

_TEAR_OFF_LINES = 4


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


async def print_slip(terminal: Terminal, lines: list[Line]) -> bool:
    """Prints the lines, feeds and cuts. False when the printer failed and the operator gave up."""
    printer = terminal.board.printer
    for line, style in lines:
        align = "center" if style & CENTRED else "left"
        bold = bool(style & BOLD)
        double = bool(style & DOUBLE)
        if not await _until_done(terminal, lambda: printer.text(line, bold=bold, double=double, align=align)):  # noqa: B023
            return False
    if not await _until_done(terminal, lambda: printer.feed(_TEAR_OFF_LINES)):
        return False
    return await _until_done(terminal, printer.cut)


async def _until_done(terminal: Terminal, step: "Callable[[], Awaitable[Any]]") -> bool:
    """Does one step of printing, again after each fault that the operator has put right; False when he gives up."""
    before = None
    while True:
        try:
            await step()
        except Exception as fault:
            reason = getattr(fault, "reason", None)
            if reason is None:
                raise
            before = terminal.screen.shown()
            if not await _ask_operator(terminal, reason):
                return False
        else:
            if before is not None:
                terminal.screen.show(*before)
            return True


async def _ask_operator(terminal: Terminal, reason: str) -> bool:
    terminal.board.keypad.flush()
    if reason == "PAPER_OUT":
        terminal.screen.show(text("paper_out"), "", text("add_paper"), text("retry_skip"))
    else:
        terminal.screen.show(text("printer_fault"), reason, text("try_again"), text("retry_skip"))
    return await terminal.dialogs.confirmed()
