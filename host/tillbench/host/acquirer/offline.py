"""What has happened without the host: sales by telephone or by the chip itself, tips and adjustments afterwards."""

from tillbench.host.acquirer import issuer, originals, response_code
from tillbench.host.acquirer.authorise import Verdict
from tillbench.host.acquirer.case import Case, Declined
from tillbench.host.acquirer.effect import Effect, spent
from tillbench.host.acquirer.kinds import REFUNDS, Kind
from tillbench.host.acquirer.schema import Card

ADJUSTABLE = (Kind.SALE, Kind.OFFLINE_SALE)


def sell_offline(case: Case, card: Card) -> Verdict:
    """A sale that was authorised by voice. The issuer may still refuse it: the risk was the merchant's."""
    issuer.must_be_usable(case, card)
    issuer.must_have(card.account.available, case.request.amount)
    return Verdict(effect=Effect(booked=-case.request.amount))


def take_chip_sale(case: Case, card: Card) -> Verdict:
    """A sale that the chip approved. Its certificate is the issuer's word, so it is paid whatever the balance."""
    return Verdict(effect=spent(case.request.amount, card.purse))


def adjust(case: Case, card: Card) -> Verdict:
    """Make a sale worth the request's amount, its tip included; what is booked is the difference."""
    request, policy = case.request, case.policy
    original = originals.by_trace(case)
    originals.must_agree(case, card, original)
    originals.must_be(original, *ADJUSTABLE)
    originals.must_stand(original)
    if case.books.standing_on(original, REFUNDS):
        raise Declined(response_code.RELATED_TRANSACTION_ERROR, "original has been refunded")
    now_worth = originals.current_amount(case, original)
    if request.amount == now_worth:
        raise Declined(response_code.INVALID_AMOUNT, "nothing changes")
    if request.kind is Kind.TIP and request.tip != request.amount - now_worth:
        because = f"amount {request.amount} is not {now_worth} and a tip of {request.tip}"
        raise Declined(response_code.AMOUNT_MISMATCH, because)
    percent = policy.tip_percent if request.kind is Kind.TIP else policy.adjustment_percent
    most = original.approved + original.approved * percent // 100
    if request.amount > most:
        raise Declined(response_code.AMOUNT_OVER_LIMIT, f"amount {request.amount}, at most {most}")
    issuer.must_have(card.account.available, request.amount - now_worth)
    return Verdict(effect=Effect(booked=now_worth - request.amount), original=original)
