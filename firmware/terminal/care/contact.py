"""The help desk's page: whom to call, and the two numbers that they ask for first; on paper too."""

from terminal.i18n import text
from terminal.slips.paper import heading, timestamp, who
from terminal.ui import keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

    from terminal.app import Terminal
    from terminal.slips.paper import Line, Paper


async def show_contact(terminal: Terminal) -> None:
    """The page until CANCEL; ENTER prints it. Raises Stop."""
    from terminal.printing import print_slip
    from terminal.slips.paper import paper_of

    p = terminal.parameters
    terminal.screen.show(text("contact"), p.hotline, p.merchant, p.terminal)
    while await terminal.dialogs.key(p.entry_ms, "help_contact") != keys.ENTER:
        pass
    terminal.screen.show(text("contact"), text("printing"))
    paper = paper_of(terminal.board.printer, p)
    await print_slip(terminal, lambda: contact_slip(terminal, paper))


def contact_slip(terminal: Terminal, paper: Paper) -> "Iterator[Line]":
    """The lines: merchant, terminal, telephone number, and what the help desk wants to know of the terminal."""
    from terminal.app import VERSION

    yield from heading("contact", timestamp(terminal.clock.now()))
    yield from who(paper, terminal.parameters)
    yield from paper.pair("slip_hotline", terminal.parameters.hotline)
    yield from paper.pair("slip_batch", "%06d" % terminal.counters.batch)
    yield from paper.pair("slip_voucher", "%06d" % terminal.counters.stan)
    yield from paper.pair("VERSION:", VERSION)
    yield paper.rule()
