"""On which line a frame came: what stands before the message, found by trying."""

from typing import NamedTuple

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.errors import BITMAP, FormatError
from tillbench.protocols.iso8583.lines import LINES, TPDU_SIZE, Line, Packet
from tillbench.protocols.iso8583.plausible import plausible_mti

EXTRA_LINES = {
    "binary2-tpdu": Line(tpdu=True),
    "binary2-whole-tpdu": Line(whole=True, tpdu=True),
    "bcd2-tpdu": Line(2, "bcd", tpdu=True),
    "tpdu": Line(0, tpdu=True),
    "tpdu-header6": Line(0, tpdu=True, header=6),
    "binary2-header6": Line(header=6),
    "ascii2": Line(2, "ascii", largest=99),
    "binary4-whole": Line(4, whole=True),
    "bcd2-whole": Line(2, "bcd", whole=True),
    "ascii4-header12": Line(4, "ascii", header=12),
    "stx-bcd2": Line(2, "bcd", marked=True),
    "stx-binary2": Line(2, "binary", marked=True),
}
"""Combinations that are met, beside those that have a name of their own in `LINES`."""

ALL_LINES: dict[str, Line] = {**LINES, **EXTRA_LINES}


class Found(NamedTuple):
    """A frame taken apart: the line's name, where the message starts in it, and what was in it. `missing`: bytes that
    the length announces and that are not there; below zero: bytes that it does not count."""

    line: str
    start: int
    packet: Packet
    missing: int = 0


def opened(name: str, data: bytes) -> Found:
    """The frame as that line has it. FormatError; KeyError: no such line."""
    line = ALL_LINES[name]
    packet = line.parse(data)
    return Found(name, _head(line) + len(packet.tpdu) + len(packet.header), packet)


def stripped(name: str, data: bytes) -> Found | None:
    """The same of a frame that is longer or shorter than its length says: all that follows the head is the message.

    None: the head itself cannot be right, or nothing follows it.
    """
    line = ALL_LINES[name]
    start = _head(line) + (TPDU_SIZE if line.tpdu else 0) + line.header
    if not line.length or len(data) <= start:
        return None
    try:
        size = line.frame_size(data)
    except FormatError:
        return None
    if size is None or (line.tpdu and not is_tpdu(data[_head(line) :])):
        return None
    missing = size - len(data)
    end = len(data) - max(0, 2 - max(0, missing)) if line.marked else len(data)
    header = data[start - line.header : start]
    packet = Packet(data[start:end], data[_head(line) : start - line.header], header)
    return Found(name, start, packet, missing) if packet.body and missing else None


def _head(line: Line) -> int:
    return (1 if line.marked else 0) + line.length


def is_tpdu(data: bytes) -> bool:
    """Whether bytes begin as a TPDU does."""
    return data[:1] == b"\x60"


def fitting(data: bytes) -> list[Found]:
    """All the lines whose length, marks and check value fit this frame, the bare message last. A TPDU must begin
    with 60h, and STX is only looked for where it is."""
    found = []
    for name, line in ALL_LINES.items():
        try:
            one = opened(name, data)
        except FormatError:
            continue
        if (line.tpdu and not is_tpdu(one.packet.tpdu)) or not one.packet.body:
            continue
        found.append(one)
    return sorted(found, key=lambda one: (one.line == "bare", not ALL_LINES[one.line].length, -one.start))


def detect(dialect: Dialect, data: bytes) -> Found:
    """The line on which the message reads best in this dialect: whole, or else as far as possible, be it that the
    frame was cut or has grown since its length was written."""
    best = Found("bare", 0, Packet(data))
    most = -1
    for one in [*fitting(data), *filter(None, (stripped(name, data) for name in ALL_LINES))]:
        reached = reach(dialect, one.packet.body)
        if reached is None and not one.missing:
            return one
        reached = len(one.packet.body) if reached is None else reached
        if reached > most:
            best, most = one, reached
    return best


def reach(dialect: Dialect, body: bytes) -> int | None:
    """How many bytes make sense as a message of the dialect: 0 unless it begins with a message type that there is,
    only those of the message type when the bitmap is not one of the dialect. None: all of them."""
    reached = 0
    try:
        for step in dialect.walk(body):
            if not step.number and not plausible_mti(str(step.value)):
                return 0
            reached = step.end
    except FormatError as error:
        return reached + (1 + (error.offset > reached) if reached and error.field > BITMAP else 0)
    return None
