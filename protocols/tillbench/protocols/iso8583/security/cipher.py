"""The block cipher that the functions of this package are given."""

from typing import Protocol


class Cipher(Protocol):
    """DES with keys of 8 bytes, triple DES with 16 and 24, in ECB, on whole blocks of 8 bytes.

    A module with two such functions is one, for example the acquirer's `tdes`.
    """

    def encrypt(self, key: bytes, data: bytes, /) -> bytes: ...

    def decrypt(self, key: bytes, data: bytes, /) -> bytes: ...


BLOCK = 8


def check_value(cipher: Cipher, key: bytes) -> bytes:
    """Key check value: the first 4 bytes of eight zero bytes enciphered under `key`."""
    return cipher.encrypt(key, bytes(BLOCK))[:4]
