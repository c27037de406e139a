"""The slip of a transaction. Order and content follow the UnionPay sales slip.

The card number is masked, the expiry date is never printed.
"""

from binascii import hexlify

from terminal import i18n, money
from terminal.i18n import text
from terminal.response_codes import to_be_confirmed
from terminal.slips.paper import BOLD, CENTRED, DOUBLE, PLAIN, QR, heading, timestamp, who

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

    from terminal.parameters import Parameters
    from terminal.slips.paper import Line, Paper
    from terminal.transaction import Transaction

MERCHANT = "merchant_copy"
CARDHOLDER = "cardholder_copy"

_ENTRY_LETTERS = {"01": "M", "02": "S", "05": "I", "07": "C"}
"""First two digits of F22 to the letter after the card number: keyed, stripe, chip, contactless; N for none."""


def receipt(
    t: Transaction,
    parameters: Parameters,
    paper: Paper,
    copy: str,
    duplicate: bool = False,
    record: str = "",
    training: bool = False,
) -> "Iterator[Line]":
    """One copy (MERCHANT or CARDHOLDER) of the slip of an approved transaction; `record` is what its QR code says."""
    yield from heading("slip_title", text(copy))
    yield from who(paper, parameters)
    yield from paper.pair("slip_operator", t.operator or parameters.operator)
    yield text("slip_card"), "", PLAIN
    yield t.masked_pan + " " + _ENTRY_LETTERS.get(t.entry_mode[:2], "N"), "", BOLD
    yield from paper.pair("slip_type", type_name(t.type), BOLD)
    yield from paper.pair("slip_batch", "%06d" % t.batch)
    yield from paper.pair("slip_voucher", "%06d" % t.stan)
    if t.authorisation_code:
        yield from paper.pair("slip_auth", t.authorisation_code)
    yield from paper.pair("slip_reference", t.reference)
    if to_be_confirmed(t.response_code):
        yield text("rc01"), "", BOLD
    yield text("slip_time"), "", PLAIN
    yield "", timestamp(t.time), PLAIN
    yield from _original_lines(paper, t)
    yield text("slip_amount"), "", PLAIN
    yield parameters.currency_name + " " + money.decimal(t.worth), "", DOUBLE
    if t.approved_amount:
        yield from paper.pair("slip_asked", money.decimal(t.amount))
    if t.account_type:
        yield from paper.pair("slip_account", text("account_" + t.account_type))
    yield paper.rule()
    if t.aid:
        yield from _chip_lines(paper, t)
    if record:
        yield record, "", QR | CENTRED
    if duplicate:
        yield text("slip_duplicate"), "", BOLD | CENTRED
    yield from not_valid(training)
    yield from _verification_lines(paper, t, copy)


def not_valid(training: bool) -> "Iterator[Line]":
    """What every slip of a test terminal says, and of a training all the more."""
    if training:
        yield text("slip_training"), "", BOLD | CENTRED
    yield text("slip_test"), "", BOLD | CENTRED


def type_name(key: str) -> str:
    """The name of a kind of transaction, in Chinese with the English one behind it."""
    return text(key) if i18n.language() == "en" else text(key) + "/" + i18n.english(key)


def _original_lines(paper: Paper, t: Transaction) -> "Iterator[Line]":
    """What the transaction follows from: a void names a voucher, a refund a reference number, others a code."""
    if t.original_stan:
        yield from paper.pair("slip_old_voucher", "%06d" % t.original_stan)
    elif t.original_reference:
        yield from paper.pair("slip_old_reference", t.original_reference)
    elif t.original_authorisation:
        yield from paper.pair("slip_old_auth", t.original_authorisation)
    if t.original_date:
        yield from paper.pair("slip_old_date", t.original_date[:2] + "/" + t.original_date[2:])


def _chip_lines(paper: Paper, t: Transaction) -> "Iterator[Line]":
    yield from paper.pair("APP:", t.label)
    yield from paper.pair("AID:", _hex(t.aid))
    if t.cryptogram:
        yield from paper.pair(t.cryptogram_type + ":", _hex(t.cryptogram))
        yield from paper.pair("TVR:", _hex(t.tvr))
        yield from paper.pair("TSI:", _hex(t.tsi))
        yield from paper.pair("ATC:", _hex(t.atc))
    if t.sequence_number:
        yield from paper.pair("slip_sequence", t.sequence_number)


def _verification_lines(paper: Paper, t: Transaction, copy: str) -> "Iterator[Line]":
    if t.cvm == "PIN":
        yield text("slip_pin"), "", CENTRED
    elif t.cvm == "NONE":
        yield text("slip_no_cvm"), "", CENTRED
    elif copy == MERCHANT:
        yield text("slip_signature"), "", PLAIN
        yield from paper.signature()
        yield from paper.paragraph(text("slip_consent"))


def _hex(value: bytes) -> str:
    return hexlify(value).decode().upper()
