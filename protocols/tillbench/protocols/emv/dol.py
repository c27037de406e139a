"""Data object lists: tag-length pairs without values, and the values they ask for (EMV 4.3 Book 3, 5.4)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tillbench.protocols.emv import tlv
from tillbench.protocols.emv.tags import TAGS


class DolEntry(NamedTuple):
    """One request of a DOL: this tag, in exactly `length` bytes."""

    tag: int
    length: int


def parse(data: bytes) -> list[DolEntry]:
    """The entries of a DOL. Raises `TlvError` naming tag and offset when it ends in the middle of an entry."""
    entries = []
    at = 0
    while at < len(data):
        tag, after = tlv.read_tag(data, at)
        if after == len(data):
            raise tlv.TlvError(tag, at, "a length byte", "the end of the list")
        entries.append(DolEntry(tag, data[after]))
        at = after + 1
    return entries


def build(entries: Iterable[tuple[int, int]]) -> bytes:
    """The bytes of a DOL."""
    return b"".join(tlv.tag_bytes(tag) + bytes([length]) for tag, length in entries)


def total(entries: Iterable[DolEntry]) -> int:
    """How many bytes of values the list asks for."""
    return sum(entry.length for entry in entries)


def split(entries: Iterable[DolEntry], data: bytes) -> list[tuple[int, bytes]]:
    """The values of a command's data field, cut as the DOL says. Raises `ValueError` when the sizes disagree."""
    entries = list(entries)
    if len(data) != total(entries):
        raise ValueError(f"DOL data: expected {total(entries)} bytes, found {len(data)}")
    values = []
    at = 0
    for entry in entries:
        values.append((entry.tag, data[at : at + entry.length]))
        at += entry.length
    return values


def fill(entries: Iterable[DolEntry], values: Mapping[int, bytes]) -> bytes:
    """The data field a terminal sends for a DOL: unknown and constructed objects as zeros, the others cut or padded
    by their format."""
    return b"".join(_fit(entry, values.get(entry.tag)) for entry in entries)


def _fit(entry: DolEntry, value: bytes | None) -> bytes:
    row = TAGS.get(entry.tag)
    if value is None or row is None or tlv.is_constructed(entry.tag):
        return bytes(entry.length)
    if row.format == "n":
        return value[max(0, len(value) - entry.length) :].rjust(entry.length, b"\x00")
    padding = b"\xff" if row.format == "cn" else b"\x00"
    return value[: entry.length].ljust(entry.length, padding)
