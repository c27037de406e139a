"""A slip for looking at the printer: both edges, all styles, a hanzi line, and bars of growing density."""

from terminal.i18n import text
from terminal.slips.paper import BOLD, CENTRED, DOUBLE, PLAIN, heading, timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

    from terminal.app import Terminal
    from terminal.slips.paper import Line, Paper

_DENSITY = ".:-=+*#@"


def test_slip(terminal: Terminal, paper: Paper) -> "Iterator[Line]":
    """The lines. A jammed edge, a dead heating element and a weak supply each show in one of them."""
    yield from heading("test_printer", timestamp(terminal.clock.now()))
    yield "|" + "-" * (paper.columns - 2) + "|", "", PLAIN
    yield ("0123456789" * 8)[: paper.columns], "", PLAIN
    yield text("test_left"), text("test_right"), PLAIN
    yield text("test_middle"), "", CENTRED
    yield text("test_bold"), "", BOLD
    yield text("test_double"), "", DOUBLE
    for char in _DENSITY:
        yield char * paper.columns, "", PLAIN
    yield "#" * paper.columns, "", BOLD
    yield text("slip_test"), "", BOLD | CENTRED
