"""On which line a frame came: what stands before the message, found by trying."""

from typing import NamedTuple

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.errors import FormatError
from tillbench.protocols.iso8583.lines import LINES, Line, LineReader, Packet

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
    """A frame taken apart: the line's name, where the message starts in it, and what was in it."""

    line: str
    start: int
    packet: Packet


def opened(name: str, data: bytes) -> Found:
    """The frame as that line has it. FormatError; KeyError: no such line."""
    line = ALL_LINES[name]
    packet = line.parse(data)
    start = (1 if line.marked else 0) + line.length + len(packet.tpdu) + len(packet.header)
    return Found(name, start, packet)


def fitting(data: bytes) -> list[Found]:
    """All the lines whose length, marks and check value fit this frame, the bare message last. A TPDU must begin
    with 60h, and STX is only looked for where it is."""
    found = []
    for name, line in ALL_LINES.items():
        try:
            one = opened(name, data)
        except FormatError:
            continue
        if (line.tpdu and one.packet.tpdu[0] != 0x60) or not one.packet.body:
            continue
        found.append(one)
    return sorted(found, key=lambda one: (one.line == "bare", not ALL_LINES[one.line].length, -one.start))


def detect(dialect: Dialect, data: bytes) -> Found:
    """The line on which the message reads best in this dialect: whole, or else as far as possible."""
    best = opened("bare", data)
    most = -1
    for one in fitting(data):
        reached = 0
        try:
            for step in dialect.walk(one.packet.body):
                reached = step.end
                if not step.number and not plausible_mti(str(step.value)):
                    raise FormatError(0, 0, "a message type", str(step.value))
            return one
        except FormatError as error:
            if reached and error.field:
                reached += 1 + (error.offset > reached)
        if reached > most:
            best, most = one, reached
    return best


def plausible_mti(mti: str) -> bool:
    """Version 0 to 2, a class and an origin that the standard has, function 0 to 5."""
    return len(mti) == 4 and mti[0] in "012" and mti[1] in "12345678" and mti[2] in "012345" and mti[3] in "012345"


def cut(line: Line, data: bytes) -> list[Packet]:
    """The messages in a stream. FormatError: a bad frame, or one that is cut at the end."""
    if not line.length:
        return [line.parse(data)]
    reader = LineReader(line)
    packets = reader.feed(data)
    if reader.pending:
        reader.feed(b"")
        rest = data[len(data) - reader.pending :]
        packets.append(line.parse(rest))
    return packets
