"""The issuer's checks on a card, each by itself: is it good, is it genuine, is it its holder, is the money there?"""

from functools import lru_cache

from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.case import Case, Declined
from tillbench.host.acquirer.chip import ChipData
from tillbench.host.acquirer.hsm import PinFormatError
from tillbench.host.acquirer.schema import Card
from tillbench.host.issuer import IssuerDataError

STATUS_DECLINES = {
    "blocked": response_code.DO_NOT_HONOUR,
    "lost": response_code.LOST_CARD,
    "stolen": response_code.STOLEN_CARD,
}


def must_be_usable(case: Case, card: Card) -> None:
    """Status, expiry, currency. Raises Declined at the first that fails."""
    request, facts, now = case.request, card.facts, case.now
    decline = STATUS_DECLINES.get(facts.status)
    if decline:
        raise Declined(decline, f"card is {facts.status}")
    if facts.expiry < _month(now.year, now.month) or (request.expiry and request.expiry != facts.expiry):
        raise Declined(response_code.EXPIRED_CARD, "expiry date")
    if request.currency != facts.currency:
        raise Declined(response_code.INVALID_TRANSACTION, f"currency {request.currency}")


@lru_cache(2)  # the same for all messages of a month
def _month(year: int, month: int) -> str:
    """As a card's expiry has it, YYMM."""
    return f"{year % 100:02}{month:02}"


def must_be_genuine(case: Case, card: Card, chip: ChipData) -> None:
    """Is this the card itself, asking to go online, now, for this amount? Raises Declined with 05."""
    _must_be_its_cryptogram(case, card, chip, chip.is_arqc, "the cryptogram is not a request to go online")
    if chip.atc <= card.last_atc:
        raise Declined(response_code.DO_NOT_HONOUR, f"counter {chip.atc} is not above {card.last_atc}")


def must_be_certified(case: Case, card: Card, chip: ChipData) -> None:
    """Did this card approve this amount by itself, once? Raises Declined with 05, or 94.

    The counter need not rise: an offline transaction may come after later ones that went online.
    """
    _must_be_its_cryptogram(case, card, chip, chip.is_tc, "the cryptogram is no transaction certificate")
    if case.books.offline_before(card, chip.atc):
        raise Declined(response_code.DUPLICATE, f"counter {chip.atc} has been presented before")


def _must_be_its_cryptogram(case: Case, card: Card, chip: ChipData, right_type: bool, otherwise: str) -> None:
    try:
        genuine = case.hsm.verify_cryptogram(card.imk_under_lmk, card.pan, card.psn, chip)
    except IssuerDataError as error:
        raise Declined(response_code.DO_NOT_HONOUR, str(error)) from None
    if not right_type:
        raise Declined(response_code.DO_NOT_HONOUR, otherwise)
    if not genuine:
        why = case.hsm.explain_cryptogram(card.imk_under_lmk, card.pan, card.psn, chip)
        raise Declined(response_code.DO_NOT_HONOUR, f"wrong cryptogram: {why}")
    # A balance inquiry has no field 4; its chip signs zero.
    if (chip.amount, chip.currency) != (case.request.amount, case.request.currency):
        raise Declined(response_code.DO_NOT_HONOUR, "the chip signed another amount or currency")


def must_be_its_holder(case: Case, card: Card) -> None:
    """Compare the PIN entered, if one was, with the card's, and count the tries.

    Raises Declined with 55, 75 or 99.
    """
    block = case.request.pin_block
    if not block:
        return
    facts, pik, tries_left = card.facts, case.terminal.facts.pik_under_lmk, card.pin_tries_left
    if tries_left == 0:
        raise Declined(response_code.PIN_TRIES_EXCEEDED, "no PIN tries left")
    assert pik is not None, "only a terminal that has signed on gets here"
    try:
        right = case.hsm.verify_pin(block, pik, facts)
    except PinFormatError as error:
        # Not the cardholder's mistake, so it costs no try.
        raise Declined(response_code.PIN_FORMAT_ERROR, str(error)) from None
    if not right:
        case.books.change(card, pin_tries_left=tries_left - 1)
        raise Declined(response_code.WRONG_PIN, f"wrong PIN, {tries_left - 1} tries left")
    if tries_left != facts.pin_try_limit:
        case.books.change(card, pin_tries_left=facts.pin_try_limit)


def must_have(available: int, amount: int) -> None:
    """Raises Declined with 51 when an account has less to spend than this."""
    if available < amount:
        raise Declined(response_code.INSUFFICIENT_FUNDS, "balance too low")
