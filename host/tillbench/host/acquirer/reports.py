"""What people ask of the books: entries, totals, one transaction with all that belongs to it, numbers by group."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from tillbench.host.acquirer import totals
from tillbench.host.acquirer.books import with_reference
from tillbench.host.acquirer.counted import Counted
from tillbench.host.acquirer.ledger import Ledger
from tillbench.host.acquirer.policy import Policy
from tillbench.host.acquirer.response_code import GOOD
from tillbench.host.acquirer.schema import Settlement, Transaction

Row = dict[str, str]


def money(amount: int) -> str:
    """Minor units as people write them: 1234 is 12.34."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02}"


def entry(each: Transaction) -> Row:
    """One transaction, without secrets."""
    return {
        "time": f"{each.at:%Y-%m-%d %H:%M:%S}",
        "terminal": each.terminal_id,
        "batch": f"{each.batch:06}",
        "stan": f"{each.stan:06}",
        "kind": each.kind,
        "card": each.masked_pan,
        "amount": money(each.amount),
        "currency": each.currency,
        "code": each.response_code,
        "booked": money(each.booked),
        "held": money(each.held),
        "purse": money(each.purse),
        "in force": "yes" if each.standing else "no",
        "rrn": each.rrn,
        "authorisation": each.authorisation_code or "",
        "of rrn": each.original.rrn if each.original else "",
        "settlement": str(each.settlement_id or ""),
    }


def entries(ledger: Ledger, terminal_id: str = "", last: int = 0) -> list[Row]:
    """Transactions in the order of booking; only the `last` so many when it is not 0."""
    found = ledger.transactions(**({"terminal_id": terminal_id} if terminal_id else {}))
    return [entry(each) for each in found[-last:]]


def belonging(ledger: Ledger, rrn: str) -> list[Row]:
    """The transaction of a retrieval reference number, what it follows from, and what follows from it. Of each of them,
    when there are more: see `books.with_reference`.

    Raises LookupError when there is none.
    """
    with ledger.reading() as session:
        found = with_reference(session, rrn)
        if not found:
            raise LookupError(f"no transaction with reference number {ascii(rrn)[1:-1]}")
        firsts = dict.fromkeys(map(_first, found))
        return [entry(each) for first in firsts for each in _family(session, first)]


def _first(transaction: Transaction) -> Transaction:
    while transaction.original is not None:
        transaction = transaction.original
    return transaction


def _family(session: Session, first: Transaction) -> Iterator[Transaction]:
    yield first
    query = select(Transaction).filter_by(original_id=first.id).options(joinedload(Transaction.original))
    for each in session.scalars(query.order_by(Transaction.id)):
        yield from _family(session, each)


def batch_totals(ledger: Ledger, policy: Policy | None = None) -> list[Row]:
    """What is unsettled at each terminal, and every settlement as both sides counted it."""
    rows: list[Row] = []
    voids = (policy or Policy()).voids_as_credits
    with ledger.reading() as session:
        open_: dict[str, list[Transaction]] = defaultdict(list)
        for each in session.scalars(select(Transaction).where(Transaction.settlement_id.is_(None))):
            open_[each.terminal_id].append(each)
        for terminal_id, found in sorted(open_.items()):
            rows += _sides(terminal_id, "", "not settled", "host", totals.count(found, voids))
        for settlement in session.scalars(select(Settlement).order_by(Settlement.id)):
            for counted_by in ("terminal", "host", "repair"):
                if any(row.counted_by == counted_by for row in settlement.totals):
                    counted = totals.from_rows(settlement.totals, counted_by)
                    batch, state = f"{settlement.batch:06}", _state(settlement)
                    rows += _sides(settlement.terminal_id, batch, state, counted_by, counted)
    return rows


def _state(settlement: Settlement) -> str:
    if settlement.repaired:
        return "repaired"
    flags = (settlement.flag_domestic, settlement.flag_foreign)
    return f"{settlement.state}, {'balanced' if flags == (1, 1) else 'not balanced'}"


def _sides(terminal_id: str, batch: str, state: str, counted_by: str, counted: Counted) -> list[Row]:
    return [
        {
            "terminal": terminal_id,
            "batch": batch,
            "state": state,
            "counted by": counted_by,
            "cards": cards,
            "debits": str(each.debit_count),
            "debited": money(each.debit_amount),
            "credits": str(each.credit_count),
            "credited": money(each.credit_amount),
        }
        for cards, each in (("domestic", counted.domestic), ("foreign", counted.foreign))
    ]


GROUPS: dict[str, Callable[[Transaction], str]] = {
    "hour": lambda each: f"{each.at:%Y-%m-%d %H}:00",
    "type": lambda each: each.kind,
    "terminal": lambda each: each.terminal_id,
    "issuer": lambda each: f"{each.card.scheme if each.card else '-'} {each.masked_pan[:6]}",
    "code": lambda each: each.response_code,
}
"""What statistics can be by."""


def statistics(ledger: Ledger, by: str) -> list[Row]:
    """Numbers, approvals and amounts by one of `GROUPS`, with the response code that declined most."""
    groups: dict[str, list[Transaction]] = defaultdict(list)
    with ledger.reading() as session:
        for each in session.scalars(select(Transaction).options(joinedload(Transaction.card))):
            groups[GROUPS[by](each)].append(each)
        return [{by: name, **_numbers(found)} for name, found in sorted(groups.items())]


def _numbers(found: Sequence[Transaction]) -> Row:
    declines = Counter(each.response_code for each in found if each.response_code not in GOOD)
    approved = [each for each in found if each.response_code in GOOD]
    return {
        "transactions": str(len(found)),
        "approved": str(len(approved)),
        "per cent": f"{100 * len(approved) / len(found):.1f}",
        "amount approved": money(sum(each.approved for each in approved)),
        "booked": money(sum(each.booked for each in found)),
        "most declined by": " ".join(f"{code}x{count}" for code, count in declines.most_common(3)),
    }
