"""Sale, pre-authorisation and balance inquiry: may this card pay, or promise, this amount here and now?

Each rule reads from top to bottom as the host checks: the first reason to decline is the answer.
"""

from tillbench.host.acquirer import issuer, response_code
from tillbench.host.acquirer.authorise import Verdict, authorise
from tillbench.host.acquirer.case import Case
from tillbench.host.acquirer.effect import Effect
from tillbench.host.acquirer.request import Answer
from tillbench.host.acquirer.schema import Card


def sell(case: Case, card: Card) -> Verdict:
    """Debit the account at once."""
    code, amount = _affordable(case, card)
    return Verdict(code, Effect(booked=-amount), amount)


def preauthorise(case: Case, card: Card) -> Verdict:
    """Hold the amount until a completion takes it or a void gives it back."""
    code, amount = _affordable(case, card)
    return Verdict(code, Effect(held=amount), amount)


def inquire(case: Case) -> Answer:
    """Tell the balance; the inquiry is entered, so that it cannot be repeated under the same trace number."""
    answer = authorise(case, _may_know)
    if answer.code == response_code.APPROVED:
        card = case.books.card(case.request.pan, case.request.psn)
        assert card is not None, "approved just now"
        answer.balance, answer.currency = card.account.available, card.facts.currency
    return answer


def _may_know(case: Case, card: Card) -> Verdict:
    issuer.must_be_usable(case, card)
    issuer.must_be_its_holder(case, card)
    return Verdict()


def _affordable(case: Case, card: Card) -> tuple[str, int]:
    """The whole amount, or what there is of it when the terminal takes that. Raises Declined."""
    issuer.must_be_usable(case, card)
    issuer.must_be_its_holder(case, card)
    asked, available = case.request.amount, card.facts.account.available
    if case.bent.partial_percent:
        asked = max(1, asked * case.bent.partial_percent // 100)
        issuer.must_have(available, asked)
        return response_code.APPROVED_IN_PART, asked
    if 0 < available < asked and case.request.partial_allowed and case.policy.partial_approval:
        return response_code.APPROVED_IN_PART, available
    issuer.must_have(available, asked)
    return response_code.APPROVED, asked
