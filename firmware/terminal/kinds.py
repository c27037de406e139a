"""The kinds of transaction: what each is on the wire and in the books. One row a kind, no rules.

A kind is the key of its name in the text table, and what the journal keeps as the type of a transaction.
"""

from terminal.text_table import rows

# For `text_table.rows`: kind, MTI, F3, F25, F60.1, side of the totals (1 debit, -1 credit, 0 neither).
_ROWS = (
    "sale 0200 000000 00 22 1\n"
    "void 0200 200000 00 23 0\n"
    "refund 0220 200000 00 25 -1\n"
    "balance 0200 310000 00 01 0\n"
    "preauth 0100 030000 06 10 0\n"
    "preauth_void 0100 200000 06 11 0\n"
    "completion 0200 000000 06 20 1\n"
    "completion_advice 0220 000000 06 24 1\n"
    "completion_void 0200 200000 06 21 0\n"
    "offline_sale 0220 000000 00 30 1\n"
    "adjustment 0220 000000 00 32 1\n"
    "tip 0220 000000 00 34 1\n"
    "chip_offline 0220 000000 00 36 1\n"
)

ADJUSTS = ("tip", "adjustment")
"""Kinds that make another transaction worth their amount: in the sums they count with what they add to it."""
_KEYED = ("sale", "void", "preauth_void", "completion", "completion_advice", "completion_void")
CANCELS = {"void": "sale", "completion_void": "completion"}
"""Kinds that cancel another transaction of the same batch, found by its trace number, and which kind that is."""


def _word(kind: str, column: int) -> str:
    for row in rows(_ROWS):
        if row[0] == kind:
            return row[column]
    raise KeyError(kind)


def mti(kind: str) -> str:
    """The message type of its request."""
    return _word(kind, 1)


def processing_code(kind: str) -> str:
    """F3."""
    return _word(kind, 2)


def condition_code(kind: str) -> str:
    """F25."""
    return _word(kind, 3)


def function(kind: str) -> str:
    """F60.1."""
    return _word(kind, 4)


def side(kind: str) -> int:
    """1 for a kind that counts among the debits of a batch, -1 among the credits, 0 for one that moves no money by
    itself: a void takes what it cancels out of the count."""
    return int(_word(kind, 5))


def gives_back(kind: str) -> bool:
    """True for a void and a refund: money goes back to the cardholder, or is let go."""
    return processing_code(kind)[:2] == "20"


def is_inquiry(kind: str) -> bool:
    """True for what moves nothing, so that nothing of it can be owed. The journal hears of it only for the sake of a
    script notice."""
    return kind == "balance"


def may_be_partial(kind: str) -> bool:
    """True for the kinds of which a part may be approved."""
    return kind in ("sale", "preauth")


def asks_account(kind: str) -> bool:
    """True for the kinds of which the cardholder chooses the account."""
    return kind in ("sale", "preauth", "balance")


def may_be_keyed(kind: str) -> bool:
    """True for the kinds to which a card number may be typed in, where that is allowed at all."""
    return kind in _KEYED


def is_advice(kind: str) -> bool:
    """True for what has happened already: it is repeated until it is answered and never reversed."""
    return mti(kind) == "0220"
