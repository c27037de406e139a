"""Application cryptograms and issuer authentication on the card's side (EMV 4.3 Book 2, 8; Annex A1).

Keys are two-key TDES, 16 bytes. Everything here is test material: the issuer master keys stand in card profiles.
"""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

_BLOCK = 8

# The objects that both CVN 10 (VIS) and CVN 01 (UnionPay, after VIS) put under the cryptogram, ahead of AIP, ATC
# and CVR: amounts, country, TVR, currency, date, type, unpredictable number.
TERMINAL_DATA = (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37)


def tdes_encrypt(key: bytes, data: bytes) -> bytes:
    """ECB under an 8-byte (single DES) or 16-byte key; `data` in whole blocks of 8 bytes."""
    wide = key * 3 if len(key) == _BLOCK else key + key[:_BLOCK]
    encryptor = Cipher(TripleDES(wide), modes.ECB()).encryptor()  # noqa: S305  the standards define it so
    return encryptor.update(data) + encryptor.finalize()


def tdes_decrypt(key: bytes, data: bytes) -> bytes:
    """The inverse of `tdes_encrypt`."""
    wide = key * 3 if len(key) == _BLOCK else key + key[:_BLOCK]
    decryptor = Cipher(TripleDES(wide), modes.ECB()).decryptor()  # noqa: S305
    return decryptor.update(data) + decryptor.finalize()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def odd_parity(key: bytes) -> bytes:
    """Every byte with its lowest bit set so that the number of ones is odd, as DES keys have it."""
    return bytes(byte & 0xFE | (bin(byte >> 1).count("1") + 1) & 1 for byte in key)


def icc_master_key_a(imk: bytes, pan: str, psn: str) -> bytes:
    """The card's unique key from an issuer master key, option A: the last 16 digits of PAN and sequence number,
    whatever the PAN's length (Book 2, A1.4.1)."""
    return _diversified(imk, bytes.fromhex((pan + psn)[-16:].rjust(16, "0")))


def icc_master_key_b(imk: bytes, pan: str, psn: str) -> bytes:
    """Option B: a PAN of more than 16 digits is hashed, so that all of its digits count (Book 2, A1.4.2)."""
    if len(pan) <= 16:
        return icc_master_key_a(imk, pan, psn)
    digits = pan + psn
    digest = hashlib.sha1(bytes.fromhex("0" * (len(digits) % 2) + digits)).hexdigest()  # noqa: S324  the standard's
    decimal = [d for d in digest if d.isdigit()]
    decimal += [str(int(d, 16) - 10) for d in digest if not d.isdigit()]
    return _diversified(imk, bytes.fromhex("".join(decimal[:16])))


def _diversified(imk: bytes, block: bytes) -> bytes:
    return odd_parity(tdes_encrypt(imk, block) + tdes_encrypt(imk, _xor(block, b"\xff" * _BLOCK)))


def unionpay_session_key(udk: bytes, atc: bytes) -> bytes:
    """The UnionPay CVN 01 session key: the ATC and its complement, each zero-extended left, under the card's key."""
    inverted = _xor(atc, b"\xff\xff")
    return tdes_encrypt(udk, bytes(6) + atc) + tdes_encrypt(udk, bytes(6) + inverted)


def mac_algorithm_3(key: bytes, data: bytes) -> bytes:
    """ISO/IEC 9797-1 MAC algorithm 3 over whole blocks: DES-CBC under the left half, the last block finished as
    TDES. Padding is the caller's."""
    left, right = key[:_BLOCK], key[_BLOCK:]
    block = bytes(_BLOCK)
    for at in range(0, len(data), _BLOCK):
        block = tdes_encrypt(left, _xor(block, data[at : at + _BLOCK]))
    return tdes_encrypt(left, tdes_decrypt(right, block))


def pad_zeros(data: bytes) -> bytes:
    """ISO/IEC 9797-1 padding method 1: zeros, none when the data fill their last block."""
    return data + bytes(-len(data) % _BLOCK)


def pad_80(data: bytes) -> bytes:
    """ISO/IEC 9797-1 padding method 2: 80, then zeros; always at least one byte."""
    return pad_zeros(data + b"\x80")


class CryptogramVersion(NamedTuple):
    """One cryptogram version: its byte in the IAD, how the card's key comes from the issuer's, the session key from
    the card's key and ATC, how the data are padded."""

    number: int
    card_key: Callable[[bytes, str, str], bytes]
    session_key: Callable[[bytes, bytes], bytes]
    pad: Callable[[bytes], bytes]

    def application_cryptogram(self, udk: bytes, atc: bytes, data: bytes) -> bytes:
        """8 bytes over `data` = terminal data, AIP, ATC, CVR in this order."""
        return mac_algorithm_3(self.session_key(udk, atc), self.pad(data))

    def arpc(self, udk: bytes, atc: bytes, arqc: bytes, arc: bytes) -> bytes:
        """Issuer authentication, method 1: the ARQC with the 2-byte response code folded in (Book 2, 8.2.1)."""
        return tdes_encrypt(self.session_key(udk, atc), _xor(arqc, arc + bytes(6)))


# By scheme and by the version byte that the card writes into its Issuer Application Data.
VERSIONS = {
    ("visa", 0x0A): CryptogramVersion(0x0A, icc_master_key_a, lambda udk, _atc: udk, pad_zeros),
    ("unionpay", 0x01): CryptogramVersion(0x01, icc_master_key_a, unionpay_session_key, pad_80),
}
