"""A slip in front of the barcode scanner, in the place of the numbers that would be typed from it.

What its QR code says counts only with the MAC of this terminal's key, so that nobody is paid back from a code that
somebody has drawn; and never as a card number, which nothing here can become.
"""

from terminal.slips.record import FIELDS, form_of, mac_of
from terminal.ui.digits_entry import ask_digits, is_zero

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from terminal.app import Terminal
    from terminal.board import Scanner
    from terminal.transaction import Transaction

_GIVES_BACK = ("sale", "completion", "completion_advice", "offline_sale")
"""What a refund can follow from."""
_REFERENCE = 12
"""Digits of F37."""


class Voucher:
    """The number of a transaction; of a scanned one the time too, which tells it from others with that number."""

    def __init__(self, stan: int, time: str) -> None:
        self.stan = stan
        self.time = time

    def is_of(self, t: Transaction) -> bool:
        """It is this transaction's."""
        return t.stan == self.stan and self.time in ("", t.time)


class _Slip:
    """What was scanned last; the fields are empty until it was a slip of this terminal."""

    def __init__(self, terminal: Terminal, for_refund: bool) -> None:
        self._terminal = terminal
        self._for_refund = for_refund
        self.fields: "list[str]" = []

    def why_not(self, code: str) -> str:
        """The text that says why it is of no use here, "" if it is."""
        terminal = self._terminal
        record, _, mac = code.rpartition("/")
        fields = record.split("/")
        p = terminal.parameters
        ours = [form_of(terminal.put_aside is not None), p.merchant.upper(), p.terminal.upper()]
        if len(fields) != FIELDS or fields[:3] != ours or mac != mac_of(record, terminal.vault):
            return "scan_not_ours"
        if self._for_refund:
            kind = fields[6].lower().replace("-", "_")
            if kind not in _GIVES_BACK or len(fields[10]) != _REFERENCE:
                return "scan_not_this"
        self.fields = fields
        return ""


async def ask_voucher(terminal: Terminal, title: str) -> Voucher:
    """A voucher number, typed or from a slip. Raises Stop."""
    slip = _Slip(terminal, for_refund=False)
    typed = await _ask(terminal, slip, title, "voucher", 1, 6, wrong=is_zero, topic="help_number")
    return Voucher(int(slip.fields[4]), slip.fields[5]) if slip.fields else Voucher(int(typed), "")


class Original:
    """What a refund follows from: the reference, and from a slip the date, what it was worth, the end of its card."""

    def __init__(self, reference: str, date: str = "", worth: int = 0, card_end: str = "") -> None:
        self.reference = reference
        self.date = date
        """MMDD."""
        self.worth = worth
        self.card_end = card_end


async def ask_refunded(terminal: Terminal) -> Original:
    """What is given back: its reference number, typed, or all that a slip says. Raises Stop."""
    slip = _Slip(terminal, for_refund=True)
    reference = await _ask(terminal, slip, "refund", "old_reference", _REFERENCE, _REFERENCE)
    fields = slip.fields
    if fields:
        return Original(fields[10], fields[5][4:8], int(fields[7]), fields[8])
    return Original(reference)


async def _ask(
    terminal: Terminal,
    slip: _Slip,
    title: str,
    prompt: str,
    shortest: int,
    longest: int,
    wrong: "Callable[[str], str] | None" = None,
    topic: str = "help_digits",
) -> str:
    """As `ask_digits`; "" for a slip."""
    dialogs = terminal.dialogs
    dialogs.scanner = _scanner(terminal)
    scanned = slip.why_not if dialogs.scanner is not None else None
    try:
        return await ask_digits(dialogs, title, prompt, shortest, longest, wrong=wrong, scanned=scanned, topic=topic)
    finally:
        dialogs.scanner = None


def _scanner(terminal: Terminal) -> "Scanner | None":
    """None also where no slip has a code, and where the port is that of the line to the host."""
    board, p = terminal.board, terminal.parameters
    if not p.slip_qr or (p.line == "serial" and board.serial_line is not None):
        return None
    return board.scanner
