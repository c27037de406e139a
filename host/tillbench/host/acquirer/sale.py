"""Sale (0200, processing code 000000): may this card pay this amount here and now?

`decide` reads from top to bottom as the host checks: the first reason to decline is the answer. Whatever the
decision, it is entered in the books under the terminal's trace number, so that the same request cannot come twice.
"""

from datetime import datetime

from tillbench.host.acquirer import chip, response_code
from tillbench.host.acquirer.books import Books
from tillbench.host.acquirer.chip import ChipData
from tillbench.host.acquirer.cryptogram import UnknownVersion
from tillbench.host.acquirer.hsm import Hsm, PinFormatError
from tillbench.host.acquirer.request import Answer, Request
from tillbench.host.acquirer.schema import Card, Terminal

STATUS_DECLINES = {
    "blocked": response_code.DO_NOT_HONOUR,
    "lost": response_code.LOST_CARD,
    "stolen": response_code.STOLEN_CARD,
}


class Declined(Exception):
    """The reason why the checks ended: field 39 and words for the log."""

    def __init__(self, code: str, because: str) -> None:
        super().__init__(code, because)
        self.code = code
        self.because = because


def sell(request: Request, terminal: Terminal, books: Books, hsm: Hsm, now: datetime, forced_code: str = "") -> Answer:
    """Answer a sale and book it. `forced_code` (a rule for tests) replaces the decision once the chip is verified.

    Raises ChipDataError for a field 55 that cannot be read; nothing is booked then.
    """
    refusal = _refused_before_any_check(request, terminal, books, now)
    if refusal:
        return refusal
    card = books.card(request.pan, request.psn)
    chip_data = chip.parse(request.chip_data) if request.chip_data else None
    genuine = False
    code, because = response_code.APPROVED, ""
    try:
        if card is None:
            raise Declined(response_code.INVALID_CARD, "no such card")
        if chip_data:
            verify_chip(request, card, chip_data, hsm)
            card.last_atc = chip_data.atc
            genuine = True
        if forced_code not in ("", response_code.APPROVED):
            raise Declined(forced_code, "forced by a rule")
        decide(request, terminal, card, hsm, now)
    except Declined as declined:
        code, because = declined.code, declined.because
    booked = -request.amount if code == response_code.APPROVED else 0
    entry = books.enter(request, at=now, code=code, booked=booked, card=card)
    answer = Answer(
        code=code, at=now, rrn=entry.rrn, authorisation_code=entry.authorisation_code or "", because=because
    )
    if card and chip_data and genuine:
        # A card whose cryptogram is wrong gets none in return: there is nobody there to prove anything to.
        arpc = hsm.arpc(card.imk_under_lmk, card.pan, card.psn, chip_data, code)
        answer.issuer_data = chip.issuer_answer(arpc, code, chip_data.atc)
    return answer


def _refused_before_any_check(request: Request, terminal: Terminal, books: Books, now: datetime) -> Answer | None:
    """Requests that leave no trace in the books: out of their batch, late, repeated, or for no amount."""
    before = books.under_trace(request)
    if "reversal" in before and before["reversal"].original_id is None:
        return Answer(code=response_code.RELATED_TRANSACTION_ERROR, at=now, because="its reversal came first")
    if "sale" in before:
        return Answer(code=response_code.DUPLICATE, at=now, because="trace number already used in this batch")
    if request.batch != terminal.batch:
        because = f"batch {request.batch:06}, expected {terminal.batch:06}"
        return Answer(code=response_code.BATCH_MISMATCH, at=now, sign_on_again=True, because=because)
    if request.amount <= 0:
        return Answer(code=response_code.INVALID_AMOUNT, at=now, because="amount is zero")
    return None


def verify_chip(request: Request, card: Card, chip_data: ChipData, hsm: Hsm) -> None:
    """Is this the genuine card, now, for this amount? Raises Declined with 05."""
    try:
        genuine = hsm.verify_arqc(card.imk_under_lmk, card.pan, card.psn, chip_data)
    except UnknownVersion as error:
        raise Declined(response_code.DO_NOT_HONOUR, str(error)) from None
    if not chip_data.is_arqc:
        raise Declined(response_code.DO_NOT_HONOUR, "the cryptogram is not a request to go online")
    if not genuine:
        raise Declined(response_code.DO_NOT_HONOUR, "wrong cryptogram")
    if chip_data.atc <= card.last_atc:
        raise Declined(response_code.DO_NOT_HONOUR, f"counter {chip_data.atc} is not above {card.last_atc}")
    if (chip_data.amount, chip_data.currency) != (request.amount, request.currency):
        raise Declined(response_code.DO_NOT_HONOUR, "the chip signed another amount or currency")


def decide(request: Request, terminal: Terminal, card: Card, hsm: Hsm, now: datetime) -> None:
    """The issuer's checks on a known card, one after the other. Raises Declined at the first that fails."""
    if card.status in STATUS_DECLINES:
        raise Declined(STATUS_DECLINES[card.status], f"card is {card.status}")
    if card.expiry < f"{now:%y%m}" or (request.expiry and request.expiry != card.expiry):
        raise Declined(response_code.EXPIRED_CARD, "expiry date")
    if request.currency != card.account.currency:
        raise Declined(response_code.INVALID_TRANSACTION, f"currency {request.currency}")
    if request.pin_block:
        verify_pin(request, terminal, card, hsm)
    if card.account.balance < request.amount:
        raise Declined(response_code.INSUFFICIENT_FUNDS, "balance too low")


def verify_pin(request: Request, terminal: Terminal, card: Card, hsm: Hsm) -> None:
    """Compare the PIN entered with the card's, and count the tries. Raises Declined with 55, 75 or 99."""
    if card.pin_tries_left == 0:
        raise Declined(response_code.PIN_TRIES_EXCEEDED, "no PIN tries left")
    assert terminal.pik_under_lmk is not None, "only a terminal that has signed on gets here"
    try:
        right = hsm.verify_pin(request.pin_block, terminal.pik_under_lmk, card.pan, card.pin_under_lmk)
    except PinFormatError as error:
        # Not the cardholder's mistake, so it costs no try.
        raise Declined(response_code.PIN_FORMAT_ERROR, str(error)) from None
    if not right:
        card.pin_tries_left -= 1
        raise Declined(response_code.WRONG_PIN, f"wrong PIN, {card.pin_tries_left} tries left")
    card.pin_tries_left = card.pin_try_limit
