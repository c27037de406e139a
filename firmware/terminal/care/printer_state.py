"""What the printer says of itself: paper, cover, head, an open drawer; then a strip for a person to look at."""

from terminal.i18n import text
from terminal.ui import keys
from terminal.ui.dialogs import Stop
from terminal.ui.pages import Pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

_OUT_OF_PAPER = 1
_NEAR_END = 2
_COVER_OPEN = 4
_TOO_HOT = 8
_BROKEN = 32
_DRAWER_OPEN = 64
"""Flags of `board.Printer.status`."""
_LOOK_MS = 1000
"""Between two looks: a head cools down, a cover is shut."""


async def printer_state(terminal: Terminal) -> None:
    """Shows the state as it changes; ENTER prints the strip of edges and densities. Raises Stop on CANCEL.

    The head has no thermometer that can be read: a printer says that it is too hot, and when it is no more.
    """
    shown = ""
    pages = None
    waited = 0
    while waited < terminal.parameters.entry_ms:
        rows = await _rows(terminal)
        if pages is None or rows != shown:
            pages, shown = Pages(terminal.screen, "printer_state", rows), rows
            pages.show()
        try:
            key = await terminal.dialogs.key(_LOOK_MS, "help_printer_state")
        except Stop as stop:
            if stop.why != "timed_out":
                raise
            waited += _LOOK_MS
            continue
        waited = 0
        if key == keys.ENTER:
            from terminal.care.self_test import printer_test

            await printer_test(terminal)
            pages = None
        else:
            pages.turned(key)
    raise Stop("timed_out")


async def _rows(terminal: Terminal) -> str:
    try:
        flags = await terminal.board.printer.status()
    except Exception as fault:
        reason = getattr(fault, "reason", None)
        if reason is None:
            raise
        return text("printer_fault") + "\n" + reason
    paper = "state_out" if flags & _OUT_OF_PAPER else "state_low" if flags & _NEAR_END else "state_good"
    terminal.paper = not flags & _OUT_OF_PAPER
    rows = [
        text("state_paper") + " " + text(paper),
        text("state_head") + " " + text("state_hot" if flags & _TOO_HOT else "state_good"),
        text("state_cover") + " " + text("state_open" if flags & _COVER_OPEN else "state_shut"),
    ]
    if flags & _DRAWER_OPEN:
        rows.insert(0, text("state_drawer") + " " + text("state_open"))
    if flags & _BROKEN:
        rows.insert(0, text("state_broken"))
    rows.append(text("state_print"))
    return "\n".join(rows)
