"""ROMFS images: MicroPython's read-only file system, whose files are used in place.

    image  = D2 CD 31, uint length, records       (length padded so that the image has an even size)
    record = uint kind, uint length, payload
    uint   = big-endian groups of 7 bits, bit 7 set in all but the last

A directory's payload is `uint length, name` and then records; a file's is `uint length, name` and one record of data.
Source: MicroPython's extmod/vfs_rom.c, of which the device's `vfs.VfsRom` is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, Union

MAGIC = b"\xd2\xcd\x31"
DATA = 2
DIRECTORY = 4
FILE = 5

Tree: TypeAlias = Mapping[str, Union[bytes, "Tree"]]


def build(tree: Tree) -> bytes:
    """The image of `tree`: file names with their contents, directory names with their trees."""
    records = _records(tree)
    length = _uint(len(records))
    if (len(MAGIC) + len(length) + len(records)) % 2:
        length = b"\x80" + length
    return MAGIC + length + records


def _records(tree: Tree) -> bytes:
    return b"".join(_entry(name, tree[name]) for name in sorted(tree))


def _entry(name: str, content: bytes | Tree) -> bytes:
    head = _uint(len(name.encode())) + name.encode()
    if isinstance(content, bytes):
        return _record(FILE, head + _record(DATA, content))
    return _record(DIRECTORY, head + _records(content))


def _record(kind: int, payload: bytes) -> bytes:
    return _uint(kind) + _uint(len(payload)) + payload


def _uint(value: int) -> bytes:
    encoded = bytes([value & 0x7F])
    while value := value >> 7:
        encoded = bytes([0x80 | value & 0x7F]) + encoded
    return encoded
