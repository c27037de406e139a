"""Settlement (0500): the terminal's totals beside the host's, over everything of the terminal not yet settled.

What is settled at this moment stays together until the batch upload has ended; what comes later belongs to the next.
"""

from tillbench.host.acquirer import response_code, totals
from tillbench.host.acquirer.case import Case
from tillbench.host.acquirer.counted import Totals
from tillbench.host.acquirer.request import Answer
from tillbench.host.acquirer.schema import Settlement
from tillbench.host.acquirer.stored_answer import keep, kept

BALANCED, NOT_BALANCED, NOT_COMPARABLE = 1, 2, 3


def settle(case: Case) -> Answer:
    """Compare; answer a flag for domestic and one for foreign cards. A batch may be compared again until it is closed:
    the terminal may have lost the answer and its power."""
    before = kept(case)
    if before:
        return before
    request = case.request
    assert request.counted is not None, "a settlement has totals"
    if request.batch != case.terminal.batch and not request.day and _open(case, request.batch) is None:
        because = f"batch {request.batch:06}, expected {case.terminal.batch:06}"
        flags = (NOT_COMPARABLE, NOT_COMPARABLE)
        return case.answer(response_code.APPROVED, because, counted=request.counted, flags=flags)
    settlement = _begun(case)
    transactions = case.books.of_settlement(settlement)
    host = totals.count(transactions, case.policy.voids_as_credits)
    if request.both_together:
        together = _flag(host.domestic + host.foreign, request.counted.domestic)
        settlement.flag_domestic = settlement.flag_foreign = together
    else:
        settlement.flag_domestic = _flag(host.domestic, request.counted.domestic)
        settlement.flag_foreign = _flag(host.foreign, request.counted.foreign)
    if request.day:
        settlement.state = "closed"  # a dialect without batches has no batch upload either
    settlement.totals = totals.rows(request.counted, "terminal") + totals.rows(host, "host")
    flags = (settlement.flag_domestic, settlement.flag_foreign)
    because = "balanced" if flags == (BALANCED, BALANCED) else f"not balanced: host counts {host}"
    answer = case.answer(
        response_code.APPROVED,
        because,
        rrn=case.books.next_rrn(case.now),
        counted=request.counted,
        flags=flags,
    )
    return keep(case, answer)


def close(case: Case, settlement: Settlement) -> None:
    """Nothing is added to it any more. Advices that only its upload brought are not in the host's totals, which the
    terminal has been told: then what it came to stands beside them, as after a repair."""
    counted = totals.count(case.books.of_settlement(settlement), case.policy.voids_as_credits)
    repaired = any(row.counted_by == "repair" for row in settlement.totals)
    if not repaired and counted != totals.from_rows(settlement.totals, "host"):
        settlement.totals += totals.rows(counted, "repair")
        settlement.repaired = counted == totals.from_rows(settlement.totals, "terminal")
    settlement.state = "closed"


def _flag(host: Totals, terminal: Totals) -> int:
    return BALANCED if host == terminal else NOT_BALANCED


def _open(case: Case, batch: int) -> Settlement | None:
    settlement = case.books.open_settlement(case.terminal)
    return settlement if settlement and settlement.batch == batch else None


def _begun(case: Case) -> Settlement:
    """The open settlement of this batch, emptied, or a new one; with all that is unsettled in it."""
    books, batch = case.books, case.request.batch
    settlement = books.open_settlement(case.terminal)
    if settlement and settlement.batch != batch:
        close(case, settlement)  # its upload was never ended, and the terminal has gone on
        settlement = None
    if settlement is None:
        settlement = Settlement(terminal_id=case.terminal.id, batch=batch, flag_domestic=0, flag_foreign=0)
        settlement.state, settlement.repaired = "open", False
        books.session.add(settlement)
    else:
        books.empty_settlement(settlement)
    settlement.at = case.now
    books.session.flush()
    books.take_in(settlement)
    return settlement
