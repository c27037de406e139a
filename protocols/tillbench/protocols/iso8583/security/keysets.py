"""Field 62 of a UnionPay sign-on answer: working keys under the terminal's master key, each with its check value.

The two descriptions of a MAC key of 8 bytes in a longer slot differ: zeros after its clear, or after its enciphered
form. Both are read; `wrap` writes the second.
"""

from typing import NamedTuple

from tillbench.protocols.iso8583.errors import FormatError
from tillbench.protocols.iso8583.security.cipher import BLOCK, Cipher, check_value

LENGTHS = {24: (8, 2), 40: (16, 2), 56: (24, 2), 60: (16, 3), 84: (24, 3)}
"""By the length of the field: bytes of a key, number of keys."""
NAMES = ("PIK", "MAK", "TDK")
_KCV = 4
_FIELD = 62
_NAME = "keys, parameters"


class WrappedKey(NamedTuple):
    """A key as it travels: PIK, MAK or TDK; enciphered; the check value of the clear key."""

    name: str
    cryptogram: bytes
    check: bytes


def split(field: bytes, offset: int = 0) -> tuple[WrappedKey, ...]:
    """The keys in field 62, still enciphered. FormatError, `offset` being that of the value: no legal length."""
    if len(field) not in LENGTHS:
        legal = ", ".join(map(str, sorted(LENGTHS)))
        raise FormatError(_FIELD, offset, f"one of {legal} bytes", f"{len(field)} bytes", _NAME)
    size, count = LENGTHS[len(field)]
    step = size + _KCV
    return tuple(
        WrappedKey(NAMES[i], field[i * step : i * step + size], field[i * step + size : (i + 1) * step])
        for i in range(count)
    )


def unwrap(cipher: Cipher, master: bytes, field: bytes, offset: int = 0) -> dict[str, bytes]:
    """The clear keys by name, every check value held good. FormatError names the key whose value is wrong."""
    keys = {}
    at = offset
    for name, cryptogram, check in split(field, offset):
        key = cipher.decrypt(master, cryptogram)
        if name == "MAK" and len(key) > BLOCK and (not any(cryptogram[BLOCK:]) or not any(key[BLOCK:])):
            key = key[:BLOCK]
        at += len(cryptogram)
        if check_value(cipher, key) != check:
            raise FormatError(_FIELD, at, "the key's check value", "another", _NAME, None, name)
        keys[name] = key
        at += _KCV
    return keys


def wrap(cipher: Cipher, master: bytes, *keys: bytes) -> bytes:
    """Field 62 of these clear keys: PIN, MAC and maybe track key. ValueError: no field of that many such keys."""
    size = len(keys[0]) if keys else 0
    slots = []
    for name, key in zip(NAMES, keys, strict=False):
        cryptogram = cipher.encrypt(master, key)
        if name == "MAK" and len(key) == BLOCK:
            cryptogram = cryptogram.ljust(size, b"\0")
        slots.append(cryptogram + check_value(cipher, key))
    field = b"".join(slots)
    if LENGTHS.get(len(field)) != (size, len(keys)):
        raise ValueError(f"keys of {', '.join(str(len(key)) for key in keys)} bytes make no field 62")
    return field
