"""Proxmark's trace as text (`hf 14a list`): blocks of ISO/IEC 14443-4, of which the I-blocks carry APDUs.

A line is start, end, source (Rdr or Tag), bytes; a block that is too long goes on in lines without a source. Times are
periods of 13.56 MHz. The answer to RATS gives the ATR that a contactless reader shows (PC/SC part 3, 3.1.3.2.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tillbench.host.session.importers.log_lines import Pairing, hexadecimal, numbered
from tillbench.host.session.record import Event

_SOURCES = ("Rdr", "Tag")
_PERIODS_PER_US = 13.56
_RATS = 0xE0
_CRC = 2


@dataclass
class _Frame:
    line: int
    source: str
    start: int
    data: str


def looks_like(text: str) -> bool:
    """Whether the table has a line of each side."""
    return all(re.search(rf"^\s*\d+ *\|\s*\d+ *\| *{source} *\|", text, re.MULTILINE) for source in _SOURCES)


def events(text: str) -> Iterator[Event]:
    """Raises LogError."""
    pairing = Pairing()
    chains = {source: b"" for source in _SOURCES}
    seen = {source: -1 for source in _SOURCES}  # number of the last block of either side: a repeated one counts once
    is_rats = False
    for frame in _frames(text):
        data = hexadecimal(re.sub(r"[\[\]!]", " ", frame.data), frame.line, "a frame")
        at = round(frame.start / _PERIODS_PER_US)
        if frame.source == "Tag" and is_rats and len(data) > _CRC:
            is_rats = False
            yield from pairing.reset(_atr(data[:-_CRC]), at)
            chains, seen = {source: b"" for source in _SOURCES}, {source: -1 for source in _SOURCES}
            continue
        is_rats = frame.source == "Rdr" and data[0] == _RATS and len(data) == 2 + _CRC
        if is_rats or len(data) <= _CRC or data[0] & 0xE2 != 0x02:
            continue
        number = data[0] & 1
        head = 1 + bool(data[0] & 0x08) + bool(data[0] & 0x04)
        if seen[frame.source] == number:
            continue
        seen[frame.source] = number
        chains[frame.source] += data[head:-_CRC]
        if data[0] & 0x10:
            continue
        whole, chains[frame.source] = chains[frame.source], b""
        said = pairing.command if frame.source == "Rdr" else pairing.answer
        yield from said(whole.hex(), frame.line, at)
    yield from pairing.end()


def _frames(text: str) -> Iterator[_Frame]:
    held: _Frame | None = None
    for number, line in numbered(text):
        columns = [column.strip() for column in line.split("|")]
        if len(columns) < 4:
            continue
        start, _end, source, data = columns[:4]
        if source in _SOURCES and start.isdecimal():
            if held:
                yield held
            held = _Frame(number, source, int(start), data)
        elif held and not source and not start:
            held.data += " " + data
    if held:
        yield held


def _atr(ats: bytes) -> bytes:
    """3B 8n 80 01, the historical bytes, their check."""
    at, formats = 2, ats[1] if len(ats) > 1 else 0
    at += sum(bool(formats & mask) for mask in (0x10, 0x20, 0x40))
    history = ats[at : ats[0]][:15] if len(ats) > 1 else b""
    body = bytes([0x80 | len(history), 0x80, 0x01]) + history
    check = 0
    for byte in body:
        check ^= byte
    return b"\x3b" + body + bytes([check])
