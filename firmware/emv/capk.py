"""Certification authority public keys (EMV Book 2 sections 5.2, 10 and 11.2; Book 4 section 10.1)."""

from crypto.rsa import ALLOWED_EXPONENTS
from crypto.sha1 import SHA1

from emv.dates import sortable
from emv.errors import EmvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from emv.transaction import Transaction

_LONGEST = 248  # bytes: 1984 bits
_SHORTEST = 64


class Capk:
    """One key of a payment system.

    rid: 5 bytes; index: 8F of the cards that use it; modulus: 64 to 248 bytes; exponent: 3 or 65537;
    checksum: SHA-1 over RID, index, modulus and exponent, 20 bytes; expiry: YYMMDD in 3 bytes BCD, empty if not known:
    after that day the key counts as not loaded.
    Raises EmvError("CONFIG") naming what is wrong, also if the checksum does not fit: a damaged key would fail cards.
    """

    def __init__(
        self, rid: bytes, index: int, modulus: bytes, exponent: int, checksum: bytes, expiry: bytes = b""
    ) -> None:
        if len(rid) != 5:
            raise EmvError("CONFIG", "CA public key: RID: expected 5 bytes, found %d" % len(rid))
        if not 0 <= index <= 0xFF:
            raise EmvError("CONFIG", "CA public key: index: expected 0 to 255, found %d" % index)
        if not _SHORTEST <= len(modulus) <= _LONGEST or not modulus[0]:
            raise EmvError(
                "CONFIG",
                "CA public key %02X: modulus: expected %d to %d bytes, the first not 00, found %d"
                % (index, _SHORTEST, _LONGEST, len(modulus)),
            )
        if exponent not in ALLOWED_EXPONENTS:
            raise EmvError("CONFIG", "CA public key %02X: exponent: expected 3 or 65537, found %d" % (index, exponent))
        if len(expiry) not in (0, 3):
            raise EmvError("CONFIG", "CA public key %02X: expiry: expected 3 bytes, found %d" % (index, len(expiry)))
        found = SHA1(rid)
        found.update(bytes((index,)))
        found.update(modulus)
        found.update(exponent.to_bytes(1 if exponent == 3 else 3, "big"))
        if found.digest() != checksum:
            raise EmvError("CONFIG", "CA public key %02X: checksum does not fit RID, index, modulus, exponent" % index)
        self.rid = rid
        self.index = index
        self.modulus = modulus
        self.exponent = exponent
        self.expiry = expiry


def find(tx: Transaction, rid: bytes, index: int) -> Capk | None:
    """The terminal's key with this RID and index that has not expired on the transaction date, None without one."""
    for key in tx.config.capks:
        if key.rid == rid and key.index == index:
            if key.expiry and sortable(key.expiry) < sortable(tx.data[0x9A]):
                return None
            return key
    return None
