# Which bytes of a message the MAC is over. Field 64 is the last field and always 8 bytes.

from iso8583.errors import BITMAP, FormatError


def mac_input(body: bytes | bytearray | memoryview) -> memoryview:
    """The MAC block of an encoded body whose field 64 is present, with any 8 bytes in it: all before those 8 bytes.

    FormatError: bit 64 is off, or the body is too short to have a field 64.
    """
    if len(body) < 18:
        raise FormatError(BITMAP, 0, "18 bytes", "%d bytes" % len(body))
    if not body[9] & 1:
        raise FormatError(64, 9, "bit on", "bit off")
    return memoryview(body)[:-8]


def with_mac(body: bytes | bytearray | memoryview, mac: bytes) -> bytes:
    """The body with `mac` (8 bytes) as the value of its field 64, in place of the 8 bytes that stood there."""
    return bytes(mac_input(body)) + mac
