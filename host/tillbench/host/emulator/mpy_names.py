"""The names (qstr) that compiled modules use, for an image that shall know them: `bench/qemu/usermod/romnames`.

    list  = u32 count, names      (little-endian, ascending, each once)
    name  = u8 length, characters, 00
    .mpy  = 'M', version, flags, bits of a small int, uint number of names, uint number of objects, names, ...
    name  = uint: bit 0 set: one that every MicroPython has; else twice the length, then characters, 00

Source: MicroPython's py/persistentcode.c, `.mpy` version 6.3.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tillbench.host.emulator.romfs import Tree

_MPY = b"M\x06"
_HEADER = 4


def listed(tree: Tree, mount: str) -> bytes:
    """The names of all modules below `tree`, as the device takes them, which finds them below `mount`.

    The modules' own names and paths are names too: MicroPython keeps both for each that is imported.
    """
    found = sorted(set(_below(tree, mount)))
    return struct.pack("<I", len(found)) + b"".join(bytes([len(name)]) + name + b"\0" for name in found)


def _below(tree: Tree, folder: str) -> Iterator[bytes]:
    for file, content in tree.items():
        path = f"{folder}/{file}"
        yield file.partition(".")[0].encode()
        if isinstance(content, bytes):
            yield path.encode()
            yield from names(content)
        else:
            yield from _below(content, path)


def names(module: bytes) -> list[bytes]:
    """The names of one `.mpy` file that not every MicroPython has; none of what is no `.mpy` file."""
    if not module.startswith(_MPY):
        return []
    found = []
    count, at = _uint(module, _HEADER)
    _, at = _uint(module, at)
    for _ in range(count):
        length, at = _uint(module, at)
        if not length & 1:
            length >>= 1
            found.append(module[at : at + length])
            at += length + 1
    return found


def _uint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
