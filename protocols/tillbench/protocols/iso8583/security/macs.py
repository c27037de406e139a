"""Message authentication codes over DES: ISO/IEC 9797-1 algorithms 1 and 3 (ANSI X9.9, X9.19) and the CUP ECB MAC."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from tillbench.protocols.iso8583.security.cipher import BLOCK, Cipher

Mac: TypeAlias = Callable[[Cipher, bytes, bytes], bytes]


def padded(data: bytes, method: Literal[1, 2] = 1) -> bytes:
    """`data` in whole blocks (ISO/IEC 9797-1): method 1 zeros, one block at least; method 2 80h, then zeros."""
    if method not in (1, 2):
        raise ValueError(f"padding method: expected 1 or 2, found {method}")
    if method == 2:
        data += b"\x80"
    return (data or bytes(BLOCK)) + bytes(-len(data) % BLOCK)


def x9_9(cipher: Cipher, key: bytes, data: bytes, padding: Literal[1, 2] = 1) -> bytes:
    """ANSI X9.9 (ISO/IEC 9797-1 algorithm 1), 8 bytes: CBC under `key`, the last block."""
    block = bytes(BLOCK)
    data = padded(data, padding)
    for at in range(0, len(data), BLOCK):
        block = cipher.encrypt(key, _xor(block, data[at : at + BLOCK]))
    return block


def x9_19(cipher: Cipher, key: bytes, data: bytes, padding: Literal[1, 2] = 1) -> bytes:
    """ANSI X9.19 "retail" (ISO/IEC 9797-1 algorithm 3), 8 bytes: X9.9 under the left half of a `key` of 16 bytes,
    the last block then deciphered under the right and enciphered under the left half. ValueError: another length."""
    if len(key) != 2 * BLOCK:
        raise ValueError(f"key: expected 16 bytes, found {len(key)}")
    left, right = key[:BLOCK], key[BLOCK:]
    return cipher.encrypt(left, cipher.decrypt(right, x9_9(cipher, left, data, padding)))


def cup_ecb(cipher: Cipher, key: bytes, data: bytes) -> bytes:
    """The UnionPay POS MAC ("CUP ECB"), 8 ASCII hex digits as field 64 carries them.

    data: message type to field 63, the bitmap with bit 64 on (`mac_input`). All blocks XORed into one; the 16 hex
    digits of that enciphered as two chained blocks; the first 8 hex digits of the last.
    """
    data = padded(data)
    folded = bytes(BLOCK)
    for at in range(0, len(data), BLOCK):
        folded = _xor(folded, data[at : at + BLOCK])
    digits = folded.hex().upper().encode("ascii")
    first = cipher.encrypt(key, digits[:BLOCK])
    return cipher.encrypt(key, _xor(first, digits[BLOCK:])).hex().upper()[:8].encode("ascii")


MACS: dict[str, Mac] = {"cup-ecb": cup_ecb, "x9.9": x9_9, "x9.19": x9_19}
"""The algorithms by the name that a dialect's `mac` gives."""


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))
