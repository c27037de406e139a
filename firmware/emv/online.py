"""Online processing: DE 55 of the request, DE 55 of the answer (EMV Book 3 section 10.9, Book 4 section 12)."""

from micropython import const

from emv.errors import EmvError
from emv.tlv import encode, walk
from emv.transaction import Transaction

_ISSUER_AUTHENTICATION_DATA = const(0x91)
_SCRIPT_1 = const(0x71)  # Issuer Script Template 1, before the second GENERATE AC
_SCRIPT_2 = const(0x72)  # Issuer Script Template 2, after it
_SCRIPT_RESULTS = const(0x9F5B)  # Issuer Script Results

# The UnionPay POS dialect's order for a sale; two bytes a tag. From 9F34 on they are optional.
SALE = (
    b"\x9f\x26\x9f\x27\x9f\x10\x9f\x37\x9f\x36\x00\x95\x00\x9a\x00\x9c\x9f\x02\x5f\x2a\x00\x82\x9f\x1a\x9f\x03\x9f\x33"
    b"\x9f\x34\x9f\x35\x9f\x1e\x00\x84\x9f\x09\x9f\x41\x9f\x63"
)
# The same for a reversal; DF31 carries the issuer script results.
REVERSAL = b"\x00\x95\x9f\x1e\x9f\x10\x9f\x36\xdf\x31"
_SCRIPT_RESULTS_UNIONPAY = const(0xDF31)


def build(tx: Transaction, tags: bytes) -> bytes:
    """Return the TLV objects of `tags` (two bytes each) that this transaction has, in that order, for DE 55."""
    out = bytearray()
    for i in range(0, len(tags), 2):
        tag = tags[i] << 8 | tags[i + 1]
        value = tx.data.get(_SCRIPT_RESULTS if tag == _SCRIPT_RESULTS_UNIONPAY else tag)
        if value is not None:
            out.extend(encode(tag, value))
    return bytes(out)


def take_answer(tx: Transaction, issuer_data: bytes) -> None:
    """Store 91 of the answer; keep its scripts, with the result "not performed" until they are.

    Raises EmvError("ISSUER_DATA") if the data is malformed or 91 is not 8 to 16 bytes long; nothing is stored then.
    """
    authentication = None
    scripts: list[tuple[int, bytes]] = []
    try:
        for tag, start, stop in walk(issuer_data):
            if tag == _ISSUER_AUTHENTICATION_DATA:
                if authentication is not None or not 8 <= stop - start <= 16:
                    raise EmvError("FORMAT", "91: expected once, 8 to 16 bytes, found %d" % (stop - start))
                authentication = issuer_data[start:stop]
            elif tag == _SCRIPT_1 or tag == _SCRIPT_2:
                scripts.append((tag, issuer_data[start:stop]))
    except EmvError as error:
        raise EmvError("ISSUER_DATA", error.detail)
    if authentication is not None:
        tx.data[_ISSUER_AUTHENTICATION_DATA] = authentication
    tx.scripts = scripts
    if scripts:
        from emv.scripts import announce

        announce(tx)
