"""The other ways in which messages travel: what stands before and behind a body on a line, as data.

`framing` is the UnionPay line that terminal and acquirer speak; this module says the same of any line, for tools that
meet frames from elsewhere. Sans-IO: bytes go in, packets come out; offsets in errors count from the frame's first byte.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tillbench.protocols.iso8583.errors import ETX, HEADER, LENGTH, LRC, STX, TPDU, FormatError
from tillbench.protocols.iso8583.rule import DialectError

TPDU_SIZE = 5
STX_BYTE, ETX_BYTE = 0x02, 0x03
MARKS_BEHIND = 2  # ETX and LRC


class Packet(NamedTuple):
    """What one frame held; `tpdu` and `header` are empty on a line that has none."""

    body: bytes
    tpdu: bytes = b""
    header: bytes = b""

    def __repr__(self) -> str:
        """Without the body, which holds card data."""
        return f"Packet(tpdu={self.tpdu!r}, header={self.header!r})"


@dataclass(frozen=True, slots=True)
class Line:
    """How a line marks off its messages.

    length, code: bytes of the length (2 or 4; 0: one message is all there is) and how it is written.
    whole: the length counts itself too. tpdu: a TPDU of 5 bytes follows. header: bytes of header that follow.
    marked: STX before the length, ETX and LRC behind the message; the LRC is the XOR of all from the length to ETX,
    which the length does not count. largest: of the value of the length.
    """

    length: Literal[0, 2, 4] = 2
    code: Literal["binary", "ascii", "bcd"] = "binary"
    whole: bool = False
    tpdu: bool = False
    header: int = 0
    marked: bool = False
    largest: int = 4096
    smallest: int = field(init=False, repr=False)
    """The smallest value of the length: that of an empty body."""
    _length_at: int = field(init=False, repr=False)
    _tpdu_at: int = field(init=False, repr=False)
    _header_at: int = field(init=False, repr=False)
    _body_at: int = field(init=False, repr=False)
    _uncounted: int = field(init=False, repr=False)
    """Bytes of a frame that its length does not count, less those of the length where it counts itself."""

    def __post_init__(self) -> None:
        length_at = 1 if self.marked else 0
        tpdu_at = length_at + self.length
        header_at = tpdu_at + (TPDU_SIZE if self.tpdu else 0)
        body_at = header_at + self.header
        itself = self.length if self.whole else 0
        for name, value in (
            ("_length_at", length_at),
            ("_tpdu_at", tpdu_at),
            ("_header_at", header_at),
            ("_body_at", body_at),
            ("smallest", body_at - tpdu_at + itself),
            ("_uncounted", tpdu_at - itself + (MARKS_BEHIND if self.marked else 0)),
        ):
            object.__setattr__(self, name, value)
        if self.length not in (0, 2, 4) or self.code not in ("binary", "ascii", "bcd"):
            raise DialectError(
                "line", "a length of 0, 2 or 4 bytes, binary, ascii or bcd", f"{self.length} {self.code}"
            )
        if self.header < 0 or not self.smallest <= self.largest <= self._most:
            raise DialectError("line", f"a largest length {self.smallest}..{self._most}", str(self.largest))
        if self.marked and not self.length:
            raise DialectError("line", "a length between STX and ETX", "none")

    @property
    def _most(self) -> int:
        if not self.length:
            return 0xFFFFFFFF
        base = {"binary": 256, "ascii": 10, "bcd": 100}[self.code]
        return int(base**self.length) - 1

    def build(self, body: bytes, tpdu: bytes = b"", header: bytes = b"") -> bytes:
        """The frame around `body`. FormatError: TPDU or header of another size than the line's, a body too long."""
        if len(tpdu) != self._header_at - self._tpdu_at:
            size = self._header_at - self._tpdu_at
            raise FormatError(TPDU, self._tpdu_at, f"{size} bytes", f"{len(tpdu)} bytes")
        if len(header) != self.header:
            raise FormatError(HEADER, self._header_at, f"{self.header} bytes", f"{len(header)} bytes")
        value = self.smallest + len(body)
        if value > self.largest:
            raise FormatError(LENGTH, self._length_at, f"length {self.smallest}..{self.largest}", str(value))
        frame = self._written(value) + tpdu + header + body
        if not self.marked:
            return frame
        frame += bytes([ETX_BYTE])
        return bytes([STX_BYTE]) + frame + bytes([lrc(frame)])

    def _written(self, value: int) -> bytes:
        if not self.length:
            return b""
        if self.code == "binary":
            return value.to_bytes(self.length, "big")
        digits = f"{value:0{self.length * (2 if self.code == 'bcd' else 1)}}"
        return bytes.fromhex(digits) if self.code == "bcd" else digits.encode("ascii")

    def read_length(self, data: bytes | bytearray) -> int:
        """The value of the length at the start of `data`. FormatError: no number, or out of bounds."""
        at = self._length_at
        piece = data[at : self._tpdu_at]
        if self.code == "binary":
            value = int.from_bytes(piece, "big")
        else:
            text = piece.hex() if self.code == "bcd" else piece.decode("latin-1")
            for index, digit in enumerate(text):
                if digit not in "0123456789":
                    byte, nibble = (index // 2, index % 2) if self.code == "bcd" else (index, None)
                    words = "BCD digits" if self.code == "bcd" else "digits"
                    raise FormatError(LENGTH, at + byte, words, f"{piece[byte]:02X}", "", nibble)
            value = int(text)
        if not self.smallest <= value <= self.largest:
            raise FormatError(LENGTH, at, f"length {self.smallest}..{self.largest}", str(value))
        return value

    def frame_size(self, data: bytes | bytearray) -> int | None:
        """Bytes of the frame that starts `data`, None while that cannot be said yet. FormatError."""
        if self.marked and data and data[0] != STX_BYTE:
            raise FormatError(STX, 0, f"{STX_BYTE:02X}", f"{data[0]:02X}")
        if len(data) < self._tpdu_at:
            return None
        return self._uncounted + self.read_length(data) if self.length else len(data)

    def parse(self, data: bytes) -> Packet:
        """What is in `data`, one whole frame. FormatError: a part that is missing or wrong, bytes too many."""
        size = self.frame_size(data)
        if size is None or len(data) < size:
            raise FormatError(LENGTH, self._length_at, f"{size or self._tpdu_at} bytes", f"{len(data)} bytes")
        if len(data) > size:
            raise FormatError(LENGTH, 0, f"{size} bytes", f"{len(data)} bytes")
        return self.take_apart(data)

    def take_apart(self, data: bytes) -> Packet:
        """What is in `data`, which is as long as `frame_size` says. FormatError: a part that is missing or wrong."""
        end = len(data)
        if self.marked:
            end -= MARKS_BEHIND
            if data[end] != ETX_BYTE:
                raise FormatError(ETX, end, f"{ETX_BYTE:02X}", f"{data[end]:02X}")
            if (found := data[end + 1]) != (expected := lrc(data[1 : end + 1])):
                raise FormatError(LRC, end + 1, f"{expected:02X}", f"{found:02X}")
        tpdu_at, header_at, body_at = self._tpdu_at, self._header_at, self._body_at
        if end < body_at:
            if end < header_at:
                raise FormatError(TPDU, tpdu_at, f"{TPDU_SIZE} bytes", f"{end - tpdu_at} bytes")
            raise FormatError(HEADER, header_at, f"{self.header} bytes", f"{end - header_at} bytes")
        return Packet(data[body_at:end], data[tpdu_at:header_at], data[header_at:body_at])


class LineReader:
    """Collects the bytes of a stream into packets. Holds at most one frame that is not finished."""

    def __init__(self, line: Line) -> None:
        if not line.length:
            raise ValueError("a line without lengths cannot be cut into frames")
        self.line = line
        self._held = bytearray()

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Packet]:
        """The packets that `data` completes, in order. FormatError as `framing.FrameReader.feed`: after the packets
        that came before the bad frame have been given."""
        self._held += data
        packets: list[Packet] = []
        try:
            while (size := self.line.frame_size(self._held)) is not None and len(self._held) >= size:
                packets.append(self.line.parse(bytes(self._held[:size])))
                del self._held[:size]
        except FormatError:
            if not packets:
                raise
        return packets


def lrc(data: bytes) -> int:
    """Longitudinal redundancy check: the XOR of all bytes."""
    value = 0
    for byte in data:
        value ^= byte
    return value


LINES = {
    "unionpay": Line(tpdu=True, header=6),
    "unionpay-serial": Line(code="bcd", tpdu=True, header=6, marked=True),
    "binary2": Line(),
    "binary2-whole": Line(whole=True),
    "binary4": Line(4),
    "ascii4": Line(4, "ascii"),
    "ascii4-whole": Line(4, "ascii", whole=True),
    "bcd2": Line(2, "bcd"),
    "bare": Line(0),
}
"""The usual ones, by name."""
