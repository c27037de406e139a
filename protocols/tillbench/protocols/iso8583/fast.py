"""What the generated CPython codecs stand on: counts as tables, and the way to say what was wrong.

Their checks are quick and only say that something is wrong; `fault` and `refused` look again, slowly, for the first
thing and its place.
"""

from collections.abc import Mapping
from typing import NoReturn

from tillbench.protocols.iso8583.errors import END, FormatError
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.values import ALPHABETS, HEX_DIGITS, PRINTABLE, TRACK_AS_TEXT
from tillbench.protocols.iso8583.walk import Envelope, Step, read_bitmap, refuse, take

__all__ = ["AN", "COUNTS", "HEX", "PRINTABLE", "TRACK", "WRITTEN", "Envelope", "Rule", "Step", "alphabet", "take"]

COUNTS = {width: {f"{n:0{width}}": n for n in range(min(10**width, 1000))} for width in (1, 2, 3, 4)}
"""Decimal counts of so many digits, as found in text or in the hex of a frame. A larger one is looked at slowly."""

WRITTEN = {width: tuple(f"{n:0{width}}" for n in range(min(10**width, 1000))) for width in (2, 4)}
"""The same the other way."""

AN, HEX, TRACK = ALPHABETS["an"][0], HEX_DIGITS, TRACK_AS_TEXT[0]


def alphabet(type: str) -> str:
    """The characters of a type."""
    return ALPHABETS[type][0]


def fault(rule: Rule, data: bytes, at: int) -> NoReturn:
    """FormatError for the field at `at`, which a check has refused."""
    take(rule, data, at)
    raise AssertionError(f"the two decoders disagree about field {rule.number}")


def bitmap_fault(envelope: Envelope, data: bytes, at: int) -> NoReturn:
    """FormatError for the bitmaps at `at`, which a check has refused."""
    read_bitmap(envelope, data, at)
    raise AssertionError("the two decoders disagree about the bitmap")


def end_fault(data: bytes, at: int) -> NoReturn:
    """FormatError for what follows the last field."""
    raise FormatError(END, at, "end", f"{len(data) - at} bytes")


def refused(envelope: Envelope, rules: Mapping[int, Rule], mti: object, fields: Mapping[int, object]) -> None:
    """FormatError for the first value that cannot be encoded."""
    try:
        refuse(envelope, rules, mti, fields)
    except FormatError as error:
        raise error from None
