"""Loads: money into the purse of a chip, from its own account, from cash, or from another card's account."""

from tillbench.host.acquirer import issuer, response_code
from tillbench.host.acquirer.authorise import Verdict
from tillbench.host.acquirer.case import Case, Declined
from tillbench.host.acquirer.effect import Effect
from tillbench.host.acquirer.schema import Card


def load(case: Case, card: Card) -> Verdict:
    """From the card's own account."""
    amount = _from_account(case, card)
    return Verdict(effect=Effect(booked=-amount, purse=amount))


def load_cash(case: Case, card: Card) -> Verdict:
    """From cash that the merchant took."""
    issuer.must_be_usable(case, card)
    issuer.must_be_its_holder(case, card)
    return Verdict(effect=Effect(purse=case.request.amount))


def load_other(case: Case, card: Card) -> Verdict:
    """From this card's account into the purse of another."""
    target = case.books.card(case.request.target_pan)
    if target is None:
        raise Declined(response_code.INVALID_CARD, "no such card to load")
    amount = _from_account(case, card)
    return Verdict(effect=Effect(booked=-amount, purse=amount), purse_card=target)


def _from_account(case: Case, card: Card) -> int:
    issuer.must_be_usable(case, card)
    issuer.must_be_its_holder(case, card)
    issuer.must_have(card.account.available, case.request.amount)
    return case.request.amount
