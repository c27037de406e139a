"""What must be true of the books at any moment, checked over all of them; the database holds the rest by itself."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload
from tillbench.host.acquirer import totals
from tillbench.host.acquirer.kinds import ADJUSTS, CANCELS, COMPLETES, REFUNDS, UNDOES, Kind
from tillbench.host.acquirer.policy import Policy
from tillbench.host.acquirer.response_code import GOOD
from tillbench.host.acquirer.schema import Account, Card, Settlement, Transaction

EVERYTHING = (
    select(Transaction)
    .options(joinedload(Transaction.original), joinedload(Transaction.card), joinedload(Transaction.purse_card))
    .order_by(Transaction.id)
)
MOVED = (
    select(Card.account_id, func.sum(Transaction.booked).label("booked"), func.sum(Transaction.held).label("held"))
    .join(Card, Transaction.card_id == Card.id)
    .group_by(Card.account_id)
    .subquery()
)
SETTLED_UP_TO = select(Settlement.terminal_id, func.max(Settlement.up_to)).group_by(Settlement.terminal_id)
SUMS = select(Account, MOVED.c.booked, MOVED.c.held).outerjoin(MOVED, MOVED.c.account_id == Account.id)


def faults(session: Session, policy: Policy) -> list[str]:
    """Every rule that the books break, in words; an empty list is right."""
    settled = {terminal_id: up_to for terminal_id, up_to in session.execute(SETTLED_UP_TO)}
    everything = session.scalars(EVERYTHING).all()
    following: dict[int, list[Transaction]] = defaultdict(list)
    for each in everything:
        if each.original_id is not None:
            following[each.original_id].append(each)
    return [
        *_accounts(session),
        *_purses(session, everything),
        *(fault for each in everything for fault in _transaction(each, following[each.id], policy)),
        *_left_out(everything, settled),
        *_settlements(session, everything, policy),
    ]


def _accounts(session: Session) -> Iterator[str]:
    """Balance and hold are the sums of what was booked."""
    for account, booked, held in session.execute(SUMS):
        if account.balance != account.opening + int(booked or 0):
            yield f"account {account.id}: balance {account.balance}, opening {account.opening} and {booked or 0} booked"
        if account.held != int(held or 0):
            yield f"account {account.id}: {account.held} held, {held or 0} by its transactions"


def _purses(session: Session, everything: Sequence[Transaction]) -> Iterator[str]:
    purses: dict[int, int] = defaultdict(int)
    for each in everything:
        card = each.purse_card or each.card
        if card is not None:
            purses[card.id] += each.purse
    for card in session.scalars(select(Card)):
        if card.purse != purses[card.id]:
            yield f"card {card.id}: purse {card.purse}, {purses[card.id]} by its transactions"


def _transaction(each: Transaction, following: list[Transaction], policy: Policy) -> Iterator[str]:
    """A transaction stands as long as nothing undid it; what follows from it stays within it."""
    kind = Kind(each.kind)
    reversals = [other for other in following if other.kind in UNDOES and other.response_code in GOOD]
    cancels = [other for other in following if other.kind in CANCELS and other.standing]
    if len(reversals) + len(cancels) > 1:
        yield f"{each!r} is undone {len(reversals) + len(cancels)} times"
    if kind not in UNDOES:
        should_stand = each.response_code in GOOD and not reversals and not cancels
        if each.standing != should_stand:
            yield f"{each!r} {'stands' if each.standing else 'does not stand'}"
    for other in reversals:
        if (other.booked, other.held) != (-each.booked, -each.held) and each.purse <= 0:
            yield f"{other!r} does not undo {each!r}"
    standing = [other for other in following if other.standing]
    worth = each.approved - sum(other.booked for other in standing if other.kind in ADJUSTS)
    refunded = sum(other.approved for other in standing if other.kind in REFUNDS)
    if refunded > worth:
        yield f"{each!r}: {refunded} refunded of {worth}"
    for other in standing:
        if other.kind in COMPLETES and other.approved * 100 > each.approved * policy.completion_percent:
            yield f"{other!r} takes more than {policy.completion_percent} % of {each!r}"
        if other.kind in COMPLETES and other.held != -each.held:
            yield f"{other!r} does not let go of the hold of {each!r}"


def _left_out(everything: Sequence[Transaction], settled: Mapping[str, int]) -> Iterator[str]:
    """What is in no settlement, among what none will look for again."""
    for each in everything:
        if each.settlement_id is None and each.id <= settled.get(each.terminal_id, 0):
            yield f"{each!r} was left out of its settlement"


def _settlements(session: Session, everything: Sequence[Transaction], policy: Policy) -> Iterator[str]:
    """A repaired settlement counts what the terminal counted, and every settlement is the sum of its parts."""
    parts: dict[int, list[Transaction]] = defaultdict(list)
    for each in everything:
        if each.settlement_id is not None:
            parts[each.settlement_id].append(each)
    for settlement in session.scalars(select(Settlement)):
        counted = totals.count(parts[settlement.id], policy.voids_as_credits)
        by_host = totals.from_rows(settlement.totals, "host")
        by_terminal = totals.from_rows(settlement.totals, "terminal")
        after_repair = any(row.counted_by == "repair" for row in settlement.totals)
        expected = totals.from_rows(settlement.totals, "repair") if after_repair else by_host
        if settlement.state == "closed" and counted != expected:
            yield f"settlement {settlement.id}: its transactions make {counted}, it says {expected}"
        if settlement.repaired and counted != by_terminal:
            yield f"settlement {settlement.id} is repaired, and makes {counted}, the terminal {by_terminal}"
