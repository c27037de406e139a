"""Which bytes of a message the MAC is over."""

from tillbench.protocols.iso8583.errors import BITMAP, FormatError

MAC_SIZE = 8


def mac_input(body: bytes) -> bytes:
    """The MAC block of an encoded message whose field 64 is present, with any 8 bytes as its value.

    From the message type to field 63, the bitmap with bit 64 set, neither TPDU nor header; unpadded (the algorithm
    pads). FormatError: bit 64 is off, or the message is too short to have a field 64.
    """
    if len(body) < 10 + MAC_SIZE:
        raise FormatError(BITMAP, 0, f"{10 + MAC_SIZE} bytes", f"{len(body)} bytes")
    if not body[9] & 1:
        raise FormatError(64, 9, "bit on", "bit off", "message authentication code")
    return body[:-MAC_SIZE]
