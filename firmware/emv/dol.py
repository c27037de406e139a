"""Data Object Lists: filling a command's data field from the data elements known (EMV Book 3 section 5.4)."""

from emv.errors import EmvError
from emv.tlv import is_constructed, tag_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Buffer = bytes | bytearray

# Formats decide on which side a value is cut or padded; all others are cut and padded on the right with 00.
# Two bytes a tag; Book 3 Annex A1 (column Format).
_NUMERIC = (
    b"\x00\x42\x00\x9a\x00\x9c\x5f\x24\x5f\x25\x5f\x28\x5f\x2a\x5f\x30\x5f\x34\x5f\x36\x5f\x57"
    b"\x9f\x01\x9f\x02\x9f\x03\x9f\x0c\x9f\x11\x9f\x15\x9f\x1a\x9f\x21\x9f\x35\x9f\x39\x9f\x3c\x9f\x3d\x9f\x41"
    b"\x9f\x42\x9f\x43\x9f\x44\x9f\x79"
)
_COMPRESSED_NUMERIC = b"\x00\x5a\x9f\x20"


def entries(dol: Buffer) -> Iterator[tuple[int, int]]:
    """Yield (tag, length in bytes) of each entry. Raises EmvError("FORMAT") if the list ends inside an entry."""
    pos = 0
    stop = len(dol)
    while pos < stop:
        tag, pos = tag_at(dol, pos, stop)
        if pos == stop:
            raise EmvError("FORMAT", "DOL ends after tag %X, without its length" % tag)
        yield tag, dol[pos]
        pos += 1


def fill(dol: Buffer, data: dict[int, Buffer]) -> bytearray:
    """Return the concatenated values that `dol` asks for, each exactly as long as it says.

    Unknown and constructed data objects are zeros. A longer value loses its left end if numeric, else its right end;
    a shorter one is padded left with 00 if numeric, right with FF if compressed numeric, else right with 00.
    """
    out = bytearray()
    for tag, length in entries(dol):
        value = None if is_constructed(tag) else data.get(tag)
        if value is None:
            out.extend(bytes(length))
            continue
        missing = length - len(value)
        if _listed(_NUMERIC, tag):
            if missing > 0:
                out.extend(bytes(missing))
                out.extend(value)
            else:
                out.extend(value[-missing:])
        elif missing > 0:
            out.extend(value)
            out.extend(b"\xff" * missing if _listed(_COMPRESSED_NUMERIC, tag) else bytes(missing))
        else:
            out.extend(value[:length])
    return out


def asks_for(dol: Buffer, tag: int) -> bool:
    """Whether the list has an entry for this tag."""
    for wanted, _ in entries(dol):
        if wanted == tag:
            return True
    return False


def _listed(table: bytes, tag: int) -> bool:
    high = tag >> 8
    low = tag & 0xFF
    for i in range(0, len(table), 2):
        if table[i] == high and table[i + 1] == low:
            return True
    return False
