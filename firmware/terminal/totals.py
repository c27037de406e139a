"""Sums over the journal: what was approved, by kind of transaction, operator, card and hour."""

from terminal.transaction import APPROVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Iterable

    from terminal.transaction import Transaction

    Sums = dict[str, list[int]]

BY_TYPE = "by_type"
BY_OPERATOR = "by_operator"
BY_CARD = "by_card"
BY_HOUR = "by_hour"


def sums(transactions: "Iterable[Transaction]", view: str) -> Sums:
    """Count and amount of the approved ones, by a view; keys in the order in which they come up."""
    key = _KEYS[view]
    found: Sums = {}
    for t in transactions:
        if t.state == APPROVED:
            row = found.setdefault(key(t), [0, 0])
            row[0] += 1
            row[1] += t.amount
    return found


def _card(t: Transaction) -> str:
    # The registered application provider is the scheme (ISO/IEC 7816-5); without a chip the first digits must do.
    return t.label or t.masked_pan[:6]


VIEWS = (BY_TYPE, BY_OPERATOR, BY_CARD, BY_HOUR)
_KEYS: "dict[str, Callable[[Transaction], str]]" = {
    BY_TYPE: lambda t: t.type,
    BY_OPERATOR: lambda t: t.operator,
    BY_CARD: _card,
    BY_HOUR: lambda t: t.time[8:10] + ":00",
}
