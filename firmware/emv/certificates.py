"""Public key certificates: issuer, ICC and ICC PIN encipherment keys (EMV Book 2 sections 5.3, 6.3, 6.4 and 7.1).

A recovered block is `6A`, format, ..., hash (20), `BC`. A key is a tuple (modulus, exponent).
"""

from crypto.rsa import ALLOWED_EXPONENTS, apply
from crypto.sha1 import SHA1
from micropython import const

from emv.capk import find
from emv.dates import sortable
from emv.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray
    Key = tuple[bytes, int]

CA_INDEX = const(0x8F)  # Certification Authority Public Key Index
ISSUER_CERTIFICATE = const(0x90)
ISSUER_REMAINDER = const(0x92)
ISSUER_EXPONENT = const(0x9F32)
ICC_CERTIFICATE = const(0x9F46)
ICC_EXPONENT = const(0x9F47)
ICC_REMAINDER = const(0x9F48)
PIN_CERTIFICATE = const(0x9F2D)
PIN_EXPONENT = const(0x9F2E)
PIN_REMAINDER = const(0x9F2F)
_PAN = const(0x5A)
_AIP = const(0x82)
_TRANSACTION_DATE = const(0x9A)
_AID = const(0x9F06)
_CA_INDEX_TERMINAL = const(0x9F22)
_STATIC_TAG_LIST = const(0x9F4A)  # Static Data Authentication Tag List

_ISSUER_FORMAT = const(0x02)
_ICC_FORMAT = const(0x04)
_ISSUER_HEAD = const(15)  # bytes before the modulus: 6A, format, IIN (4), expiry (2), serial (3), 01, 01, two lengths
_ICC_HEAD = const(21)  # the same with the PAN (10)
_TAIL = const(21)  # hash, BC
_RID = const(5)
_ONLY_AIP = b"\x82"


