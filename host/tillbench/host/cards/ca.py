"""The test certification authority: RSA keys and the certificates of EMV 4.3 Book 2, 6.3 and 6.4.

TEST KEYS ONLY. They come from a public seed, `test_keys.json` holds them so that nobody waits for primes, and a
test makes them again and compares.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

_KEY_FILE = Path(__file__).parent / "test_keys.json"
_SEED = b"tillbench TEST KEYS"
_EXPONENT = 3
KEY_BITS = {"ca": 1152, "issuer": 1024, "icc": 896}
CAPK_INDEX = 0xFE

_ISSUER_OVERHEAD = 36  # bytes of an issuer certificate that are not modulus (Book 2, table 6)
_ICC_OVERHEAD = 42  # (Book 2, table 14)
_SERIAL_NUMBER = bytes.fromhex("000001")


class RsaKey(NamedTuple):
    """A test key pair. Sizes in bytes."""

    modulus: int
    private_exponent: int
    exponent: int = _EXPONENT

    @property
    def size(self) -> int:
        return (self.modulus.bit_length() + 7) // 8

    @property
    def modulus_bytes(self) -> bytes:
        return self.modulus.to_bytes(self.size, "big")

    @property
    def exponent_bytes(self) -> bytes:
        return self.exponent.to_bytes((self.exponent.bit_length() + 7) // 8, "big")

    def sign(self, block: bytes) -> bytes:
        """The RSA private operation on a block of the modulus' size (Book 2, B2.1)."""
        return pow(int.from_bytes(block, "big"), self.private_exponent, self.modulus).to_bytes(self.size, "big")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A CA public key as terminals hold it; `checksum` is SHA-1 over RID, index, modulus, exponent."""

    rid: bytes
    index: int
    modulus: bytes
    exponent: bytes
    checksum: bytes


class CardAuthority:
    """Signs issuer and ICC keys. One key triple serves every RID, issuer and card of the bench."""

    def __init__(self) -> None:
        stored = json.loads(_KEY_FILE.read_text("ascii"))["keys"]
        keys = {
            name: RsaKey(int(pair["modulus"], 16), int(pair["private_exponent"], 16)) for name, pair in stored.items()
        }
        self.ca_key = keys["ca"]
        self.issuer_key = keys["issuer"]
        self.icc_key = keys["icc"]

    def public_key(self, rid: bytes) -> PublicKey:
        """What a terminal must load to trust this CA's cards under `rid` (5 bytes)."""
        modulus, exponent = self.ca_key.modulus_bytes, self.ca_key.exponent_bytes
        checksum = hashlib.sha1(rid + bytes([CAPK_INDEX]) + modulus + exponent).digest()  # noqa: S324
        return PublicKey(rid, CAPK_INDEX, modulus, exponent, checksum)

    def issuer_certificate(self, iin: str, expiry: str) -> dict[int, bytes]:
        """Tags 8F, 90, 92, 9F32 for an issuer number of 3 to 8 digits; `expiry` YYMM."""
        head = b"\x02" + bytes.fromhex(iin.ljust(8, "F"))
        certificate, remainder = _certify(self.ca_key, self.issuer_key, head, expiry, _ISSUER_OVERHEAD, b"")
        return {
            0x8F: bytes([CAPK_INDEX]),
            0x90: certificate,
            0x92: remainder,
            0x9F32: self.issuer_key.exponent_bytes,
        }

    def icc_certificate(self, pan: str, expiry: str, static_data: bytes) -> dict[int, bytes]:
        """Tags 9F46, 9F47, 9F48 for a card; `static_data` are the records in offline authentication, then the AIP."""
        head = b"\x04" + bytes.fromhex(pan.ljust(20, "F"))
        certificate, remainder = _certify(self.issuer_key, self.icc_key, head, expiry, _ICC_OVERHEAD, static_data)
        return {0x9F46: certificate, 0x9F47: self.icc_key.exponent_bytes, 0x9F48: remainder}


@cache
def _certify(
    signer: RsaKey, key: RsaKey, head: bytes, expiry: str, overhead: int, static_data: bytes
) -> tuple[bytes, bytes]:
    """A certificate and the remainder of the modulus that did not fit (Book 2, tables 1 and 10)."""
    room = signer.size - overhead
    modulus, exponent = key.modulus_bytes, key.exponent_bytes
    inside, remainder = modulus[:room].ljust(room, b"\xbb"), modulus[room:]
    body = head + bytes.fromhex(expiry[2:] + expiry[:2]) + _SERIAL_NUMBER + b"\x01\x01"
    body += bytes([len(modulus), len(exponent)]) + inside
    digest = hashlib.sha1(body + remainder + exponent + static_data).digest()  # noqa: S324
    return signer.sign(b"\x6a" + body + digest + b"\xbc"), remainder


def generate_key(name: str) -> RsaKey:
    """The test key of this name (`ca`, `issuer`, `icc`), made again from the public seed. Takes a while."""
    half = KEY_BITS[name] // 2
    primes = (p for p in _candidates(name.encode(), half) if p % _EXPONENT == 2 and _is_prime(p))
    p, q = next(primes), next(primes)
    return RsaKey(p * q, pow(_EXPONENT, -1, (p - 1) * (q - 1)))


def _candidates(label: bytes, bits: int) -> Iterator[int]:
    """Odd numbers of exactly `bits` bits with the two highest set, so that a product has all its bits."""
    counter = 0
    while True:
        stream = b""
        while len(stream) * 8 < bits:
            stream += hashlib.sha256(_SEED + label + counter.to_bytes(4, "big")).digest()
            counter += 1
        yield int.from_bytes(stream[: bits // 8], "big") | 3 << (bits - 2) | 1


def _is_prime(n: int) -> bool:
    if any(n % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd = n - 1
    twos = (odd & -odd).bit_length() - 1
    odd >>= twos
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):  # Miller-Rabin; numbers from a seed are no adversary
        x = pow(base, odd, n)
        if x in (1, n - 1):
            continue
        if not any((x := x * x % n) == n - 1 for _ in range(twos - 1)):
            return False
    return True


def write_key_file() -> None:
    """Make `test_keys.json` again."""
    keys = {name: generate_key(name) for name in KEY_BITS}
    stored = {
        name: {"modulus": f"{key.modulus:X}", "private_exponent": f"{key.private_exponent:X}"}
        for name, key in keys.items()
    }
    content = {"warning": "TEST KEYS: made from a public seed, worth nothing", "keys": stored}
    _KEY_FILE.write_text(json.dumps(content, indent=2) + "\n", "ascii")
