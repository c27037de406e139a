"""Completion of a pre-authorisation, as a request (0200) or as an advice (0220): take what was held, or near it."""

from datetime import timedelta

from tillbench.host.acquirer import issuer, originals, response_code
from tillbench.host.acquirer.authorise import Verdict
from tillbench.host.acquirer.case import Case, Declined
from tillbench.host.acquirer.effect import Effect
from tillbench.host.acquirer.kinds import COMPLETES, Kind
from tillbench.host.acquirer.schema import Card


def complete(case: Case, card: Card) -> Verdict:
    """Debit the account and let go of the hold, all of it, whatever part was taken."""
    original = originals.by_authorisation(case, card, Kind.PREAUTH)
    originals.must_agree(case, card, original)
    originals.must_stand(original)
    if case.now > original.at + timedelta(days=case.policy.preauth_days):
        raise Declined(response_code.RELATED_TRANSACTION_ERROR, "pre-authorisation has run out")
    if case.books.standing_on(original, COMPLETES):
        raise Declined(response_code.RELATED_TRANSACTION_ERROR, "pre-authorisation is completed")
    most = original.approved * case.policy.completion_percent // 100
    if case.request.amount > most:
        raise Declined(response_code.AMOUNT_MISMATCH, f"amount {case.request.amount}, at most {most}")
    issuer.must_be_its_holder(case, card)
    if not case.policy.overdraw_completions:
        issuer.must_have(card.account.available, case.request.amount - original.held)
    return Verdict(effect=Effect(booked=-case.request.amount, held=-original.held), original=original)
