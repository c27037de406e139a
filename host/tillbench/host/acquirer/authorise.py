"""How every financial request is decided and booked: the checks that all share, then the rule of its own business.

Whatever the decision, it is entered in the books under the terminal's trace number, so that the same request cannot
come twice. A rule sees a known card whose chip, if it took part, has proved itself.
"""

import logging
from collections.abc import Callable
from typing import NamedTuple

from tillbench.host.acquirer import chip, issuer, response_code
from tillbench.host.acquirer.books import Entry
from tillbench.host.acquirer.case import Case, Declined
from tillbench.host.acquirer.chip import ChipData
from tillbench.host.acquirer.effect import NOTHING, Effect
from tillbench.host.acquirer.kinds import TRAITS, Kind
from tillbench.host.acquirer.request import Answer, Request
from tillbench.host.acquirer.risk import check_risk
from tillbench.host.acquirer.schema import Card, Transaction

log = logging.getLogger("tillbench.acquirer")

AUTHORISES = (
    Kind.SALE,
    Kind.PREAUTH,
    Kind.COMPLETION,
    Kind.COMPLETION_ADVICE,
    Kind.LOAD,
    Kind.CASH_LOAD,
    Kind.TRANSFER_LOAD,
)
"""Business whose approval has an authorisation code of its own."""


class Verdict(NamedTuple):
    """What a rule decided. approved: minor units, None for all that was asked."""

    code: str = response_code.APPROVED
    effect: Effect = NOTHING
    approved: int | None = None
    original: Transaction | None = None
    purse_card: Card | None = None
    because: str = ""


Rule = Callable[[Case, Card], Verdict]


def authorise(case: Case, rule: Rule) -> Answer:
    """Answer a financial request and book it."""
    refusal = refused_before_any_check(case)
    if refusal:
        return refusal
    request = case.request
    card = case.books.card(request.pan, request.psn)
    data = request.chip if request.kind in chip.SIGNED else None
    proved = False
    try:
        if card is None:
            raise Declined(response_code.INVALID_CARD, "no such card")
        if data:
            proved = _prove(case, card, data)
        if case.bent.code not in ("", response_code.APPROVED):
            raise Declined(case.bent.code, "forced by a rule")
        check_risk(case, card, case.institution.risk)
        verdict = rule(case, card)
    except Declined as declined:
        verdict = Verdict(declined.code, because=declined.because, approved=0)
    issuer_data = b""
    if card and data and proved:
        # A card whose cryptogram is wrong gets none in return: there is nobody there to prove anything to.
        proof = case.hsm.issuer_authentication_data(card.imk_under_lmk, card.pan, card.psn, data, verdict.code)
        if case.bent.wrong_arpc:
            proof = bytes([proof[0] ^ 0xFF]) + proof[1:]
        issuer_data = chip.issuer_answer(proof, data.atc) + _script(case, card, data)
    entry = case.books.enter(
        request,
        at=case.now,
        code=verdict.code,
        effect=verdict.effect,
        approved=request.amount if verdict.approved is None else verdict.approved,
        card=card,
        purse_card=verdict.purse_card,
        original=verdict.original,
        authorises=request.kind in AUTHORISES,
        issuer_data=issuer_data,
        atc=data.atc if data else None,
    )
    return answer_of(entry, verdict.because)


def _script(case: Case, card: Card, data: ChipData) -> bytes:
    wish = case.bent.script
    if isinstance(wish, bytes):
        return wish
    try:
        return case.hsm.script(card, data, wish)
    except ValueError as error:
        log.warning("terminal %s: no script to the card: %s", case.terminal.id, error)
        return b""


def _prove(case: Case, card: Card, data: ChipData) -> bool:
    """Raises Declined. Returns whether the chip waits for an issuer cryptogram."""
    if case.request.kind is Kind.CHIP_OFFLINE:
        issuer.must_be_certified(case, card, data)
        return False
    issuer.must_be_genuine(case, card, data)
    case.books.change(card, last_atc=data.atc)
    return True


def refused_before_any_check(case: Case) -> Answer | None:
    """Requests that leave no trace in the books: late, repeated, out of their batch, or for no amount."""
    request, terminal = case.request, case.terminal
    traits = TRAITS[request.kind]
    before = case.books.under_trace(request.terminal_id, request.batch, request.stan)
    if "reversal" in before and before["reversal"].original_id is None:
        return case.answer(response_code.RELATED_TRANSACTION_ERROR, "its reversal came first")
    first = before.get(traits.place)
    if first is not None:
        again = traits.advice or (case.policy.repeats == "first-answer" and "reversal" not in before)
        if again and (first.kind, first.amount) == (request.kind.value, request.amount):
            return answer_of(first, "repeated: first answer again")
        return case.answer(response_code.DUPLICATE, "trace number already used in this batch")
    if "repair" in before and traits.advice and traits.side == "debit" and _claimed(before["repair"], request):
        return answer_of(before["repair"], "booked when an upload listed it")
    if request.batch != terminal.facts.batch and not (traits.advice or request.day):
        because = f"batch {request.batch:06}, expected {terminal.batch:06}"
        return case.answer(response_code.BATCH_MISMATCH, because, sign_on_again=True)
    if traits.amount and request.amount <= 0:
        return case.answer(response_code.INVALID_AMOUNT, "amount is zero")
    return None


def _claimed(repair: Transaction, request: Request) -> bool:
    """Is this what the terminal's upload had, and the books had not, so that it was booked then?"""
    same_card = repair.card is not None and repair.card.pan == request.pan
    return repair.kind == Kind.CLAIMED and repair.amount == request.amount and same_card


def answer_of(entry: Entry, because: str = "") -> Answer:
    """The answer that an entry in the books stands for, the first time and every time after."""
    return Answer(
        code=entry.response_code,
        at=entry.at,
        rrn=entry.rrn,
        authorisation_code=entry.authorisation_code or "",
        amount=entry.approved if entry.response_code == response_code.APPROVED_IN_PART else None,
        issuer_data=entry.issuer_data or b"",
        scheme=entry.card.facts.scheme if entry.card else "",
        because=because,
    )
