"""Batch upload (0320): what the terminal has of a batch, one by one; and its end, where the books are made to agree."""

from collections.abc import Callable

from sqlalchemy import select
from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.case import Case
from tillbench.host.acquirer.repair import repair
from tillbench.host.acquirer.request import Answer, Listed
from tillbench.host.acquirer.schema import BatchRecord, Card, Settlement
from tillbench.host.acquirer.settlement import close
from tillbench.host.acquirer.sign_on import next_batch
from tillbench.host.acquirer.stored_answer import keep, kept
from tillbench.protocols.emv.masking import mask_pan

NO_SETTLEMENT = "no settlement is open"


def take_records(case: Case) -> Answer:
    """Keep transactions as the terminal lists them: stripe details, chip transactions, those that failed."""
    before = kept(case)
    if before:
        return before
    settlement = case.books.open_settlement(case.terminal)
    if settlement is None:
        return case.answer(response_code.NO_ORIGINAL, NO_SETTLEMENT)
    for listed in case.request.listed:
        _record(case, settlement, listed)
    return keep(case, case.answer(response_code.APPROVED, rrn=case.books.next_rrn(case.now)))


def take_advice(case: Case, decide: Callable[[Case], Answer]) -> Answer:
    """An advice once more. Known: its first answer. Not known: it is decided now, and belongs to this settlement."""
    answer = decide(case)
    settlement = case.books.open_settlement(case.terminal)
    request = case.request
    entry = case.books.under_trace(request.terminal_id, request.batch, request.stan).get(request.place)
    if settlement is None or entry is None or answer.code not in response_code.GOOD:
        return answer
    if entry.settlement_id is None:
        entry.settlement_id = settlement.id
    _record(case, settlement, Listed("advice", request.stan, request.pan, request.amount, entry.domestic))
    return answer


def end(case: Case) -> Answer:
    """Close the settlement when every record has come: balanced as it is, or after the repair."""
    before = kept(case)
    if before:
        return before
    settlement = case.books.open_settlement(case.terminal)
    if settlement is None:
        return case.answer(response_code.NO_ORIGINAL, NO_SETTLEMENT)
    records = case.books.session.scalars(select(BatchRecord).filter_by(settlement_id=settlement.id)).all()
    if case.request.count != len(records):
        because = f"{case.request.count} records said, {len(records)} have come"
        return case.answer(response_code.RELATED_TRANSACTION_ERROR, because)
    balanced = (settlement.flag_domestic, settlement.flag_foreign) == (1, 1)
    because = "balanced" if balanced else repair(case, settlement, records)
    close(case, settlement)
    if case.terminal.batch == settlement.batch:
        case.terminal.batch = next_batch(settlement.batch)
    return keep(case, case.answer(response_code.APPROVED, because, rrn=case.books.next_rrn(case.now)))


def _record(case: Case, settlement: Settlement, listed: Listed) -> None:
    session = case.books.session
    card: Card | None = case.books.card(listed.pan)
    found = session.scalars(
        select(BatchRecord).filter_by(settlement_id=settlement.id, kind=listed.kind, stan=listed.stan)
    ).one_or_none()
    record = found or BatchRecord(settlement_id=settlement.id, kind=listed.kind, stan=listed.stan, outcome="agreed")
    record.masked_pan = mask_pan(listed.pan)
    record.card_id = card.id if card else None
    record.domestic = listed.domestic
    record.amount = listed.amount
    session.add(record)
    session.flush()
