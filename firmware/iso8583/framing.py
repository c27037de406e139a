# How a message travels: length (2 bytes, big endian, without itself), TPDU (5), header (6), body.

from binascii import hexlify, unhexlify

from iso8583.errors import HEADER, LENGTH, TPDU, FormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Reader(Protocol):
        """What asyncio's stream reader offers, as far as it is used here."""

        async def readexactly(self, n: int) -> bytes: ...


def build(tpdu: bytes, header: str, body: bytes) -> bytes:
    """The frame around `body`. tpdu: 5 bytes; header: 12 digits; FormatError for anything else."""
    if len(tpdu) != 5:
        raise FormatError(TPDU, 2, "5 bytes", "%d bytes" % len(tpdu))
    if len(header) != 12 or not header.isdigit():
        raise FormatError(HEADER, 7, "12 digits", "%d characters" % len(header))
    size = 11 + len(body)
    if size > 4096:
        raise FormatError(LENGTH, 0, "length 11..4096", str(size))
    return b"".join((bytes((size >> 8, size & 255)), tpdu, unhexlify(header), body))


async def read_frame(reader: Reader, largest: int = 1500) -> tuple[bytes, str, memoryview]:
    """The next frame of a stream: (TPDU, header as 12 digits, body). The body is a view of the one buffer read.

    largest: the most that is accepted (and allocated), in bytes after the length. FormatError: a length out of
    11..largest, a header that is not digits; the stream is then of no more use: close it. EOFError from the reader
    when the line closes.
    """
    prefix = await reader.readexactly(2)
    size = prefix[0] << 8 | prefix[1]
    if not 11 <= size <= largest:
        raise FormatError(LENGTH, 0, "length 11..%d" % largest, str(size))
    frame = memoryview(await reader.readexactly(size))
    header = str(hexlify(bytes(frame[5:11])), "ascii")
    if not header.isdigit():
        for i in range(6):
            if frame[5 + i] > 0x99 or frame[5 + i] & 15 > 9:
                raise FormatError(HEADER, 7 + i, "BCD digits", "%02X" % frame[5 + i])
    return bytes(frame[:5]), header, frame[11:]
