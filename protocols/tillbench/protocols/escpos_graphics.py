"""The functions of GS ( L and GS 8 L: what follows m and fn, by the number of the function.

Source: Epson ESC/POS Command Reference, GS ( L <functions 48 to 52, 64 to 69, 80 to 85, 112, 113>.
"""

from __future__ import annotations

from typing import Any

from construct import Byte, Bytes, Const, GreedyBytes, Int16ul, Struct

HEAD = Struct("m" / Byte, "fn" / Byte, "parameters" / GreedyBytes)

_KEY = "key" / Bytes(2)
DEFINE = Struct("tone" / Byte, _KEY, "colours" / Byte, "width" / Int16ul, "height" / Int16ul, "planes" / GreedyBytes)
"""Functions 67, 68, 83 and 84. Each plane is a colour and its dots."""
DELETE_ALL = Struct("word" / Const(b"CLR"))
DELETE = Struct("key" / Bytes(2))
PRINT = Struct("key" / Bytes(2), "x" / Byte, "y" / Byte)
"""Functions 69 and 85; x and y say how often each dot is repeated."""
BUFFER = Struct(
    "tone" / Byte,
    "x" / Byte,
    "y" / Byte,
    "colour" / Byte,
    "width" / Int16ul,
    "height" / Int16ul,
    "dots" / GreedyBytes,
)
"""Functions 112 and 113."""
KEY_LIST = Struct("word" / Const(b"KC"))

CAPACITY, LEFT, LEFT_DOWNLOADED = 0x30, 0x31, 0x32
"""Identifiers of the answers to functions 48, 51 and 52: 37, identifier, decimal digits, 00."""
KEYS, KEYS_DOWNLOADED = 0x72, 0x73
"""Identifiers of the answers to functions 64 and 80."""
LAST, MORE = 0x40, 0x41
"""Third byte of a block of key codes: the last one, or another one follows when the host has answered ACK."""


def answer(identifier: int, data: bytes) -> bytes:
    """A block data answer: 37, identifier, data, 00."""
    return bytes((0x37, identifier)) + data + b"\0"


def row_bytes(width: int) -> int:
    """Bytes of a row of `width` dots (or of a column of that many)."""
    return -(-width // 8)


def raster_bytes(arguments: Any) -> int:
    """Bytes of one plane in rows."""
    return row_bytes(arguments.width) * int(arguments.height)


def column_bytes(arguments: Any) -> int:
    """Bytes of one plane in columns."""
    return row_bytes(arguments.height) * int(arguments.width)
