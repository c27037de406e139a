"""Repair: after an unbalanced settlement, what the terminal listed is what happened, and the books follow it.

The goods are where the terminal says that they are. Each difference becomes an entry of its own, so that a person can
see what was corrected and why:

- `unlisted`: the host has it, the terminal does not. It is undone, like a reversal that never arrived.
- `correction`: both have it, with different amounts.
- `claimed`: the terminal has it, the host has it not, or not any more. It is debited.
"""

from collections.abc import Sequence

from tillbench.host.acquirer import originals, totals
from tillbench.host.acquirer.case import Case
from tillbench.host.acquirer.effect import Effect, undone
from tillbench.host.acquirer.kinds import ADJUSTS, CANCELS, TRAITS, Kind
from tillbench.host.acquirer.request import Request
from tillbench.host.acquirer.response_code import APPROVED
from tillbench.host.acquirer.schema import BatchRecord, Card, Settlement, Transaction

FAILED = "failed"


def repair(case: Case, settlement: Settlement, records: Sequence[BatchRecord]) -> str:
    """Make the books agree with what was listed; returns what was done, in words."""
    # One for no amount is none: what the books have under its number is undone, as when it is not listed.
    listed = {record.stan: record for record in records if record.kind != FAILED and record.amount}
    transactions = case.books.of_settlement(settlement)
    by_stan = {each.stan: each for each in transactions if each.place == "request"}
    done = 0
    for transaction in transactions:
        if _counts(transaction) and transaction.stan not in listed:
            done += _undo(case, settlement, transaction)
    for record in listed.values():
        done += _agree(case, settlement, record, by_stan.get(record.stan))
    case.books.session.flush()
    counted = totals.count(case.books.of_settlement(settlement), case.policy.voids_as_credits)
    settlement.totals += totals.rows(counted, "repair")
    settlement.repaired = counted == totals.from_rows(settlement.totals, "terminal")
    return f"{done} entries to repair, {'balanced now' if settlement.repaired else f'still not balanced: {counted}'}"


def _counts(transaction: Transaction) -> bool:
    kind = Kind(transaction.kind)
    return transaction.standing and bool(TRAITS[kind].side) and kind not in ADJUSTS


def _undo(case: Case, settlement: Settlement, transaction: Transaction) -> int:
    if case.books.standing_on(transaction):
        return 0  # a refund or a tip says that it did happen
    return _enter(
        case, settlement, Kind.UNLISTED, transaction, undone(transaction), transaction.amount, transaction.card
    )


def _agree(case: Case, settlement: Settlement, record: BatchRecord, transaction: Transaction | None) -> int:
    if transaction is None or not transaction.standing:
        return _claim(case, settlement, record, transaction)
    worth = originals.current_amount(case, transaction)
    if worth == record.amount or TRAITS[Kind(transaction.kind)].side != "debit":
        return 0
    effect = Effect(booked=worth - record.amount)
    return _repaired(
        record, _enter(case, settlement, Kind.CORRECTION, transaction, effect, record.amount, transaction.card)
    )


def _claim(case: Case, settlement: Settlement, record: BatchRecord, transaction: Transaction | None) -> int:
    if transaction is not None and case.policy.voids_as_credits and _voided(case, transaction):
        return 0
    card = case.books.session.get(Card, record.card_id) if record.card_id else None
    if card is None:
        record.outcome = "unknown"
        return 0
    effect = Effect(booked=-record.amount)
    return _repaired(
        record, _enter(case, settlement, Kind.CLAIMED, transaction, effect, record.amount, card, record.stan)
    )


def _repaired(record: BatchRecord, done: int) -> int:
    record.outcome = "repaired" if done else "unknown"
    return done


def _voided(case: Case, transaction: Transaction) -> bool:
    return bool(case.books.standing_on(transaction, CANCELS))


def _enter(
    case: Case,
    settlement: Settlement,
    kind: Kind,
    transaction: Transaction | None,
    effect: Effect,
    amount: int,
    card: Card | None,
    stan: int = 0,
) -> int:
    """Returns how many entries it made: none where an earlier repair has one under the same trace number."""
    request = Request(
        kind=kind,
        terminal_id=case.request.terminal_id,
        merchant_id=case.request.merchant_id,
        stan=transaction.stan if transaction else stan,
        batch=transaction.batch if transaction else settlement.batch,
        pan=card.pan if card else "",
        amount=amount,
        currency=card.account.currency if card else "",
        entry_mode=transaction.entry_mode if transaction else "",
    )
    if "repair" in case.books.under_trace(request.terminal_id, request.batch, request.stan):
        return 0
    case.books.enter(
        request,
        at=case.now,
        code=APPROVED,
        effect=effect,
        approved=amount,
        card=card,
        purse_card=transaction.purse_card if transaction else None,
        original=transaction,
        settlement=settlement,
    )
    return 1
