"""The slip that ends a batch: what both sides counted, and whether they agree."""

from terminal import money
from terminal.i18n import text
from terminal.slips.paper import BOLD, CENTRED, PLAIN, heading, timestamp, who
from terminal.slips.receipt import not_valid, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

    from terminal.app import Terminal
    from terminal.settlement import Settlement
    from terminal.slips.paper import Line, Paper

_FLAGS = {"1": "flag_balanced", "2": "flag_unbalanced", "3": "flag_error"}
_SIDES = (("totals_domestic", 0), ("totals_foreign", 4))


def totals_slip(terminal: Terminal, paper: Paper, s: Settlement, duplicate: bool = False) -> "Iterator[Line]":
    """Merchant, batch and time; the host's flag, debits and credits of each side; numbers and sums by type."""
    yield from heading("totals_slip")
    yield from who(paper, terminal.parameters)
    yield from paper.pair("slip_operator", s.operator)
    yield from paper.pair("slip_batch", "%06d" % s.batch)
    yield text("slip_time"), "", PLAIN
    yield "", timestamp(s.time), PLAIN
    yield paper.rule()
    for number, (name, at) in enumerate(_SIDES):
        yield from paper.pair(text(name) + ":", text(_FLAGS.get(s.flags[number : number + 1], "flag_error")), BOLD)
        yield from paper.pair("%s  %3d:" % (text("debits"), s.totals[at + 1]), money.decimal(s.totals[at]))
        yield from paper.pair("%s  %3d:" % (text("credits"), s.totals[at + 3]), money.decimal(s.totals[at + 2]))
    yield paper.rule()
    for key in sorted(s.by_type):
        count, amount = s.by_type[key]
        yield from paper.pair("%s  %3d:" % (type_name(key), count), money.decimal(amount))
    if not s.by_type:
        yield text("totals_none"), "", PLAIN
    yield paper.rule()
    if duplicate:
        yield text("slip_duplicate"), "", BOLD | CENTRED
    yield from not_valid(terminal.put_aside is not None)