class NotAuthentic(Exception):
    """A certificate or signature is not what it should be; `why` names it, `missing`: a data element is not there."""

    def __init__(self, why: str, missing: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.missing = missing


def require(tx: Transaction, tags: tuple[int, ...]) -> None:
    """Raise NotAuthentic unless the card gave all these data elements (Book 3 section 7.2)."""
    for tag in tags:
        if tag not in tx.data:
            raise NotAuthentic("%X is missing" % tag, True)


def recover(name: str, signature: Buffer, key: Key, data_format: int, least: int) -> bytes:
    """The block inside a signature, after the checks of length, header, format and trailer.

    least: bytes that a block of this format has at the least.
    """
    modulus, exponent = key
    if len(signature) != len(modulus):
        raise NotAuthentic("%s: %d bytes under a key of %d" % (name, len(signature), len(modulus)))
    if len(modulus) < least:
        raise NotAuthentic("%s: the key of %d bytes is too short" % (name, len(modulus)))
    block = apply(signature, modulus, exponent)
    if block[-1] != 0xBC:
        raise NotAuthentic("%s: trailer %02X" % (name, block[-1]))
    if block[0] != 0x6A:
        raise NotAuthentic("%s: header %02X" % (name, block[0]))
    if block[1] != data_format:
        raise NotAuthentic("%s: format %02X" % (name, block[1]))
    return block


def check_hash(name: str, block: bytes, parts: list[Buffer | memoryview]) -> None:
    """Compare the block's hash with that of its own content and `parts`."""
    view = memoryview(block)
    sha1 = SHA1(view[1:-_TAIL])
    for part in parts:
        sha1.update(part)
    if sha1.digest() != block[-_TAIL:-1]:
        raise NotAuthentic("%s: hash" % name)


def static_data(tx: Transaction) -> list[Buffer | memoryview]:
    """The static data to be authenticated (Book 3 section 10.3): the signed records, then the AIP if 9F4A says so."""
    if tx.signed_records is None:
        raise NotAuthentic("a signed record is no template 70")
    parts = tx.signed_records[:]
    tags = tx.data.get(_STATIC_TAG_LIST)
    if tags is not None:
        if tags != _ONLY_AIP:
            raise NotAuthentic("9F4A: other than 82")
        parts.append(tx.data[_AIP])
    return parts


def issuer_key(tx: Transaction) -> Key:
    """Recover the issuer public key with the CA key that RID and 8F name (sections 5.2, 5.3)."""
    require(tx, (CA_INDEX, ISSUER_CERTIFICATE, ISSUER_EXPONENT))
    index = tx.data[CA_INDEX]
    rid = bytes(tx.data[_AID][:_RID])
    ca = find(tx, rid, index[0]) if len(index) == 1 else None
    if ca is None:
        raise NotAuthentic("8F: no valid CA public key of this index")
    tx.data[_CA_INDEX_TERMINAL] = index
    name = "issuer certificate"
    block = recover(name, tx.data[ISSUER_CERTIFICATE], (ca.modulus, ca.exponent), _ISSUER_FORMAT, _ISSUER_HEAD + _TAIL)
    remainder = _require_remainder(tx, block, _ISSUER_HEAD, ISSUER_REMAINDER)
    exponent = tx.data[ISSUER_EXPONENT]
    check_hash(name, block, [remainder, exponent])
    identifier = digits(block[2:6])
    if not 3 <= len(identifier) <= 8 or not digits(tx.data[_PAN]).startswith(identifier):
        raise NotAuthentic("issuer certificate: of another issuer")
    _check_expiry(tx, name, block[6:8])
    if is_revoked(tx.config.revoked, rid + index + block[8:11]):
        raise NotAuthentic("issuer certificate: revoked")
    return _key(name, block, _ISSUER_HEAD, remainder, exponent)


def icc_key(tx: Transaction) -> Key:
    """Recover the ICC public key; the static data is in its hash (section 6.4)."""
    require(tx, (CA_INDEX, ISSUER_CERTIFICATE, ISSUER_EXPONENT, ICC_CERTIFICATE, ICC_EXPONENT))
    return _card_key(tx, "ICC certificate", ICC_CERTIFICATE, ICC_REMAINDER, ICC_EXPONENT, static_data(tx))


def pin_key(tx: Transaction) -> Key:
    """Recover the ICC PIN encipherment public key (section 7.1); no static data is in its hash."""
    require(tx, (CA_INDEX, ISSUER_CERTIFICATE, ISSUER_EXPONENT, PIN_CERTIFICATE, PIN_EXPONENT))
    return _card_key(tx, "ICC PIN certificate", PIN_CERTIFICATE, PIN_REMAINDER, PIN_EXPONENT, [])


def _card_key(
    tx: Transaction,
    name: str,
    certificate_tag: int,
    remainder_tag: int,
    exponent_tag: int,
    static: list[Buffer | memoryview],
) -> Key:
    block = recover(name, tx.data[certificate_tag], issuer_key(tx), _ICC_FORMAT, _ICC_HEAD + _TAIL)
    remainder = _require_remainder(tx, block, _ICC_HEAD, remainder_tag)
    exponent = tx.data[exponent_tag]
    parts: list[Buffer | memoryview] = [remainder, exponent]
    parts.extend(static)
    check_hash(name, block, parts)
    if digits(block[2:12]) != digits(tx.data[_PAN]):
        raise NotAuthentic("%s: of another PAN" % name)
    _check_expiry(tx, name, block[12:14])
    return _key(name, block, _ICC_HEAD, remainder, exponent)


def _require_remainder(tx: Transaction, block: bytes, head: int, tag: int) -> Buffer:
    """The remainder of the key, empty if the certificate holds the whole key (Book 3 sections 7.2, 7.5)."""
    if block[head - 2] > len(block) - head - _TAIL:
        require(tx, (tag,))
    return tx.data.get(tag, b"")


def _key(name: str, block: bytes, head: int, remainder: Buffer, exponent: Buffer) -> Key:
    """The key of a certificate: algorithms, then the modulus, part of which may be in the remainder."""
    if block[head - 4] != 1 or block[head - 3] != 1:
        raise NotAuthentic("%s: algorithms %02X %02X" % (name, block[head - 4], block[head - 3]))
    size = block[head - 2]
    room = len(block) - head - _TAIL
    if not 0 < size <= len(block):
        raise NotAuthentic("%s: key of %d bytes in %d" % (name, size, len(block)))
    modulus = block[head : head + min(size, room)]
    if size > room:
        modulus += remainder
    if len(modulus) != size or not modulus[0]:
        raise NotAuthentic("%s: key of %d bytes, %d found" % (name, size, len(modulus)))
    if len(exponent) != block[head - 1]:
        raise NotAuthentic("%s: exponent of %d bytes, %d found" % (name, block[head - 1], len(exponent)))
    value = int.from_bytes(exponent, "big")
    if value not in ALLOWED_EXPONENTS:
        raise NotAuthentic("%s: exponent is neither 3 nor 65537" % name)
    return modulus, value


def _check_expiry(tx: Transaction, name: str, expiry: bytes) -> None:
    """MMYY: valid to the last day of the month, against the transaction date (5.3 step 9, 6.4 step 8)."""
    if not 0x01 <= expiry[0] <= 0x12 or sortable(bytes((expiry[1], expiry[0], 0x31))) < sortable(
        tx.data[_TRANSACTION_DATE]
    ):
        raise NotAuthentic("%s: expired" % name)


def is_revoked(revoked: bytes, entry: bytes) -> bool:
    """Whether the list (entries of RID, index, serial number: 9 bytes, section 5.1.2) has this one."""
    for i in range(0, len(revoked), 9):
        if revoked[i : i + 9] == entry:
            return True
    return False


def digits(number: Buffer) -> str:
    """Packed digits as text, without the F they are padded with."""
    return "".join("%02X" % byte for byte in number).rstrip("F")
