"""What kinds of business there are, and what each is in the books: one row a kind, no rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """A kind of business, by the name that the books keep."""

    SALE = "sale"
    VOID = "void"
    REFUND = "refund"
    CHIP_REFUND = "offline chip refund"
    BALANCE = "balance"
    PREAUTH = "preauth"
    PREAUTH_VOID = "preauth void"
    COMPLETION = "completion"
    COMPLETION_ADVICE = "completion advice"
    COMPLETION_VOID = "completion void"
    OFFLINE_SALE = "offline sale"
    ADJUSTMENT = "adjustment"
    TIP = "tip"
    CHIP_OFFLINE = "offline chip sale"
    LOAD = "load"
    CASH_LOAD = "cash load"
    CASH_LOAD_VOID = "cash load void"
    TRANSFER_LOAD = "transfer load"
    REVERSAL = "reversal"
    SCRIPT_NOTICE = "script notice"
    UNLISTED = "unlisted"
    CORRECTION = "correction"
    CLAIMED = "claimed"
    SIGN_ON = "sign-on"
    SIGN_OFF = "sign-off"
    MASTER_KEY = "master key"
    ECHO = "echo"
    SETTLEMENT = "settlement"
    BATCH_RECORDS = "batch records"
    BATCH_END = "batch end"
    DOWNLOAD = "download"
    STATUS = "status"


@dataclass(frozen=True)
class Traits:
    """How the books treat a kind.

    place: which use of a trace number it is. A terminal's batch and STAN name one `request`, one `reversal` of it,
    one `notice` about it and, in `repair`, one entry that a settlement made.
    side: of the settlement totals, "" for neither.
    advice: it has happened already, so a repeat gets its first answer and an older batch is no reason to refuse.
    reversible: a reversal (0400) may name it.
    amount: it has one above zero.
    """

    place: str = "request"
    side: str = ""
    advice: bool = False
    reversible: bool = False
    amount: bool = True


TRAITS = {
    Kind.SALE: Traits(side="debit", reversible=True),
    Kind.VOID: Traits(reversible=True),
    Kind.REFUND: Traits(side="credit", advice=True),
    Kind.CHIP_REFUND: Traits(side="credit", advice=True),
    Kind.BALANCE: Traits(amount=False),
    Kind.PREAUTH: Traits(reversible=True),
    Kind.PREAUTH_VOID: Traits(reversible=True),
    Kind.COMPLETION: Traits(side="debit", reversible=True),
    Kind.COMPLETION_ADVICE: Traits(side="debit", advice=True),
    Kind.COMPLETION_VOID: Traits(reversible=True),
    Kind.OFFLINE_SALE: Traits(side="debit", advice=True),
    Kind.ADJUSTMENT: Traits(side="debit", advice=True),
    Kind.TIP: Traits(side="debit", advice=True),
    Kind.CHIP_OFFLINE: Traits(side="debit", advice=True),
    Kind.LOAD: Traits(side="debit", reversible=True),
    Kind.CASH_LOAD: Traits(side="debit", reversible=True),
    Kind.CASH_LOAD_VOID: Traits(reversible=True),
    Kind.TRANSFER_LOAD: Traits(side="debit", reversible=True),
    Kind.REVERSAL: Traits(place="reversal", advice=True),
    Kind.SCRIPT_NOTICE: Traits(place="notice", advice=True, amount=False),
    Kind.UNLISTED: Traits(place="repair"),
    Kind.CORRECTION: Traits(place="repair", side="debit"),
    Kind.CLAIMED: Traits(place="repair", side="debit"),
}
"""Every kind that is entered in the books as a transaction; the others leave only their answers there."""

CANCELS = {
    Kind.VOID: (Kind.SALE,),
    Kind.PREAUTH_VOID: (Kind.PREAUTH,),
    Kind.COMPLETION_VOID: (Kind.COMPLETION,),
    Kind.CASH_LOAD_VOID: (Kind.CASH_LOAD,),
}
"""Kinds that undo another transaction as a whole, and which."""

UNDOES = (Kind.REVERSAL, Kind.UNLISTED)
COMPLETES = (Kind.COMPLETION, Kind.COMPLETION_ADVICE)
ADJUSTS = (Kind.ADJUSTMENT, Kind.TIP, Kind.CORRECTION)
REFUNDS = (Kind.REFUND, Kind.CHIP_REFUND)
DEBITS = tuple(kind for kind, traits in TRAITS.items() if traits.side == "debit" and kind not in ADJUSTS)
CREDITS = (*REFUNDS, *CANCELS)


def sql_any(column: str, values: Iterable[str]) -> str:
    """That a column has one of these values, in SQL. Not with IN: of its list SQLite makes a table, for each row that
    is checked anew, which takes a fifth of the time that a row takes to be written."""
    return "(" + " OR ".join(f"{column} = '{value}'" for value in values) + ")"
