"""Application cryptograms and issuer authentication on the card's side (EMV 4.3 Book 2, 8; Annex A1).

Keys are two-key TDES, 16 bytes. Everything here is test material: the issuer master keys stand in card profiles.
"""

import hashlib

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

_BLOCK = 8


def tdes_encrypt(key: bytes, data: bytes) -> bytes:
    """ECB under an 8-byte (single DES) or 16-byte key; `data` in whole blocks of 8 bytes."""
    wide = key * 3 if len(key) == _BLOCK else key + key[:_BLOCK]
    encryptor = Cipher(TripleDES(wide), modes.ECB()).encryptor()  # noqa: S305  the standards define it so
    return encryptor.update(data) + encryptor.finalize()


def tdes_decrypt(key: bytes, data: bytes) -> bytes:
    """The inverse of `tdes_encrypt`."""
    wide = key * 3 if len(key) == _BLOCK else key + key[:_BLOCK]
    decryptor = Cipher(TripleDES(wide), modes.ECB()).decryptor()  # noqa: S305  as above
    return decryptor.update(data) + decryptor.finalize()


def xor(left: bytes, right: bytes) -> bytes:
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
    return odd_parity(tdes_encrypt(imk, block) + tdes_encrypt(imk, xor(block, b"\xff" * _BLOCK)))


def unionpay_session_key(udk: bytes, atc: bytes) -> bytes:
    """The UnionPay session key, of cryptograms and of scripts: the ATC and its complement, each zero-extended left,
    under the card's key (JR/T 0025.7; two public examples are in the tests)."""
    inverted = xor(atc, b"\xff\xff")
    return tdes_encrypt(udk, bytes(6) + atc) + tdes_encrypt(udk, bytes(6) + inverted)


def common_session_key(master: bytes, diversifier: bytes) -> bytes:
    """EMV common session key derivation from 8 bytes: ATC and zeros, ATC 0000 and unpredictable number, or the ARQC
    (Book 2, A1.3.1)."""
    left = diversifier[:2] + b"\xf0" + diversifier[3:]
    right = diversifier[:2] + b"\x0f" + diversifier[3:]
    return odd_parity(tdes_encrypt(master, left) + tdes_encrypt(master, right))


def visa_script_key(master: bytes, atc: bytes) -> bytes:
    """The secure messaging session key of VIS: the ATC folded into the left half, its complement into the right."""
    inverted = xor(atc, b"\xff\xff")
    return odd_parity(xor(master, bytes(6) + atc + bytes(6) + inverted))


def mac_algorithm_3(key: bytes, data: bytes) -> bytes:
    """ISO/IEC 9797-1 MAC algorithm 3 over whole blocks: DES-CBC under the left half, the last block finished as
    TDES. Padding is the caller's."""
    left, right = key[:_BLOCK], key[_BLOCK:]
    block = bytes(_BLOCK)
    for at in range(0, len(data), _BLOCK):
        block = tdes_encrypt(left, xor(block, data[at : at + _BLOCK]))
    return tdes_encrypt(left, tdes_decrypt(right, block))


def tdes_cbc_decrypt(key: bytes, data: bytes) -> bytes:
    """CBC with an initial vector of zeros; `data` in whole blocks."""
    return xor(tdes_decrypt(key, data), bytes(_BLOCK) + data[:-_BLOCK])


def pad_zeros(data: bytes) -> bytes:
    """ISO/IEC 9797-1 padding method 1: zeros, none when the data fill their last block."""
    return data + bytes(-len(data) % _BLOCK)


def pad_80(data: bytes) -> bytes:
    """ISO/IEC 9797-1 padding method 2: 80, then zeros; always at least one byte."""
    return pad_zeros(data + b"\x80")
