"""A fault with the bytes around it, fit for a screen: card data and keys covered."""

import re
from collections.abc import Iterator

from tillbench.protocols.emv.masking import HIDDEN_TAGS, PAN_TAGS, TRACK_2_TAGS
from tillbench.protocols.emv.tlv import TlvError, is_constructed, read_tag
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.errors import FormatError
from tillbench.protocols.iso8583.plausible import luhn
from tillbench.protocols.iso8583.privacy import PAN, TRACK_2, TRACK_3
from tillbench.protocols.iso8583.subfields import BerTlv
from tillbench.protocols.iso8583.walk import read_bitmap

_CLOSED = frozenset({PAN, TRACK_2, TRACK_3, 34, 40, 45, 48, 59, 62, 102, 103})
_DIGITS = re.compile(r"[0-9]{13,}")
_SHORTEST_PAN = 13
SECRET_TAGS = PAN_TAGS | TRACK_2_TAGS | HIDDEN_TAGS
_AFTER = 2  # bytes shown behind a fault: what they are is not known, so not enough of them for a card number


def fault_lines(dialect: Dialect, body: bytes, error: FormatError, start: int = 0, unmasked: bool = False) -> list[str]:
    """The error in words, then a row of hex with a mark under the place. `start`: where the message begins in the
    frame, whose offsets are given too. Masked, `**` stands for bytes of card data, keys, and what follows the fault.
    """
    where = f" (byte {start + error.offset} of the frame)" if start else ""
    rows = error.around(body)
    if not unmasked:
        rows = _covered(dialect, body, error, rows)
    return [f"{error}{where}", *rows]


def _covered(dialect: Dialect, body: bytes, error: FormatError, rows: list[str]) -> list[str]:
    closed: set[int] = set()
    reached = 0
    try:
        for step in dialect.walk(body):
            reached = step.end if step.number else read_bitmap(dialect.envelope, body, step.end)[1]
            rule = dialect.rules.get(step.number)
            row = dialect.fields.get(step.number)
            if row and isinstance(row.parts, BerTlv) and isinstance(step.value, bytes):
                closed.update(step.value_start + index for index in _secret_objects(step.value))
            elif step.number in _CLOSED or (rule and rule.type == "b"):
                closed.update(range(step.value_start, step.end))
    except FormatError:
        pass
    first = int(rows[0][:4], 16)
    cells = rows[0][6:].split()
    rule = dialect.rules.get(error.field)
    secret = error.field in _CLOSED or bool(rule and rule.type == "b")
    for index in range(len(cells)):
        at = first + index
        behind = at > error.offset + _AFTER and not error.part
        inside = secret and not error.part and at >= reached + (rule.prefix if rule else 0) and at != error.offset
        if at in closed or behind or inside:
            cells[index] = "**"
    for index in _like_card_numbers("".join(cells)):
        if first + index != error.offset:
            cells[index] = "**"
    return [f"{rows[0][:6]}{' '.join(cells)}", rows[1]]


def _secret_objects(data: bytes) -> Iterator[int]:
    """Where the card numbers and names in TLV data are, as far as it is TLV; templates are looked into."""
    at = 0
    try:
        while at < len(data):
            tag, at = read_tag(data, at)
            size = data[at]
            at += 1
            if size & 0x80:
                more = size & 0x7F
                size = int.from_bytes(data[at : at + more], "big")
                at += more
            if tag in SECRET_TAGS:
                yield from range(at, min(at + size, len(data)))
            at += 0 if is_constructed(tag) else size
    except (TlvError, IndexError):
        return


def _like_card_numbers(nibbles: str) -> set[int]:
    """The bytes of a row that may be a card number in packed digits: with a wrong definition it may be anywhere."""
    found: set[int] = set()
    for run in _DIGITS.finditer(nibbles):
        for at in range(run.start(), run.end() - _SHORTEST_PAN + 1):
            sizes = range(_SHORTEST_PAN, run.end() - at + 1)
            if nibbles[at] not in "01" and any(luhn(nibbles[at : at + size]) for size in sizes):
                found.update(range(run.start() // 2, (run.end() + 1) // 2))
    return found
