"""BER-TLV and DOLs, as slow as can be (Book 3 Annex B, section 5.4)."""

from __future__ import annotations

from .tables import COMPRESSED_NUMERIC, NUMERIC


class Malformed(Exception):
    """Not the data that the format asks for."""


def read_tag(data: bytes, at: int) -> tuple[int, int]:
    """Tag and the position after it (Annex B1)."""
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        while data[end] & 0x80:
            end += 1
        end += 1
    return int.from_bytes(data[at:end], "big"), end


def parse(data: bytes) -> list[tuple[int, bytes]]:
    """Objects one level deep; 00 between them is padding."""
    found = []
    at = 0
    try:
        while at < len(data):
            if data[at] == 0:
                at += 1
                continue
            tag, at = read_tag(data, at)
            size, at = data[at], at + 1
            if size & 0x80:
                count = size & 0x7F
                if not 1 <= count <= 2:
                    raise Malformed
                size, at = int.from_bytes(data[at : at + count], "big"), at + count
            if at + size > len(data):
                raise Malformed
            found.append((tag, data[at : at + size]))
            at += size
    except IndexError:
        raise Malformed from None
    return found


def build(tag: int, value: bytes) -> bytes:
    """One object."""
    size = bytes([len(value)]) if len(value) < 0x80 else b"\x81" + bytes([len(value)])
    if len(value) > 0xFF:
        size = b"\x82" + len(value).to_bytes(2, "big")
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + size + value


def constructed(tag: int) -> bool:
    """Bit 6 of the first byte (Annex B1)."""
    return bool(tag.to_bytes((tag.bit_length() + 7) // 8, "big")[0] & 0x20)


def dol_entries(dol: bytes) -> list[tuple[int, int]]:
    """Tag and length pairs (section 5.4)."""
    found = []
    at = 0
    try:
        while at < len(dol):
            tag, at = read_tag(dol, at)
            found.append((tag, dol[at]))
            at += 1
    except IndexError:
        raise Malformed from None
    return found


def fill(dol: bytes, known: dict[int, bytes]) -> bytes:
    """The five rules of section 5.4."""
    out = b""
    for tag, size in dol_entries(dol):
        if tag not in known or constructed(tag):
            out += bytes(size)  # rules 1 and 2
            continue
        value = known[tag]
        if tag in NUMERIC:
            out += value.rjust(size, b"\0")[len(value.rjust(size, b"\0")) - size :]
        elif tag in COMPRESSED_NUMERIC:
            out += value.ljust(size, b"\xff")[:size]
        else:
            out += value.ljust(size, b"\0")[:size]
    return out
