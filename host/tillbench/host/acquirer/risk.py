"""Risk rules: how often, how much, what twice, and whose card not at all. Checked before the rule of the business."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.case import Case, Declined
from tillbench.host.acquirer.kinds import Kind
from tillbench.host.acquirer.schema import Card, Transaction

WATCHED = (Kind.SALE, Kind.PREAUTH, Kind.OFFLINE_SALE, Kind.LOAD, Kind.TRANSFER_LOAD)
"""What spends or promises money, and can still be refused."""


@dataclass(frozen=True)
class Limit:
    """At most so many approved transactions, or so much, of one card, terminal or merchant in a sliding time.

    per: `card`, `terminal` or `merchant`. within: seconds. count, amount: 0 for no limit; amount in minor units.
    each: most that one transaction may be; 0 for no limit. code: the answer to one too many.
    """

    name: str
    per: str = "card"
    within: int = 86_400
    count: int = 0
    amount: int = 0
    each: int = 0
    code: str = ""

    def check(self, case: Case, card: Card) -> None:
        """Raises Declined with 61 (amount) or 65 (number)."""
        request = case.request
        if self.each and request.amount > self.each:
            raise Declined(self.code or response_code.AMOUNT_OVER_LIMIT, f"{self.name}: at most {self.each}")
        if not (self.count or self.amount):
            return
        count, amount = _so_far(case, _of(self.per, case, card), self.within)
        if self.count and count + 1 > self.count:
            raise Declined(self.code or response_code.TOO_MANY_USES, f"{self.name}: {count} of {self.count} used")
        if self.amount and amount + request.amount > self.amount:
            raise Declined(self.code or response_code.AMOUNT_OVER_LIMIT, f"{self.name}: {amount} of {self.amount} used")


@dataclass(frozen=True)
class DuplicateGuard:
    """The same card, amount and terminal again within so many seconds is taken for a mistake, under another trace
    number too."""

    within: int
    name: str = "duplicate guard"
    code: str = response_code.DUPLICATE

    def check(self, case: Case, card: Card) -> None:
        """Raises Declined with 94."""
        same = (Transaction.card_id == card.id) & (Transaction.terminal_id == case.terminal.id)
        count, _ = _so_far(case, same & (Transaction.amount == case.request.amount), self.within)
        if count:
            raise Declined(self.code, f"{self.name}: the same {self.within} s ago or less")


@dataclass(frozen=True)
class BlackList:
    """Card numbers, or the fronts of some, that are refused."""

    numbers: tuple[str, ...]
    name: str = "black list"
    code: str = response_code.RESTRICTED_CARD

    def check(self, case: Case, _card: Card) -> None:
        """Raises Declined with 62."""
        if case.request.pan.startswith(self.numbers):
            raise Declined(self.code, f"{self.name}: the card is on it")


RiskRule = Limit | DuplicateGuard | BlackList


def check_risk(case: Case, card: Card, rules: Sequence[RiskRule]) -> None:
    """The card's own limits, then the rules. Raises Declined with the first that refuses."""
    if case.request.kind not in WATCHED:
        return
    if card.facts.limited:
        limit = Limit("limit of the card", count=card.count_a_day, amount=card.most_a_day, each=card.most_each)
        limit.check(case, card)
    for rule in rules:
        rule.check(case, card)


def _of(per: str, case: Case, card: Card) -> ColumnElement[bool]:
    match per:
        case "card":
            return Transaction.card_id == card.id
        case "terminal":
            return Transaction.terminal_id == case.terminal.id
        case "merchant":
            return Transaction.merchant_id == case.request.merchant_id
    raise ValueError(f"per: expected card, terminal or merchant, found {per!r}")


def _so_far(case: Case, condition: ColumnElement[bool], within: int) -> tuple[int, int]:
    """Number and sum of what stands, of the watched kinds, in the last `within` seconds."""
    query = select(func.count(), func.coalesce(func.sum(Transaction.approved), 0)).where(
        condition,
        Transaction.standing,
        Transaction.at > case.now - timedelta(seconds=within),
        Transaction.kind.in_([kind.value for kind in WATCHED]),
    )
    count, amount = case.books.session.execute(query).one()
    return int(count), int(amount)
