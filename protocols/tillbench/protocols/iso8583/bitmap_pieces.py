"""Pieces of a message: neighbouring fields in one code, which a decoder of one bitmap takes off the wire together.

Only the first field of a piece may be variable.
"""

from collections.abc import Callable
from operator import itemgetter
from struct import Struct
from typing import Any, TypeAlias

from tillbench.protocols.iso8583 import character_tables as tables
from tillbench.protocols.iso8583.rule import Rule

Place: TypeAlias = slice | int
Lead: TypeAlias = tuple[Callable[..., Any], Callable[..., Any], int]

FEW = 40
"""So many lengths of a variable field have each something made for them."""

SHORT = 20
"""So many digits are looked at as text, longer runs as bytes."""

SAME = frozenset((18, 19, 22, 23, 24, 25, 26, 41, 42, 43, 49, 50, 51, 53))
"""Fields that tell of the terminal, its merchant and the currency, the same in most messages: what they were the last
times is known by their bytes. In no edition of the standard does a fixed one of them say who the cardholder is."""


def leads(piece: list[Rule], formats: list[str], at: int | None) -> dict[int | bytes, Lead]:
    """By the count of a variable field as it stands on the wire: what unpacks the stretch that begins with its value,
    what cuts its piece, and the size of the stretch (its end where it always begins `at` the same byte)."""
    found: dict[int | bytes, Lead] = {}
    for count, length in tables.lengths(piece[0]).items():
        size = piece[0].wire_size(length) + fixed_size(piece)
        whole = Struct(f">{size}s{''.join(formats)}")
        found[count] = whole.unpack_from, itemgetter(*places_in(piece, length)), whole.size + (at or 0)
    return found


def as_text(first: Rule) -> str:
    """The expression for what stands in a piece, as text; of raw bytes themselves."""
    name = f"b{first.number}"
    if first.code in ("raw", "hex"):
        return name
    return f"{name}.hex()" if first.code == "packed" else f"{name}.decode({tables.page(first)!r})"


def has_few_lengths(rule: Rule) -> bool:
    """Is something to be made for each length of this variable field?"""
    low, high = rule.counts
    return high - low < FEW


def go_together(before: Rule, rule: Rule) -> bool:
    """Can the two be taken in one piece?"""
    alike = (before.number in SAME and not before.prefix) == (rule.number in SAME)
    return alike and rule.code == before.code and rule.code in ("packed", "ascii", "ebcdic")


def fixed_size(piece: list[Rule]) -> int:
    """Bytes of a piece, without those of a variable field."""
    return sum(rule.wire_size(rule.high) for rule in piece if not rule.prefix)


def has_pad(rule: Rule) -> bool:
    """Can there be a pad?"""
    if rule.code != "packed":
        return False
    return rule.divide != 2 if rule.prefix else bool(rule.high & 1)


def places_in(piece: list[Rule], length: int) -> list[Place]:
    """Where the values of a piece are, and their pads behind them; `length` is that of a variable field."""
    scale = 2 if piece[0].code == "packed" else 1
    places: list[Place] = []
    at = 0
    for rule in piece:
        size = length if rule.prefix else rule.high
        end = at + rule.wire_size(size) * scale
        if has_pad(rule):
            odd = size & 1
            first = at + (odd if rule.pad_left else 0)
            pad = at if rule.pad_left else end - 1
            places += [slice(first, first + size), pad if odd else slice(0, 0)]
        else:
            places.append(slice(at, at + size))
        at = end
    return places


def table_of(rule: Rule, piece: list[Rule]) -> bytes | None:
    """What the bytes of a field are compared with, if they are."""
    if rule.code != "packed":
        return tables.characters(rule) if rule.code != "raw" else None
    if len(piece) == 1 and rule.high <= SHORT:
        return None
    return tables.packed() if tables.is_packed_digits(rule) else None
