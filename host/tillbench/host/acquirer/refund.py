"""Refund: on any day, in parts, never more than was paid."""

from tillbench.host.acquirer import originals, response_code
from tillbench.host.acquirer.authorise import Verdict
from tillbench.host.acquirer.case import Case, Declined
from tillbench.host.acquirer.effect import Effect
from tillbench.host.acquirer.kinds import COMPLETES, Kind
from tillbench.host.acquirer.schema import Card, Transaction

REFUNDABLE = (Kind.SALE, Kind.OFFLINE_SALE, *COMPLETES)


def refund(case: Case, card: Card) -> Verdict:
    """Credit the account of a sale found by its reference number; the terminal may be another of the merchant's."""
    original = originals.by_reference(case)
    originals.must_be(original, *REFUNDABLE)
    return _give_back(case, card, original)


def refund_offline(case: Case, card: Card) -> Verdict:
    """Credit the account for an offline chip sale, found by the terminal and the trace number that it had."""
    original = originals.by_trace(case)
    originals.must_be(original, Kind.CHIP_OFFLINE)
    return _give_back(case, card, original)


def _give_back(case: Case, card: Card, original: Transaction) -> Verdict:
    originals.must_agree(case, card, original)
    originals.must_stand(original)
    left = originals.current_amount(case, original) - originals.refunded(case, original)
    if case.request.amount > left:
        raise Declined(response_code.AMOUNT_MISMATCH, f"amount {case.request.amount}, {left} left of the original")
    return Verdict(effect=Effect(booked=case.request.amount), original=original)
