"""Finding transactions in the journal: by number, card, amount, state; repeated ones."""

from terminal.clock import seconds_between
from terminal.kinds import ADJUSTS, CANCELS
from terminal.transaction import APPROVED, PENDING, STATE_TEXTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Iterator

    from terminal.transaction import Transaction

    Query = dict[str, Any]

FILTERS: "dict[str, Callable[[Transaction, Any], bool]]" = {
    "stan": lambda t, value: t.stan == value,
    "batch": lambda t, value: t.batch == value,
    "card": lambda t, value: t.masked_pan.endswith(str(value)),
    "amount": lambda t, value: t.amount == value,
    "state": lambda t, value: STATE_TEXTS[t.state] == value,
    "time": lambda t, value: t.time == value,
    "operator": lambda t, value: t.operator == value,
    "type": lambda t, value: t.type == value,
    "failed": lambda t, value: (t.state != APPROVED) == bool(value),
    "repeated": lambda t, value: t.state == APPROVED,
}
"""`card` is the last digits, `amount` minor units, `time` YYYYMMDDhhmmss, `state` pending, approved, declined or
reversed; `repeated` minutes: `found` compares with what was approved in so many minutes before."""


def found(transactions: "Iterable[Transaction]", query: Query) -> "Iterator[Transaction]":
    """Those that pass every filter of the query, in their order. KeyError for a filter that there is not."""
    repeats = _Repeats(query.get("repeated", 0))
    for t in transactions:
        passed = repeats.has(t) or "repeated" not in query
        for name in query:
            passed = passed and FILTERS[name](t, query[name])
        if passed:
            yield t


class _Repeats:
    """What was approved within the last minutes; older ones are forgotten."""

    def __init__(self, minutes: int) -> None:
        self._seconds = 60 * minutes
        self._recent: "list[tuple[str, str, str, int]]" = []

    def has(self, t: Transaction) -> bool:
        """True if the same kind was approved for the same card and amount already. Asked in the order of time."""
        if not self._seconds or t.state != APPROVED:
            return False
        self._recent = [each for each in self._recent if seconds_between(each[0], t.time) <= self._seconds]
        repeated = any(each[1:] == (t.type, t.masked_pan, t.amount) for each in self._recent)
        self._recent.append((t.time, t.type, t.masked_pan, t.amount))
        return repeated


def cancelled(transactions: "Iterable[Transaction]") -> "set[tuple[int, int]]":
    """Batch and STAN of those that an approved void took back."""
    return {(t.original_batch, t.original_stan) for t in transactions if t.state == APPROVED and t.type in CANCELS}


def adjusted(transactions: "Iterable[Transaction]") -> "dict[tuple[int, int], int]":
    """What those are worth now, by batch and STAN, that were adjusted or got a tip."""
    found = {}
    for t in transactions:
        if t.state == APPROVED and t.type in ADJUSTS:
            found[(t.original_batch, t.original_stan)] = t.amount
    return found


def change_untold(transactions: "Iterable[Transaction]", reference: str) -> bool:
    """True while the host has not heard of a tip or an adjustment of the transaction that it gave that F37."""
    place = None
    for t in transactions:
        if t.reference == reference and t.type not in ADJUSTS:
            place = (t.batch, t.stan)
        elif t.untold and t.type in ADJUSTS and (t.original_batch, t.original_stan) == place:
            return True
    return False


def refunded(transactions: "Iterable[Transaction]", reference: str) -> bool:
    """True when something of the transaction with that F37 was given back, or may have been."""
    return any(
        t.type == "refund" and t.original_reference == reference and t.state in (APPROVED, PENDING)
        for t in transactions
    )


def row(t: Transaction) -> "dict[str, str | int]":
    """What a program may know of a transaction: the card masked, nothing sealed, nothing of the chip."""
    return {
        "stan": t.stan,
        "batch": t.batch,
        "type": t.type,
        "state": STATE_TEXTS[t.state],
        "amount": t.amount,
        "time": t.time,
        "card": t.masked_pan,
        "entry_mode": t.entry_mode,
        "authorisation_code": t.authorisation_code,
        "reference": t.reference,
        "response_code": t.response_code,
        "reversal_code": t.reversal_code,
        "operator": t.operator,
        "original_stan": t.original_stan,
        "original_batch": t.original_batch,
    }
