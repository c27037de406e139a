"""What the two characters of F39 mean: to the flows as a class, to the people as a text of one row.

The texts are the dialect's. Two things differ from older terminals: partial approval (10) and the codes
A2 to A6, which the sources class differently, are no approvals here, since we did not ask for them; a transaction so
answered is reversed. An advice has no reversal: it is told again, and A2 to A6 a second time mean what one of the
sources says they do, that the host has booked it and the issuer is to be asked.
"""

from terminal.i18n import has, text

_APPROVED = ("00", "11")
_UNCLEAR = ("10", "A2", "A4", "A5", "A6")
_TO_BE_CONFIRMED = _UNCLEAR[1:]
_UNDECIDED = ("", "68", "77", "90", "91", "92", "96", "97", "98", "A0")
_REVERSAL_ENDED = ("00", "12", "25")


def approved(code: str) -> bool:
    """True if the host has booked the amount as it was asked."""
    return code in _APPROVED


def unclear(code: str) -> bool:
    """True if the host may have booked something else than it was asked."""
    return code in _UNCLEAR


def to_be_confirmed(code: str) -> bool:
    """True if the host may mean that it has booked an advice, and that the issuer is to be asked."""
    return code in _TO_BE_CONFIRMED


def undecided(code: str) -> bool:
    """True if the host has neither taken nor refused an advice: it is told again."""
    return code in _UNDECIDED or unclear(code)


def ends_reversal(code: str) -> bool:
    """True if the host says that nothing is booked any more, or never was."""
    return code in _REVERSAL_ENDED


def meaning(code: str) -> str:
    """Text of at most 16 cells, "CODE xx" for a code without one."""
    return text("rc" + code) if has("rc" + code) else text("code") + " " + code


def what_to_do(code: str) -> str:
    """What the cashier does about it, at most 16 cells; "" for a code without a text."""
    return text(text("do" + code)) if has("do" + code) else ""
