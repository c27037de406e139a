"""What is right on the wire of a field, as tables: which bytes its value may have, and what its count says.

`piece.translate(table) == piece` checks a piece of any length in two calls.
"""

from functools import lru_cache

from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.values import DIGITS, HEX_DIGITS

MOST = 999
"""The largest count that has a table; larger ones are so rare that they are worth none."""

KEPT = 256
"""So many tables of each kind are kept: a program may make any number of dialects."""


def packed() -> bytes:
    """The table of bytes that are two decimal digits."""
    return allowing(bytes(16 * high + low for high in range(10) for low in range(10)))


@lru_cache(KEPT)
def characters(rule: Rule) -> bytes:
    """The table of a text field on the wire, or of bytes as hexadecimal text."""
    alphabet = HEX_DIGITS if rule.type == "b" else rule.alphabet[0]
    return allowing(alphabet.encode(page(rule)))


@lru_cache(KEPT)
def common(tables: frozenset[bytes]) -> bytes:
    """The table of what all of them allow."""
    return allowing(bytes(byte for byte in range(256) if all(table[byte] == byte for table in tables)))


def page(rule: Rule) -> str:
    """The codec of a text field's characters."""
    return rule.codepage if rule.code in ("ebcdic", "hex-ebcdic") else "latin-1"


@lru_cache(KEPT)
def allowing(right: bytes) -> bytes:
    """The table of these bytes."""
    return bytes(byte if byte in right else byte ^ 0xFF for byte in range(256))


@lru_cache(KEPT)
def lengths(rule: Rule) -> dict[int | bytes, int]:
    """The length of a variable field's value by its count as it stands on the wire: by the byte when it is one."""
    low, high = rule.counts
    found: dict[int | bytes, int] = {}
    for number in range(low, high + 1):
        if number % rule.multiply == 0:
            wire = count(rule, number)
            length = number * 2 if rule.divide == 2 else number // rule.multiply
            found[wire[0] if rule.prefix == 1 else wire] = length
    return found


def count(rule: Rule, number: int) -> bytes:
    """The count of a variable field on the wire."""
    if rule.count_code == "binary":
        return number.to_bytes(rule.prefix, "big")
    if rule.count_code == "bcd":
        return bytes.fromhex(f"{number:0{rule.prefix * 2}}")
    return f"{number:0{rule.prefix}}".encode(rule.codepage if rule.count_code == "ebcdic" else "latin-1")


def is_packed_digits(rule: Rule) -> bool:
    """Are all bytes of the value two digits each, the pad too if there can be one?"""
    even = not rule.prefix and rule.high % 2 == 0
    return rule.type == "n" and rule.code == "packed" and (even or rule.fill in DIGITS)
