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
    if not exists(path):
        return
    with open(path, "rb") as f:
        f.seek(offset)
        while True:
            head = f.read(_HEAD)
            if not head:
                return
            if len(head) < _HEAD:
                raise Damaged(path, offset, "torn head, %d of %d bytes" % (len(head), _HEAD))
            if head[:2] != _MAGIC:
                raise Damaged(path, offset, "no record starts here")
            size = struct.unpack(">H", head[2:])[0]
            if size > MAX_BODY:
                raise Damaged(path, offset, "length %d, at most %d" % (size, MAX_BODY))
            rest = f.read(size + _TAIL)
            if len(rest) < size + _TAIL:
                raise Damaged(path, offset, "torn, %d of %d bytes" % (len(rest), size + _TAIL))
            body = rest[:size]
            if binascii.crc32(head[2:] + body) != struct.unpack(">I", rest[size:])[0]:
                raise Damaged(path, offset, "check value is wrong")
            yield offset, body
            offset += _HEAD + size + _TAIL


def free_bytes(path: str) -> int:
    """Free space of the file system that holds `path`, in bytes."""
    status = os.statvfs(path)
    return status[0] * status[3]
