"""Sums over the journal: what was approved and stands, by kind of transaction, operator, card and hour.

What a void took back is in no sum, nor is the void. Kinds that move no money by themselves are not counted.
"""

from terminal import kinds
from terminal.journal_search import cancelled
from terminal.transaction import APPROVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from terminal.journal import Journal
    from terminal.transaction import Transaction

    Sums = dict[str, list[int]]

BY_TYPE = "by_type"
BY_OPERATOR = "by_operator"
BY_CARD = "by_card"
BY_HOUR = "by_hour"


def sums(journal: Journal, view: str) -> Sums:
    """Count and amount by a view; keys in the order in which they come up.

    By type an amount is what moved, in the other views what the shop got: a refund counts with a minus.
    """
    key = _KEYS[view]
    taken_back = cancelled(journal.history())
    found: Sums = {}
    for t in journal.history():
        side = kinds.side(t.type)
        if t.state == APPROVED and side and (t.batch, t.stan) not in taken_back:
            row = found.setdefault(key(t), [0, 0])
            if view == BY_TYPE or t.type not in kinds.ADJUSTS:
                row[0] += 1
            row[1] += moved(t) if view == BY_TYPE else side * moved(t)
    return found


def moved(t: Transaction) -> int:
    """What an approved transaction adds to the sums of its side: of a tip or an adjustment the difference."""
    return t.amount - t.original_amount if t.type in kinds.ADJUSTS else t.worth


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
