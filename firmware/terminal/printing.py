"""Putting a slip on paper, whatever the printer does meanwhile.

The transaction is over and in the journal when this starts: a printer can delay a slip, but not change a result.
"""

from terminal.i18n import text
from terminal.slips.paper import BOLD, CENTRED, DOUBLE, QR, paper_of
from terminal.slips.receipt import CARDHOLDER, MERCHANT, receipt
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Iterator

    from terminal.app import Terminal
    from terminal.slips.paper import Line
    from terminal.transaction import Transaction

_TEAR_OFF_LINES = 4
_QR_DOTS = 6
"""A module of a QR code on paper: 0.75 mm."""


class _SlipLost(Exception):
    """The printer forgot lines: nobody can know which are on paper."""


async def print_both_copies(terminal: Terminal, transaction: Transaction, duplicate: bool = False) -> None:
    """The merchant's copy, ENTER (or `copy_ms`), the cardholder's copy. CANCEL at a printer fault gives up."""
    screen = terminal.screen
    screen.show(text("printing"), text("print_merchant"))
    if not await _print_copy(terminal, transaction, MERCHANT, duplicate):
        return
    terminal.board.keypad.flush()
    screen.show(text("printing"), text("print_merchant"), "", text("tear_off"))
    await terminal.dialogs.pause(terminal.parameters.copy_ms)
    screen.show(text("printing"), text("print_cardholder"))
    await _print_copy(terminal, transaction, CARDHOLDER, duplicate)


async def _print_copy(terminal: Terminal, transaction: Transaction, copy: str, duplicate: bool) -> bool:
    parameters = terminal.parameters
    paper = paper_of(terminal.board.printer, parameters)
    training = terminal.put_aside is not None
    record = ""
    if parameters.slip_qr:
        from terminal.slips.record import slip_record

        record = slip_record(transaction, parameters, terminal.vault, training)
    return await print_slip(
        terminal, lambda: receipt(transaction, parameters, paper, copy, duplicate, record, training)
    )


async def print_slip(terminal: Terminal, slip: Callable[[], Iterator[Line]]) -> bool:
    """Prints the lines that `slip()` gives, feeds and cuts. False when the printer failed and the operator gave up.

    A printer that stood still goes on where it was; one that forgot what it was given gets the slip anew.
    """
    while True:
        try:
            for line in slip():
                await _until_done(terminal, _step(terminal, line))
            await _until_done(terminal, lambda: terminal.board.printer.feed(_TEAR_OFF_LINES))
            await _until_done(terminal, terminal.board.printer.cut)
            return True
        except _SlipLost:
            continue
        except Stop:
            terminal.board.printer.abandon()
            return False


async def print_report(terminal: Terminal, title: str, report: str) -> None:
    """Prints one of `slips/reports.py`, by name; `title` is a key of the text table."""
    from terminal.slips import reports

    terminal.screen.show(text("printing"), text(title))
    paper = paper_of(terminal.board.printer, terminal.parameters)
    lines = getattr(reports, report)
    await print_slip(terminal, lambda: lines(terminal, paper))


async def print_fault_slip(terminal: Terminal, t: Transaction, what: str) -> None:
    """The slip about a transaction that could not be settled with the host; `what` is a key of the text table."""
    from terminal.slips.reports import fault_slip

    terminal.screen.show(text("printing"), text("print_fault"))
    paper = paper_of(terminal.board.printer, terminal.parameters)
    await print_slip(terminal, lambda: fault_slip(terminal, paper, t, what))


def _step(terminal: Terminal, line: Line) -> Callable[[], Awaitable[Any]]:
    """What prints one line, to be called again after a fault."""
    left, right, style = line
    printer = terminal.board.printer
    align = "center" if style & CENTRED else "left"
    if style & QR:
        from terminal.slips.qr import QrCode

        code = QrCode(left)
        height = (code.size + 8) * _QR_DOTS
        return lambda: printer.picture(lambda y: code.row(y, _QR_DOTS), height, height, align)
    bold, double = bool(style & BOLD), bool(style & DOUBLE)
    font = terminal.parameters.printer_font
    return lambda: printer.text(left, bold=bold, double=double, align=align, font=font, right=right)


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
    terminal.printer_faults += 1
    terminal.paper = False if reason == "PAPER_OUT" else None
    if reason == "PAPER_OUT":
        terminal.screen.show(text("paper_out"), "", text("add_paper"), text("no_slip_key"))
    else:
        terminal.screen.show(text("printer_fault"), reason, text("try_again"), text("no_slip_key"))
    if not await terminal.dialogs.confirmed():
        raise Stop("cancelled")
