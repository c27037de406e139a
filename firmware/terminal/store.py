"""Records on flash that are whole or not there: a check value over each, and nothing that guesses.

A record on flash is `magic(2) | length(2, big-endian) | body | CRC-32(4, big-endian, over length and body)`.
Two uses:

- one record in a file of its own, replaced as a whole: written beside the old one, then renamed over it;
- a log, to which records are only ever added.

LittleFS makes a rename, and an append up to `flush`, happen wholly or not at all, also when the power fails in
the middle. The check value is for everything else: worn-out cells, a file system that is not LittleFS, a stray
write. A record that fails it is never skipped and never repaired, because it may be the one that owes a customer
money: `Damaged` is raised and the terminal stops selling.
"""

import binascii
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

_MAGIC = b"\xa7R"
_HEAD = 4
_TAIL = 4
_PIECE = 768
"""Bytes that are read at once."""
MAX_BODY = 2048
"""Bytes: no record of a terminal is larger, so a larger length is damage, not a reason to ask for the memory."""


class Damaged(Exception):
    """A record that was written cannot be read back: `path`, `offset` (bytes), `reason`."""

    def __init__(self, path: str, offset: int, reason: str) -> None:
        super().__init__(path, offset, reason)
        self.path = path
        self.offset = offset
        self.reason = reason


def _frame(body: bytes) -> bytes:
    if len(body) > MAX_BODY:
        raise ValueError("record of %d bytes, at most %d" % (len(body), MAX_BODY))
    counted = struct.pack(">H", len(body)) + body
    return _MAGIC + counted + struct.pack(">I", binascii.crc32(counted))


def exists(path: str) -> bool:
    """True if there is such a file."""
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def replace(path: str, body: bytes) -> None:
    """Makes `body` the record in `path`. After a power cut at any moment the file holds the old record or this one.

    Raises OSError when the flash is full or fails; the old record then still stands.
    """
    beside = path + ".new"
    with open(beside, "wb") as f:
        f.write(_frame(body))
        f.flush()
    os.rename(beside, path)


def read(path: str) -> bytes | None:
    """The body of the record in `path`; None when there has never been one. Raises Damaged."""
    found = None
    for _, body in records(path):
        if found is not None:
            raise Damaged(path, 0, "one record expected, found more")
        found = body
    if found is None and exists(path):
        raise Damaged(path, 0, "empty")
    return found


def append(path: str, body: bytes) -> int:
    """Adds a record to the log in `path` and returns its offset; then the record is on flash.

    Raises OSError when the flash is full or fails; the log then ends where it ended before.
    """
    with open(path, "ab") as f:
        offset = f.seek(0, 2)
        f.write(_frame(body))
        f.flush()
    return offset


def records(path: str, offset: int = 0) -> "Iterator[tuple[int, bytes]]":
    """(offset, body) of each record of the log from `offset` on, oldest first; nothing when there is no such file.

    Raises Damaged at the first byte that does not add up, also when that is a torn record at the very end: it
    may have been whole when the request that it stands for was sent.
    """
    # The file is never open while the caller has the turn: a generator that is given up half-way would leave it open,
    # and a file system without finalisers then has a list of open files that runs through freed memory.
    if not exists(path):
        return
    while True:
        piece = _read(path, offset, _PIECE)
        if not piece:
            return
        at = 0
        while at < len(piece):
            size = _size_at(path, piece, at, offset)
            end = at + _HEAD + size + _TAIL
            if size < 0 or end > len(piece):
                if at:
                    break  # it begins the next piece
                piece = _read(path, offset, _HEAD + size + _TAIL)
                end = len(piece)
            body = piece[at + _HEAD : end - _TAIL]
            if binascii.crc32(piece[at + 2 : end - _TAIL]) != struct.unpack(">I", piece[end - _TAIL : end])[0]:
                raise Damaged(path, offset + at, "check value is wrong")
            yield offset + at, body
            at = end
        offset += at


def _read(path: str, offset: int, size: int) -> bytes:
    with open(path, "rb") as f:
        f.seek(offset)
        return f.read(size)


def _size_at(path: str, piece: bytes, at: int, offset: int) -> int:
    """Length of the body of the record that begins at `at`; -1 when its head is in the next piece. Raises Damaged."""
    found = len(piece) - at
    if found < _HEAD:
        if not at:
            raise Damaged(path, offset, "torn head, %d of %d bytes" % (found, _HEAD))
        return -1
    if piece[at : at + 2] != _MAGIC:
        raise Damaged(path, offset + at, "no record starts here")
    size = struct.unpack(">H", piece[at + 2 : at + _HEAD])[0]
    if size > MAX_BODY:
        raise Damaged(path, offset + at, "length %d, at most %d" % (size, MAX_BODY))
    if not at and found < size + _HEAD + _TAIL:
        whole = _read(path, offset, size + _HEAD + _TAIL)
        if len(whole) < size + _HEAD + _TAIL:
            raise Damaged(path, offset, "torn, %d of %d bytes" % (len(whole) - _HEAD, size + _TAIL))
    return size


def free_bytes(path: str) -> int:
    """Free space of the file system that holds `path`, in bytes."""
    status = os.statvfs(path)
    return status[0] * status[3]
