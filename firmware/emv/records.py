"""Read application data: the records that the AFL names (EMV Book 3 sections 10.2 and 7.2, 7.5)."""

from micropython import const

from emv.command import SW_OK, send
from emv.errors import EmvError
from emv.oda import needs_signed_records
from emv.tlv import is_constructed, template, walk
from emv.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray

_RECORD = const(0x70)  # READ RECORD Response Message Template
_AFL = const(0x94)  # Application File Locator
_PAN = const(0x5A)  # Application Primary Account Number
_CDOL1 = const(0x8C)
_CDOL2 = const(0x8D)
_EXPIRATION_DATE = const(0x5F24)  # Application Expiration Date
_EFFECTIVE_DATE = const(0x5F25)  # Application Effective Date

_LAST_EMV_SFI = const(10)  # files 11 to 30 are the payment system's and the issuer's: read, not interpreted


def check_afl(afl: Buffer) -> None:
    """Raise EmvError("FORMAT") unless every entry of the AFL is as in section 10.2."""
    if not afl or len(afl) % 4:
        raise EmvError("FORMAT", "94: expected groups of 4 bytes, found %d bytes" % len(afl))
    for i in range(0, len(afl), 4):
        sfi = afl[i] >> 3
        first = afl[i + 1]
        last = afl[i + 2]
        if afl[i] & 7 or not 1 <= sfi <= 30:
            raise EmvError("FORMAT", "94 offset %d: expected SFI 1 to 30, found byte %02X" % (i, afl[i]))
        if first == 0 or last < first:
            raise EmvError("FORMAT", "94 offset %d: records %d to %d" % (i, first, last))
        if afl[i + 3] > last - first + 1:
            raise EmvError("FORMAT", "94 offset %d: %d records signed of %d" % (i, afl[i + 3], last - first + 1))


async def read_records(tx: Transaction) -> None:
    """Read every record in the order of the AFL, store its data elements, check the mandatory ones.

    Raises EmvError("TERMINATE") for a status other than 9000, "FORMAT" for malformed, repeated or missing data.
    """
    afl = tx.data[_AFL]
    check_afl(afl)
    keep = needs_signed_records(tx)
    for i in range(0, len(afl), 4):
        sfi = afl[i] >> 3
        for record in range(afl[i + 1], afl[i + 2] + 1):
            response, sw = await send(tx, 0x00, 0xB2, record, sfi << 3 | 4)
            if sw != SW_OK:
                raise EmvError("TERMINATE", "READ RECORD %d of file %d: SW %04X" % (record, sfi, sw))
            signed = keep and record - afl[i + 1] < afl[i + 3]
            if sfi <= _LAST_EMV_SFI:
                _store(tx, response, signed)
            elif signed:
                tx.sign_record(_whole(response))
    for tag in (_PAN, _EXPIRATION_DATE, _CDOL1, _CDOL2):
        if tag not in tx.data:
            raise EmvError("FORMAT", "records: mandatory tag %X is missing" % tag)
    for tag in (_EXPIRATION_DATE, _EFFECTIVE_DATE):
        if tag in tx.data:
            _check_date(tag, tx.data[tag])


def _store(tx: Transaction, record: bytes, signed: bool) -> None:
    first, last = template(record, _RECORD)
    for tag, start, stop in walk(record, first, last):
        if not is_constructed(tag):
            tx.store(tag, record[start:stop])
    if signed:
        tx.sign_record(memoryview(record)[first:last])


def _whole(record: bytes) -> memoryview | None:
    """Files 11 to 30 are signed with tag and length, and must be template 70 too (section 10.3)."""
    try:
        template(record, _RECORD)
    except EmvError:
        return None
    return memoryview(record)


def _check_date(tag: int, date: Buffer) -> None:
    """YYMMDD, packed decimal, month and day in range (section 7.5)."""
    month = date[1]
    day = date[2]
    for byte in date:
        if byte >> 4 > 9 or byte & 0x0F > 9:
            raise EmvError("FORMAT", "tag %X: expected decimal digits" % tag)
    if not 0x01 <= month <= 0x12 or not 0x01 <= day <= 0x31:
        raise EmvError("FORMAT", "tag %X: month %02X, day %02X out of range" % (tag, month, day))
