"""DES and Triple DES in electronic code book mode, the cipher under every key of the UnionPay POS dialect."""

from collections.abc import Callable
from functools import lru_cache

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.modes import ECB

BLOCK = 8
KEPT = 4096


def _cipher(key: bytes) -> Cipher[ECB]:
    """Spread a key of 8, 16 or 24 bytes over the three DES stages (NIST SP 800-67, keying options 3, 2, 1)."""
    if len(key) not in (8, 16, 24):
        raise ValueError(f"DES key: expected 8, 16 or 24 bytes, found {len(key)}")
    # The library is about to drop the short forms, so the full 24 bytes are always given.
    return Cipher(TripleDES((key + key + key)[:24]), ECB())  # noqa: S305 (the dialect demands it)


# A key schedule costs as much as a hundred blocks, and a working key is used for a day. In electronic code book mode
# a cipher has no state between whole blocks, so that it can be kept; only what is used again and again is worth it.


@lru_cache(KEPT)
def _encryptor(key: bytes) -> CipherContext:
    return _cipher(key).encryptor()


@lru_cache(KEPT)
def _decryptor(key: bytes) -> CipherContext:
    return _cipher(key).decryptor()


def encrypt(key: bytes, data: bytes) -> bytes:
    """Encrypt whole 8-byte blocks, each for itself.

    Raises ValueError for a key that is not 8, 16 or 24 bytes, or data that is not whole blocks.
    """
    return _encryptor(key).update(_whole_blocks(data))


def encipherer(key: bytes) -> Callable[[bytes], bytes]:
    """`encrypt` under one key, for data that are whole blocks: this is not checked. Raises ValueError for a key that
    is not 8, 16 or 24 bytes."""
    return _encryptor(key).update


def decrypt(key: bytes, data: bytes) -> bytes:
    """Decrypt whole 8-byte blocks, each for itself. Raises ValueError as `encrypt` does."""
    return _decryptor(key).update(_whole_blocks(data))


def _whole_blocks(data: bytes) -> bytes:
    if len(data) % BLOCK:
        raise ValueError(f"DES data: expected whole blocks of {BLOCK} bytes, found {len(data)} bytes")
    return data


def check_value(key: bytes) -> bytes:
    """Key check value: the first 4 bytes of eight zero bytes encrypted under the key."""
    return encrypt(key, bytes(BLOCK))[:4]


def odd_parity(key: bytes) -> bytes:
    """Give every byte an odd number of ones in its lowest bit (FIPS 46-3); the cipher ignores that bit."""
    return bytes(byte & 0xFE | (byte >> 1).bit_count() & 1 ^ 1 for byte in key)
