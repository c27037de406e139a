"""A message as a tree of entries: fields, their parts and tags, with places and meanings, for any way of showing it.

What a log must not hold is masked unless asked otherwise; the rules are those of `privacy`, and beside them: account
numbers and track 1 of the ISO dialects, and card numbers (Luhn) inside free text.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tillbench.protocols.emv.masking import mask_pan, shown_value
from tillbench.protocols.iso8583 import describe_emv, meanings
from tillbench.protocols.iso8583.describe import meaning_of
from tillbench.protocols.iso8583.describe import shown as in_words
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.errors import FormatError
from tillbench.protocols.iso8583.message import Message
from tillbench.protocols.iso8583.plausible import luhn
from tillbench.protocols.iso8583.privacy import hidden, masked
from tillbench.protocols.iso8583.subfields import BerTlv, Element
from tillbench.protocols.iso8583.walk import Step

PAN_EXTENDED, TRACK_1, KEYS = 34, 45, 62
ACCOUNTS = (102, 103)
CHINESE = "unionpay"
_DIGITS = re.compile(r"[0-9]{13,}")
_LONGEST_PAN = 19
_PARTS_AS_MEANING = (53, 54, 60, 61)
_MEANT_EVERYWHERE = (22, 25, 39)  # codes that the editions share, when as long as in 1987


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a description. path: `55.9F26`, `60.2`; offset: of the value's first byte in the message, None when
    the message was not decoded from bytes; size in bytes, and for parts of text in characters or digits; bits: a text
    for each bit set and each part of a binary value."""

    path: str
    name: str
    value: str
    meaning: str = ""
    offset: int | None = None
    size: int = 0
    bits: tuple[str, ...] = ()
    children: tuple["Entry", ...] = ()

    def all(self) -> Iterator["Entry"]:
        """This entry and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.all()


def title(mti: str) -> str:
    """A message type in words; the version (first digit) does not change what it is."""
    return meanings.MESSAGE_TYPES.get("0" + mti[1:], "unknown message type")


def entries(
    message: Message, dialect: Dialect, unmasked: bool = False, steps: dict[int, Step] | None = None
) -> tuple[Entry, ...]:
    """The fields of a message. steps: where the fields are (`Dialect.walk`), when that is known."""
    return tuple(
        _entry(message, dialect, number, value, unmasked, (steps or {}).get(number))
        for number, value in sorted(message.fields.items())
    )


def _entry(
    message: Message, dialect: Dialect, number: int, value: str | bytes, unmasked: bool, step: Step | None
) -> Entry:
    row = dialect.fields.get(number)
    name = row.name if row else "not in this dialect"
    path = str(number)
    offset = step.value_start if step else None
    size = step.end - step.value_start if step else len(value)
    shown, meaning = value_and_meaning(message, dialect, number, value, unmasked)
    children: tuple[Entry, ...] = ()
    bits: tuple[str, ...] = ()
    if row and row.parts is not None:
        tags = isinstance(row.parts, BerTlv)
        closed = not tags and not unmasked and _closed(message, dialect, number, value)
        try:
            elements = dialect.parts(number, value, offset or 0)
        except FormatError as error:
            bits = (f"! {error}",)
        else:
            if not closed:
                children = tuple(_part(path, element, tags, unmasked, offset) for element in elements)
                meaning = "" if children and number in _PARTS_AS_MEANING else meaning
    return Entry(path, name, shown, meaning, offset, size, bits, children)


def _part(above: str, element: Element, tags: bool, unmasked: bool, offset: int | None) -> Entry:
    path = f"{above}.{element.key}"
    children = tuple(_part(path, child, tags, unmasked, offset) for child in element.children)
    if tags and isinstance(element.value, bytes):
        tag = int(element.key, 16)
        shown = f"{len(element.value)} bytes" if children else _tag_value(tag, element.value, unmasked)
        bits = () if children else tuple(describe_emv.meanings(tag, element.value))
        place = None if offset is None else offset + element.at
        return Entry(path, describe_emv.tag_name(element.key), shown, "", place, len(element.value), bits, children)
    value = element.value.hex().upper() if isinstance(element.value, bytes) else element.value
    shown = value if unmasked else scrubbed(value)
    return Entry(path, element.name, shown, "", None, len(element.value), (), children)


def _tag_value(tag: int, value: bytes, unmasked: bool) -> str:
    return value.hex().upper() if unmasked else shown_value(tag, value)


def scrubbed(text: str) -> str:
    """Text with the card numbers in it masked: 13 to 19 digits with a good check digit, and longer rows of digits,
    which may hold one."""

    def covered(match: re.Match[str]) -> str:
        digits = match[0]
        if not digits.strip("0") or (len(digits) <= _LONGEST_PAN and not luhn(digits)):
            return digits
        return mask_pan(digits)

    return _DIGITS.sub(covered, text)


def _closed(message: Message, dialect: Dialect, number: int, value: str | bytes) -> bool:
    return value_and_meaning(message, dialect, number, value, False)[0].endswith("not shown)")


def value_and_meaning(
    message: Message, dialect: Dialect, number: int, value: str | bytes, unmasked: bool
) -> tuple[str, str]:
    """A value as it may be seen, and what it means where it is a code."""
    raw = value if isinstance(value, str) else value.hex().upper()
    chinese = dialect.name.startswith(CHINESE)
    if chinese:
        whole = in_words(message, number, value)
        shown = masked(number, value) if isinstance(value, str) and number != KEYS else whole
        meaning = whole[len(shown) + 2 : -1] if whole.startswith(shown + " (") else ""
        return (raw if unmasked else shown), meaning
    meaning = _meaning(number, value)
    if unmasked:
        return raw, meaning
    if number == 55:
        return in_words(message, number, value), meaning
    if not isinstance(value, str):
        return hidden(value, "bytes"), meaning
    if number in ACCOUNTS or number == PAN_EXTENDED:
        return mask_pan(value), meaning
    if number == TRACK_1:
        return hidden(value, "characters"), meaning
    shown = masked(number, value)
    free = number in dialect.fields and dialect.fields[number].type not in ("n", "z", "x+n")
    return (scrubbed(shown) if free else shown), meaning


def _meaning(number: int, value: str | bytes) -> str:
    if not isinstance(value, str):
        return ""
    known: Callable[[str], str] | None = None
    if number in _MEANT_EVERYWHERE and len(value) == {22: 3, 25: 2, 39: 2}[number]:
        known = meaning_of(number)
    elif number == 4 and len(value) == 12:
        known = meaning_of(number)
    return known(value) if known else ""
