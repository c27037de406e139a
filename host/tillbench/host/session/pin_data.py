"""The data field of VERIFY, plain and enciphered (EMV 4.3 Book 3, 6.5.12; Book 2, 7.2). Never recorded."""

from __future__ import annotations

import random

from tillbench.host.session.signatures import PublicKey

_HEADER = b"\x7f"


def plaintext_block(pin: str) -> bytes:
    """8 bytes: 2, the number of digits, the digits, padded with F."""
    return bytes.fromhex(f"2{len(pin):X}{pin}".ljust(16, "F"))


def enciphered_block(key: PublicKey, block: bytes, challenge: bytes, rng: random.Random) -> bytes:
    """As long as the card's key: header, PIN block, the card's challenge, padding."""
    size = len(key.modulus)
    whole = _HEADER + block + challenge
    whole += rng.randbytes(size - len(whole))
    number = pow(int.from_bytes(whole, "big"), int.from_bytes(key.exponent, "big"), int.from_bytes(key.modulus, "big"))
    return number.to_bytes(size, "big")
