"""DES and Triple DES in electronic code book mode, the cipher under every key of the UnionPay POS dialect."""

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import ECB

BLOCK = 8


def _cipher(key: bytes) -> Cipher[ECB]:
    """Spread a key of 8, 16 or 24 bytes over the three DES stages (NIST SP 800-67, keying options 3, 2, 1)."""
    if len(key) not in (8, 16, 24):
        raise ValueError(f"DES key: expected 8, 16 or 24 bytes, found {len(key)}")
    # The library is about to drop the short forms, so the full 24 bytes are always given.
    return Cipher(TripleDES((key + key + key)[:24]), ECB())  # noqa: S305 (the dialect demands it)


def encrypt(key: bytes, data: bytes) -> bytes:
    """Encrypt whole 8-byte blocks, each for itself.

    Raises ValueError for a key that is not 8, 16 or 24 bytes, or data that is not whole blocks.
    """
    encryptor = _cipher(key).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def decrypt(key: bytes, data: bytes) -> bytes:
    """Decrypt whole 8-byte blocks, each for itself. Raises ValueError as `encrypt` does."""
    decryptor = _cipher(key).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def check_value(key: bytes) -> bytes:
    """Key check value: the first 4 bytes of eight zero bytes encrypted under the key."""
    return encrypt(key, bytes(BLOCK))[:4]


def odd_parity(key: bytes) -> bytes:
    """Give every byte an odd number of ones in its lowest bit (FIPS 46-3); the cipher ignores that bit."""
    return bytes(byte & 0xFE | (byte >> 1).bit_count() & 1 ^ 1 for byte in key)
