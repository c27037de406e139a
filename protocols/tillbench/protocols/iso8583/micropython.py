"""Makes the MicroPython codec of a dialect: the same bytes and the same errors as the reference codec.

On a board code costs heap, so a dialect is 192 bytes of table that `firmware/iso8583/codec.py` walks.
"""

from tillbench.protocols.iso8583.dialect import Dialect, Field

TYPES = {"n": 0, "z": 1, "an": 2, "ans": 3, "b": 4}
PAD_LEFT, OTHER_UNIT, KNOWN = 0x20, 0x40, 0x80


def row(field: Field) -> bytes:
    """A field in three bytes: kind (type, prefix << 3, flags), then the length's maximum, big endian."""
    kind = TYPES[field.type] | field.length.prefix << 3 | KNOWN
    if field.pad == "left":
        kind |= PAD_LEFT
    if field.counts is not None and field.counts != field.unit:
        kind |= OTHER_UNIT
    return bytes([kind]) + field.length.maximum.to_bytes(2, "big")


def table(dialect: Dialect) -> bytes:
    """The rows of the fields 1 to 64, zeros where the dialect has none."""
    for field in dialect.rows:
        if field.length.minimum != (1 if field.length.prefix else field.length.maximum):
            raise ValueError(f"field {field.number}: the table has no room for a minimum length")
    return b"".join(row(dialect.fields[n]) if n in dialect.fields else bytes(3) for n in range(1, 65))


def literal(data: bytes, width: int) -> str:
    """`data` as a bytes literal over several lines, `width` bytes each."""
    lines = [data[at : at + width] for at in range(0, len(data), width)]
    return "\n".join('    b"' + "".join(f"\\x{byte:02x}" for byte in line) + '"' for line in lines)


def source(dialect: Dialect) -> str:
    """The module's source text."""
    return TEMPLATE.replace("@NAME@", dialect.name).replace("@TABLE@", literal(table(dialect), 24))


TEMPLATE = '''\
# The fields of the ISO 8583 dialect "@NAME@" for iso8583.codec, which says what the bytes are.
# Made by `make generate` from protocols/iso8583: do not edit.

from iso8583 import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from iso8583.codec import Value

_TABLE = (
@TABLE@
)


def encode(mti: str, fields: Mapping[int, Value]) -> bytes:
    """The body of a message; FormatError: a field unknown to the dialect, a value of wrong type, length, characters."""
    return codec.encode(_TABLE, mti, fields)


def decode(data: bytes | bytearray | memoryview) -> tuple[str, dict[int, str | bytes]]:
    """(message type, values by field number) of a message body; FormatError names field and byte offset."""
    return codec.decode(_TABLE, data)
'''
