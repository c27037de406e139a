"""Counting a batch: which transaction adds what to the settlement totals, and the totals in the books."""

from collections.abc import Iterable

from tillbench.host.acquirer.counted import Counted, Totals
from tillbench.host.acquirer.kinds import ADJUSTS, CANCELS, TRAITS, Kind
from tillbench.host.acquirer.schema import SettlementTotals, Transaction

CANCELS_DEBITS = (Kind.VOID, Kind.COMPLETION_VOID, Kind.CASH_LOAD_VOID)


def part(transaction: Transaction, voids_as_credits: bool = False) -> Totals:
    """What one transaction adds. Only what is in force counts; a tip, an adjustment or a correction adds its
    difference to the sum and nothing to the number."""
    kind = Kind(transaction.kind)
    if not transaction.standing:
        return Totals()
    if kind in ADJUSTS:
        return Totals(debit_amount=-transaction.booked)
    if kind in CANCELS_DEBITS and voids_as_credits:
        return Totals(transaction.approved, 1, transaction.approved, 1)
    match TRAITS[kind].side:
        case "debit":
            return Totals(debit_amount=transaction.approved, debit_count=1)
        case "credit":
            return Totals(credit_amount=transaction.approved, credit_count=1)
    assert kind in CANCELS or TRAITS[kind].side == "", "every side has its column"
    return Totals()


def count(transactions: Iterable[Transaction], voids_as_credits: bool = False) -> Counted:
    """The sum of the parts."""
    sums = {True: Totals(), False: Totals()}
    for each in transactions:
        sums[each.domestic] += part(each, voids_as_credits)
    return Counted(sums[True], sums[False])


def rows(counted: Counted, counted_by: str) -> list[SettlementTotals]:
    """The totals as the books keep them."""
    return [
        SettlementTotals(
            counted_by=counted_by,
            domestic=domestic,
            debit_amount=totals.debit_amount,
            debit_count=totals.debit_count,
            credit_amount=totals.credit_amount,
            credit_count=totals.credit_count,
        )
        for domestic, totals in ((True, counted.domestic), (False, counted.foreign))
    ]


def from_rows(kept: Iterable[SettlementTotals], counted_by: str) -> Counted:
    """The totals that the books keep, of one side."""
    found = {
        row.domestic: Totals(row.debit_amount, row.debit_count, row.credit_amount, row.credit_count)
        for row in kept
        if row.counted_by == counted_by
    }
    return Counted(found.get(True, Totals()), found.get(False, Totals()))
