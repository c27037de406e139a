"""Initiate application processing: the transaction's own data, GET PROCESSING OPTIONS (EMV Book 3 section 10.1)."""

from micropython import const

from emv.command import SW_OK, send
from emv.dol import fill
from emv.errors import EmvError
from emv.tlv import members, template
from emv.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray

_SW_CONDITIONS_NOT_SATISFIED = const(0x6985)
_FORMAT_1 = const(0x80)  # Response Message Template Format 1
_FORMAT_2 = const(0x77)  # Response Message Template Format 2
_AIP = const(0x82)  # Application Interchange Profile
_COMMAND_TEMPLATE = const(0x83)
_AFL = const(0x94)  # Application File Locator
_PDOL = const(0x9F38)
_AMOUNT_LIMIT = const(1000000000000)  # n 12


def begin(
    tx: Transaction,
    amount: int,
    other: int,
    transaction_type: int,
    date: bytes,
    time: bytes,
    stan: int,
    account_type: int | None = None,
) -> None:
    """Fill in the terminal's data elements, zero TVR and TSI, draw a fresh unpredictable number.

    amount (9F02, includes other), other (9F03): minor units; transaction_type: 9C; date: 9A, YYMMDD BCD;
    time: 9F21, HHMMSS BCD; stan: 9F41, up to 8 digits; account_type: 5F57, None if the cardholder chose none.
    """
    if not 0 <= other <= amount < _AMOUNT_LIMIT:
        raise EmvError("CONFIG", "9F02, 9F03: expected 0 <= other <= amount < 10^12")
    if len(date) != 3 or len(time) != 3:
        raise EmvError("CONFIG", "9A, 9F21: expected 3 bytes each, found %d and %d" % (len(date), len(time)))
    config = tx.config
    tx.amount = amount
    tx.other = other
    tx.must_reverse = False
    for i in range(5):
        tx.tvr[i] = 0
    tx.tsi[0] = tx.tsi[1] = 0
    data = tx.data
    data[0x81] = _binary(amount)  # Amount, Authorised (Binary)
    data[0x95] = tx.tvr  # Terminal Verification Results
    data[0x9A] = date  # Transaction Date
    data[0x9B] = tx.tsi  # Transaction Status Information
    data[0x9C] = bytes((transaction_type,))  # Transaction Type
    data[0x5F2A] = config.currency  # Transaction Currency Code
    data[0x5F36] = bytes((config.exponent,))  # Transaction Currency Exponent
    data[0x9F02] = bcd(amount, 6)  # Amount, Authorised (Numeric)
    data[0x9F03] = bcd(other, 6)  # Amount, Other (Numeric)
    data[0x9F04] = _binary(other)  # Amount, Other (Binary)
    data[0x9F09] = tx.aid.version  # Application Version Number (terminal)
    data[0x9F1A] = config.country  # Terminal Country Code
    data[0x9F1B] = _binary(tx.aid.floor_limit)  # Terminal Floor Limit
    data[0x9F1E] = config.serial  # Interface Device (IFD) Serial Number
    data[0x9F21] = time  # Transaction Time
    data[0x9F33] = config.capabilities  # Terminal Capabilities
    data[0x9F34] = b"\x3f\x00\x00"  # Cardholder Verification Method (CVM) Results
    data[0x9F35] = bytes((config.terminal_type,))  # Terminal Type
    data[0x9F37] = tx.entropy(4)  # Unpredictable Number
    data[0x9F40] = config.additional  # Additional Terminal Capabilities
    data[0x9F41] = bcd(stan, 4)  # Transaction Sequence Counter
    for tag, value in (
        (0x9F01, config.acquirer),  # Acquirer Identifier
        (0x9F15, config.category),  # Merchant Category Code
        (0x9F16, config.merchant),  # Merchant Identifier
        (0x9F1C, config.terminal),  # Terminal Identification
        (0x9F4E, config.merchant_name),  # Merchant Name and Location
    ):
        if value:
            data[tag] = value
    if account_type is not None:
        data[0x5F57] = bytes((account_type,))  # Account Type


async def get_processing_options(tx: Transaction) -> None:
    """Send the PDOL's values, store AIP (82) and AFL (94).

    Raises EmvError("RESELECT") for 6985, "TERMINATE" for any other status, "FORMAT" for a malformed answer.
    """
    values = fill(tx.data.get(_PDOL, b""), tx.data)
    tx.pdol_values = values
    header = b"\x83\x81" if len(values) > 0x7F else b"\x83"
    response, sw = await send(tx, 0x80, 0xA8, 0x00, 0x00, header + bytes((len(values) & 0xFF,)) + values)
    if sw == _SW_CONDITIONS_NOT_SATISFIED:
        raise EmvError("RESELECT", "GET PROCESSING OPTIONS: 6985")
    if sw != SW_OK:
        raise EmvError("TERMINATE", "GET PROCESSING OPTIONS: SW %04X" % sw)
    if response[:1] == b"\x80":
        start, stop = template(response, _FORMAT_1)
        if stop - start < 6:
            raise EmvError("FORMAT", "template 80: expected AIP and AFL, found %d bytes" % (stop - start))
        tx.store(_AIP, response[start : start + 2])
        tx.store(_AFL, response[start + 2 : stop])
    else:
        for tag, start, stop in members(response, _FORMAT_2):
            tx.store(tag, response[start:stop])
    for tag in (_AIP, _AFL):
        if tag not in tx.data:
            raise EmvError("FORMAT", "GET PROCESSING OPTIONS: tag %X is missing" % tag)


def bcd(value: int, size: int) -> bytes:
    """Return `value` as packed decimal in `size` bytes, leading zeros; higher digits are lost."""
    out = bytearray(size)
    for i in range(size - 1, -1, -1):
        low = value % 10
        value //= 10
        out[i] = value % 10 << 4 | low
        value //= 10
    return bytes(out)


def _binary(value: int) -> bytes:
    """Four bytes; what does not fit says so by the largest number."""
    return min(value, 0xFFFFFFFF).to_bytes(4, "big")
