"""How a message travels: length (2 bytes, big endian, without itself), TPDU (5), header (6), body.

Sans-IO: bytes go in, frames come out. The construct definitions say what the bytes are; offsets in errors count
from the first byte of the length. After an error the stream has no next frame to find: close the connection.
"""

from dataclasses import dataclass, field

from construct import Bytes, GreedyBytes, Int16ub, Prefixed, Struct
from tillbench.protocols.iso8583.errors import HEADER, LENGTH, TPDU, FormatError

LENGTH_SIZE, TPDU_SIZE, HEADER_SIZE = 2, 5, 6
SMALLEST = TPDU_SIZE + HEADER_SIZE
LARGEST = 4096  # of length's value; a message of this dialect stays below

FRAME = Prefixed(
    Int16ub,
    Struct(
        "tpdu" / Bytes(TPDU_SIZE),  # 60, destination (2), source (2)
        "header" / Bytes(HEADER_SIZE),  # 12 BCD digits, see Frame.header
        "body" / GreedyBytes,
    ),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One message on the line.

    tpdu: 5 bytes: identifier 60h, destination and source address.
    header: 12 digits: application class 2 (60 financial), software version 2, terminal state 1 (0 normal, 1 test),
    processing request 1 (answers only), software sub-version 6.
    """

    tpdu: bytes
    header: str
    body: bytes = field(repr=False)  # holds card data

    @property
    def processing_request(self) -> int:
        """What the host asks the terminal to do after this transaction.

        0 nothing, 1 load parameters, 2 send status, 3 sign on again, 4 load CA public keys, 5 load AID parameters,
        6 software update, 7 load the card blacklist.
        """
        return int(self.header[5])

    @property
    def answer_tpdu(self) -> bytes:
        """The TPDU of an answer: destination and source change places."""
        return answer_tpdu(self.tpdu)


def answer_tpdu(tpdu: bytes) -> bytes:
    """`tpdu` with its two addresses exchanged."""
    return tpdu[:1] + tpdu[3:5] + tpdu[1:3]


def build(tpdu: bytes, header: str, body: bytes) -> bytes:
    """The frame around `body`. FormatError: TPDU not 5 bytes, header not 12 digits, body above LARGEST."""
    if len(tpdu) != TPDU_SIZE:
        raise FormatError(TPDU, LENGTH_SIZE, f"{TPDU_SIZE} bytes", f"{len(tpdu)} bytes")
    if len(header) != HEADER_SIZE * 2 or not (header.isascii() and header.isdigit()):
        raise FormatError(HEADER, LENGTH_SIZE + TPDU_SIZE, f"{HEADER_SIZE * 2} digits", f"{len(header)} characters")
    if SMALLEST + len(body) > LARGEST:
        raise FormatError(LENGTH, 0, f"length {SMALLEST}..{LARGEST}", str(SMALLEST + len(body)))
    built: bytes = FRAME.build({"tpdu": tpdu, "header": bytes.fromhex(header), "body": body})
    return built


class FrameReader:
    """Collects bytes of a stream into frames; `largest` bounds what is held of an unfinished one."""

    def __init__(self, largest: int = LARGEST) -> None:
        self.largest = largest
        self._held = bytearray()

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame; not 0 when the line closes means that it was cut."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, in order.

        FormatError: a length out of bounds, a header that is not digits. Frames that came before the bad one are
        given first; the error is then raised by the next call, for which `feed(b"")` will do.
        """
        self._held += data
        frames: list[Frame] = []
        try:
            while (frame := self._next()) is not None:
                frames.append(frame)
        except FormatError:
            if not frames:
                raise
        return frames

    def _next(self) -> Frame | None:
        if len(self._held) < LENGTH_SIZE:
            return None
        length = int.from_bytes(self._held[:LENGTH_SIZE], "big")
        if not SMALLEST <= length <= self.largest:
            raise FormatError(LENGTH, 0, f"length {SMALLEST}..{self.largest}", str(length))
        if len(self._held) < LENGTH_SIZE + length:
            return None
        parts = FRAME.parse(bytes(self._held[: LENGTH_SIZE + length]))
        for index, byte in enumerate(parts.header):
            if byte > 0x99 or byte & 0x0F > 9:
                raise FormatError(HEADER, LENGTH_SIZE + TPDU_SIZE + index, "BCD digits", f"{byte:02X}")
        del self._held[: LENGTH_SIZE + length]
        return Frame(parts.tpdu, parts.header.hex(), parts.body)
