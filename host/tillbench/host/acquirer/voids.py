"""Voids: of a sale, a pre-authorisation, a completion, a cash load. The whole amount, once, before settlement."""

from tillbench.host.acquirer import issuer, originals, response_code
from tillbench.host.acquirer.authorise import Verdict
from tillbench.host.acquirer.case import Case, Declined
from tillbench.host.acquirer.effect import Effect
from tillbench.host.acquirer.kinds import CANCELS, Kind
from tillbench.host.acquirer.schema import Card, Transaction


def cancel(case: Case, card: Card) -> Verdict:
    """Give back what the original took. A card that may pay no more may still be given back to."""
    kind = case.request.kind
    original = _original(case, card)
    originals.must_agree(case, card, original)
    originals.must_be(original, *CANCELS[kind])
    originals.must_stand(original)
    if original.settlement_id is not None and kind is not Kind.PREAUTH_VOID:
        raise Declined(response_code.RELATED_TRANSACTION_ERROR, "original is settled; a refund gives it back")
    following = case.books.standing_on(original)
    if following:
        raise Declined(response_code.RELATED_TRANSACTION_ERROR, f"a {following[0].kind} follows from the original")
    if case.request.amount != original.approved:
        because = f"amount {case.request.amount}, original {original.approved}"
        raise Declined(response_code.AMOUNT_MISMATCH, because)
    issuer.must_be_its_holder(case, card)
    effect = -Effect.of(original)
    if card.purse + effect.purse < 0:
        raise Declined(response_code.INSUFFICIENT_FUNDS, "the load has been spent")
    return Verdict(effect=effect, original=original)


def _original(case: Case, card: Card) -> Transaction:
    """A pre-authorisation may be another terminal's, whose trace number nobody at this one knows."""
    if case.request.kind is Kind.PREAUTH_VOID:
        return originals.by_authorisation(case, card, Kind.PREAUTH)
    return originals.by_trace(case)
