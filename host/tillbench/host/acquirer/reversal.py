"""Reversal (0400): undo what a terminal could not bring to its end, once, whatever came of the original."""

from datetime import datetime

from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.books import Books
from tillbench.host.acquirer.request import Answer, Request
from tillbench.host.acquirer.schema import Transaction
from tillbench.protocols.emv.masking import mask_pan


def reverse(request: Request, books: Books, now: datetime) -> Answer:
    """Answer a reversal and book it.

    The original is found by terminal, batch and trace number. Found: what it booked goes back, and the answer is 00,
    also for an original that was declined. Not found: the answer is 25, and the reversal stays in the books to refuse
    that original should it still arrive. A repeated reversal gets its first answer again and has no second effect.
    """
    before = books.under_trace(request)
    if "reversal" in before:
        return _answer(before["reversal"], "repeated: first answer again")
    if request.amount <= 0:
        return Answer(code=response_code.INVALID_AMOUNT, at=now, because="amount is zero")
    original = before.get("sale")
    if original is None:
        entry = books.enter(request, at=now, code=response_code.NO_ORIGINAL, card=None)
        return _answer(entry, "no original, remembered")
    # A reversal that contradicts its original is a fault to be told, not an answer to be kept: nothing is booked.
    if original.amount != request.amount:
        because = f"amount {request.amount}, original {original.amount}"
        return Answer(code=response_code.AMOUNT_MISMATCH, at=now, because=because)
    if request.pan and not _same_card(original, request.pan):
        return Answer(code=response_code.RELATED_TRANSACTION_ERROR, at=now, because="another card than the original's")
    entry = books.enter(
        request,
        at=now,
        code=response_code.APPROVED,
        booked=-original.booked,
        card=original.card,
        original=original,
    )
    return _answer(entry, "" if original.booked else f"original had been declined with {original.response_code}")


def _answer(entry: Transaction, because: str) -> Answer:
    return Answer(code=entry.response_code, at=entry.at, rrn=entry.rrn, because=because)


def _same_card(original: Transaction, pan: str) -> bool:
    return original.card.pan == pan if original.card else original.masked_pan == mask_pan(pan)
