"""Certificates and signatures of offline data authentication (EMV 4.3 Book 2, 5.1, 5.4, 6.1, 6.3 to 6.6, 7.1).

Each function takes the set of faults (`oda_profile.FAULTS`, without the part's name) that its result shall have. A
wrong field is hashed as it stands, so that it is the only thing wrong.
"""

import hashlib
from functools import lru_cache
from typing import NamedTuple

from tillbench.host.cards.rsa_keys import RsaKey

ISSUER_FORMAT = 0x02
ICC_FORMAT = 0x04  # also of a PIN encipherment key (Book 2, 7.1)
_STATIC_FORMAT = 0x03
_DYNAMIC_FORMAT = 0x05
_SHA_1 = 0x01
_RSA = 0x01
_OTHER_ALGORITHM = 0x02
_HEADER, _TRAILER = 0x6A, 0xBC
_ISSUER_OVERHEAD = 36  # bytes of an issuer certificate that are not modulus (Book 2, table 6)
_ICC_OVERHEAD = 42  # (Book 2, table 14)
_SIGNATURE_OVERHEAD = 22  # header, hash, trailer
Faults = frozenset[str]


class Subject(NamedTuple):
    """Whom a certificate is for: its format byte, issuer number (4 bytes) or PAN (10 bytes), both padded with F, its
    last month YYMM, its serial number (3 bytes)."""

    format: int
    identifier: bytes
    expiry: str
    serial: bytes


class Certificate(NamedTuple):
    """Three values as they stand in the records; empty where the card has none."""

    certificate: bytes
    remainder: bytes
    exponent: bytes


@lru_cache(maxsize=512)  # a shelf of cards shares its issuers, and a private operation takes milliseconds
def certify(signer: RsaKey, subject: Subject, key: RsaKey, static_data: bytes, faults: Faults) -> Certificate:
    """A public key certificate (Book 2, tables 2, 10 and 20). `static_data` is empty but for an ICC key."""
    room = signer.size - (_ISSUER_OVERHEAD if subject.format == ISSUER_FORMAT else _ICC_OVERHEAD)
    modulus, exponent = key.modulus_bytes, key.exponent_bytes
    inside, remainder = modulus[:room].ljust(room, b"\xbb"), modulus[room:]
    identifier = bytearray(subject.identifier)
    if "identifier" in faults:
        identifier[0] ^= 0x01
    body = bytes([subject.format ^ 0x10 if "format" in faults else subject.format]) + bytes(identifier)
    body += bytes.fromhex(subject.expiry[2:] + subject.expiry[:2]) + subject.serial
    body += bytes([_OTHER_ALGORITHM if "hash-algorithm" in faults else _SHA_1])
    body += bytes([_OTHER_ALGORITHM if "key-algorithm" in faults else _RSA])
    body += bytes([len(modulus) + ("key-length" in faults), len(exponent)]) + inside
    if "data" in faults:
        static_data = _with_last_bit_turned(static_data)
    certificate = _sign(signer, body, remainder + exponent + static_data, faults)
    if "remainder" in faults:
        remainder = _with_last_bit_turned(remainder)
    if "no-remainder" in faults:
        remainder = b""
    if "exponent" in faults:
        exponent = b"\x01\x00\x01" if exponent == b"\x03" else b"\x03"
    if "no-exponent" in faults:
        exponent = b""
    return Certificate(certificate, remainder, exponent)


def sign_static_data(issuer: RsaKey, code: bytes, static_data: bytes, faults: Faults) -> bytes:
    """Signed Static Application Data, tag 93 (Book 2, table 3). `code` is the Data Authentication Code, 2 bytes."""
    body = _head(_STATIC_FORMAT, faults) + code
    body = body.ljust(issuer.size - _SIGNATURE_OVERHEAD, b"\xbb")
    if "data" in faults:
        static_data = _with_last_bit_turned(static_data)
    return _sign(issuer, body, static_data, faults)


def sign_dynamic_data(icc: RsaKey, dynamic: bytes, terminal_data: bytes, faults: Faults) -> bytes:
    """Signed Dynamic Application Data, tag 9F4B (Book 2, tables 15 and 19). `dynamic` begins with the length of the
    ICC Dynamic Number."""
    if "number-length" in faults:
        dynamic = bytes([len(dynamic)]) + dynamic[1:]
    body = _head(_DYNAMIC_FORMAT, faults) + bytes([len(dynamic) + ("data-length" in faults)]) + dynamic
    body = body.ljust(icc.size - _SIGNATURE_OVERHEAD, b"\xbb")
    if "data" in faults:
        terminal_data = _with_last_bit_turned(terminal_data)
    return _sign(icc, body, terminal_data, faults)


def _head(number: int, faults: Faults) -> bytes:
    algorithm = _OTHER_ALGORITHM if "hash-algorithm" in faults else _SHA_1
    return bytes([number ^ 0x10 if "format" in faults else number, algorithm])


def _sign(signer: RsaKey, body: bytes, also_hashed: bytes, faults: Faults) -> bytes:
    """The block 6A, body, hash, BC under the private key; empty when it is to be missing."""
    if "missing" in faults:
        return b""
    digest = hashlib.sha1(body + also_hashed).digest()  # noqa: S324  the standard's hash
    if "hash" in faults:
        digest = _with_last_bit_turned(digest)
    header = _HEADER + ("header" in faults)
    trailer = _TRAILER + ("trailer" in faults)
    signature = signer.sign(bytes([header]) + body + digest + bytes([trailer]))
    return signature[:-1] if "length" in faults else signature


def _with_last_bit_turned(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 0x01]) if data else b"\x01"
