"""The transaction that a request follows from: finding it, and holding the request to what it says of it."""

from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.case import Case, Declined
from tillbench.host.acquirer.kinds import ADJUSTS, REFUNDS, Kind
from tillbench.host.acquirer.schema import Card, Transaction


def by_trace(case: Case) -> Transaction:
    """By terminal, batch and trace number. Raises Declined with 25."""
    said = case.request.original
    terminal_id = said.terminal_id or case.request.terminal_id
    return _found(case.books.under_trace(terminal_id, said.batch, said.stan).get("request"))


def by_reference(case: Case) -> Transaction:
    """By the retrieval reference number of its answer. Raises Declined with 25."""
    found = case.books.under_reference(case.request.original.rrn)
    if len(found) > 1:
        raise Declined(response_code.NO_ORIGINAL, f"{len(found)} originals have this reference number")
    return _found(found[0] if found else None)


def by_authorisation(case: Case, card: Card, kind: Kind) -> Transaction:
    """By card and authorisation code, and by date when one is said. Raises Declined with 25."""
    said = case.request.original
    found = case.books.authorised(card, said.authorisation_code, kind)
    return _found(next((each for each in found if said.date in ("", f"{each.at:%m%d}")), None))


def _found(original: Transaction | None) -> Transaction:
    if original is None:
        raise Declined(response_code.NO_ORIGINAL, "no such original")
    return original


def must_agree(case: Case, card: Card, original: Transaction) -> None:
    """Raises Declined with 22 when the request says something of its original that is not so."""
    request, said = case.request, case.request.original
    for name, stated, true in (
        ("card", card.id, original.card_id),
        ("merchant", request.merchant_id, original.merchant_id),
        ("currency", request.currency, original.currency),
        ("reference number", said.rrn, original.rrn),
        ("authorisation code", said.authorisation_code, original.authorisation_code or ""),
        ("date", said.date, f"{original.at:%m%d}"),
        ("batch", said.batch, original.batch),
        ("trace number", said.stan, original.stan),
    ):
        if stated and stated != true:
            raise Declined(response_code.RELATED_TRANSACTION_ERROR, f"{name} is not the original's")


def must_stand(original: Transaction) -> None:
    """Raises Declined with 22 unless the original was approved and is in force."""
    if not original.standing:
        declined = original.response_code not in response_code.GOOD
        because = f"original was declined with {original.response_code}" if declined else "original is undone"
        raise Declined(response_code.RELATED_TRANSACTION_ERROR, because)


def must_be(original: Transaction, *kinds: Kind) -> None:
    """Raises Declined with 22 for an original of another kind."""
    if original.kind not in kinds:
        raise Declined(response_code.RELATED_TRANSACTION_ERROR, f"original is a {original.kind}")


def current_amount(case: Case, original: Transaction) -> int:
    """What a sale is worth with its tips and adjustments."""
    return original.approved - sum(each.booked for each in case.books.standing_on(original, ADJUSTS))


def refunded(case: Case, original: Transaction) -> int:
    """What has been refunded of a sale so far."""
    return sum(each.approved for each in case.books.standing_on(original, REFUNDS))
