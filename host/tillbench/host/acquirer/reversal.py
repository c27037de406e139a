"""Reversal (0400): undo what a terminal could not bring to its end, once, whatever came of the original."""

from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.authorise import answer_of
from tillbench.host.acquirer.case import Case
from tillbench.host.acquirer.effect import NOTHING, undone
from tillbench.host.acquirer.kinds import TRAITS, Kind
from tillbench.host.acquirer.request import Answer
from tillbench.host.acquirer.schema import Transaction
from tillbench.protocols.emv.masking import mask_pan


def reverse(case: Case) -> Answer:
    """Answer a reversal and book it.

    The original is found by terminal, batch and trace number. Found: what it moved goes back, and the answer is 00,
    also for an original that was declined. Not found: the answer is 25, and the reversal stays in the books to refuse
    that original should it still arrive. A repeated reversal gets its first answer again and has no second effect.
    """
    request, books = case.request, case.books
    before = books.under_trace(request.terminal_id, request.batch, request.stan)
    if "reversal" in before:
        return answer_of(before["reversal"], "repeated: first answer again")
    if request.amount <= 0:
        return case.answer(response_code.INVALID_AMOUNT, "amount is zero")
    original = before.get("request")
    if original is None:
        entry = books.enter(request, at=case.now, code=response_code.NO_ORIGINAL)
        return answer_of(entry, "no original, remembered")
    refusal = _contradiction(case, original)
    if refusal:
        return refusal
    entry = books.enter(
        request,
        at=case.now,
        code=response_code.APPROVED,
        effect=undone(original) if original.standing else NOTHING,
        approved=request.amount,
        card=original.card,
        purse_card=original.purse_card,
        original=original,
    )
    good = original.response_code in response_code.GOOD
    return answer_of(entry, "" if good else f"original had been declined with {original.response_code}")


def _contradiction(case: Case, original: Transaction) -> Answer | None:
    """A reversal that does not fit its original is a fault to be told, not an answer to be kept: nothing is booked."""
    request = case.request
    if not TRAITS[Kind(original.kind)].reversible:
        return case.answer(response_code.INVALID_TRANSACTION, f"a {original.kind} has no reversal")
    if original.amount != request.amount:
        because = f"amount {request.amount}, original {original.amount}"
        return case.answer(response_code.AMOUNT_MISMATCH, because)
    if request.pan and not _same_card(original, request.pan):
        return case.answer(response_code.RELATED_TRANSACTION_ERROR, "another card than the original's")
    if original.response_code not in response_code.GOOD:
        return None
    if original.settlement_id is not None:
        return case.answer(response_code.RELATED_TRANSACTION_ERROR, "original is settled")
    following = case.books.standing_on(original)
    if following or not original.standing:
        because = f"a {following[0].kind} follows from the original" if following else "original is undone"
        return case.answer(response_code.RELATED_TRANSACTION_ERROR, because)
    return None


def _same_card(original: Transaction, pan: str) -> bool:
    return original.card.pan == pan if original.card else original.masked_pan == mask_pan(pan)
