"""Slips, as lines of at most 32 characters with a style; nothing here knows of a printer.

Order and content follow the UnionPay sales slip. The card number is masked, the expiry date is never printed.
"""

from binascii import hexlify

from terminal import money
from terminal.i18n import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.parameters import Parameters
    from terminal.transaction import Transaction

    Line = tuple[str, int]

WIDTH = 32
PLAIN = 0
BOLD = 1
DOUBLE = 2
CENTRED = 4

MERCHANT = "merchant_copy"
CARDHOLDER = "cardholder_copy"


def sale_slip(transaction: Transaction, parameters: Parameters, copy: str, duplicate: bool = False) -> list[Line]:
    """The lines of one copy (MERCHANT or CARDHOLDER) for an approved transaction: (text, style bits)."""
    t = transaction
    lines: list[Line] = [(text("slip_title"), BOLD | CENTRED), (text(copy), CENTRED), ("-" * WIDTH, PLAIN)]
    lines.append((text("slip_merchant_name"), PLAIN))
    for part in wrapped(parameters.merchant_name, WIDTH):
        lines.append((part, PLAIN))
    _pair(lines, "slip_merchant", parameters.merchant)
    _pair(lines, "slip_terminal", parameters.terminal)
    _pair(lines, "slip_operator", parameters.operator)
    lines.append((text("slip_card"), PLAIN))
    lines.append((t.masked_pan + " I", BOLD))
    _pair(lines, "slip_type", text(t.type), BOLD)
    _pair(lines, "slip_batch", "%06d" % t.batch)
    _pair(lines, "slip_voucher", "%06d" % t.stan)
    _pair(lines, "slip_auth", t.authorisation_code)
    _pair(lines, "slip_reference", t.reference)
    lines.append((text("slip_time"), PLAIN))
    lines.append((right(timestamp(t.time)), PLAIN))
    lines.append((text("slip_amount"), PLAIN))
    lines.append((parameters.currency_name + " " + money.decimal(t.amount), DOUBLE))
    lines.append(("-" * WIDTH, PLAIN))
    _chip_lines(lines, t)
    if duplicate:
        lines.append((text("slip_duplicate"), BOLD | CENTRED))
    lines.append((text("slip_test"), BOLD | CENTRED))
    _verification_lines(lines, t, copy)
    return lines


def _chip_lines(lines: list[Line], t: Transaction) -> None:
    _pair(lines, "APP:", t.label)
    _pair(lines, "AID:", _hex(t.aid))
    _pair(lines, t.cryptogram_type + ":", _hex(t.cryptogram))
    _pair(lines, "TVR:", _hex(t.tvr))
    _pair(lines, "TSI:", _hex(t.tsi))
    _pair(lines, "ATC:", _hex(t.atc))
    if t.sequence_number:
        _pair(lines, "slip_sequence", t.sequence_number)


def _verification_lines(lines: list[Line], t: Transaction, copy: str) -> None:
    if t.cvm == "PIN":
        lines.append((text("slip_pin"), CENTRED))
    elif t.cvm == "NONE":
        lines.append((text("slip_no_cvm"), CENTRED))
    elif copy == MERCHANT:
        lines.append((text("slip_signature"), PLAIN))
        for _ in range(3):
            lines.append(("", PLAIN))
        lines.append(("_" * WIDTH, PLAIN))
        lines.append((text("slip_consent"), PLAIN))


def _pair(lines: list[Line], name: str, value: str, style: int = PLAIN) -> None:
    """A name at the left, its value at the right; on two lines when they do not fit on one."""
    if not name.endswith(":"):
        name = text(name)
    gap = WIDTH - len(name) - len(value)
    if gap > 0:
        lines.append((name + " " * gap + value, style))
    else:
        lines.append((name, style))
        lines.append((right(value), style))


def right(value: str) -> str:
    """The value at the right end of a line."""
    return " " * (WIDTH - len(value)) + value


def timestamp(digits: str) -> str:
    """YYYYMMDDhhmmss as "YYYY/MM/DD hh:mm:ss"."""
    d = digits
    return "%s/%s/%s %s:%s:%s" % (d[:4], d[4:6], d[6:8], d[8:10], d[10:12], d[12:14])


def wrapped(value: str, width: int) -> list[str]:
    """The text in lines of at most `width` characters, broken at spaces where there are any."""
    lines = []
    while len(value) > width:
        at = value.rfind(" ", 0, width + 1)
        if at <= 0:
            at = width
        lines.append(value[:at])
        value = value[at:].lstrip()
    lines.append(value)
    return lines


def _hex(value: bytes) -> str:
    return hexlify(value).decode().upper()
