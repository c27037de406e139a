"""Values on the link's RUN channel: what a Python literal can say, in bytes.

One byte of kind, then for numbers, text and bytes a u32 length and the contents, for containers a u32 count and the
items; little-endian, like the rest of the link. The device has the same in `tests/device/runner/literal.py`. Text that
`repr` makes and `eval` reads would be four times as long for bytes, and on a heap of 100 KB each string that `eval` has
compiled stays for ever.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

_CONSTANTS: dict[int, Any] = {ord("N"): None, ord("T"): True, ord("F"): False}
_LETTERS = {value: bytes([kind]) for kind, value in _CONSTANTS.items()}
_SCALARS: dict[int, Callable[[bytes], Any]] = {
    ord("i"): lambda data: int(data, 16),
    ord("f"): float,
    ord("b"): bytes,
    ord("s"): lambda data: str(data, "utf-8"),
}
_CONTAINERS: dict[int, Callable[[list[Any]], Any]] = {
    ord("l"): list,
    ord("t"): tuple,
    ord("S"): set,
    ord("d"): lambda items: dict(zip(items[::2], items[1::2], strict=True)),
}


class LiteralError(ValueError):
    """A value that is none of these, or bytes that are no value."""


def encode(value: Any) -> bytes:
    """`value` in bytes.

    Raises:
        LiteralError: it is, or holds, something that a literal cannot say.
    """
    out = bytearray()
    _encode(value, out)
    return bytes(out)


def _encode(value: Any, out: bytearray) -> None:
    if value is None or isinstance(value, bool):
        out += _LETTERS[value]
    elif isinstance(value, int):
        _scalar(b"i", b"%x" % value, out)
    elif isinstance(value, float):
        _scalar(b"f", repr(value).encode(), out)
    elif isinstance(value, bytes | bytearray | memoryview):
        _scalar(b"b", value, out)
    elif isinstance(value, str):
        _scalar(b"s", value.encode(), out)
    elif isinstance(value, list | tuple | set | dict):
        kind = {list: b"l", tuple: b"t", set: b"S", dict: b"d"}[
            next(base for base in (list, tuple, set, dict) if isinstance(value, base))
        ]
        items = [item for pair in value.items() for item in pair] if isinstance(value, dict) else value
        out += kind + struct.pack("<I", len(items))
        for item in items:
            _encode(item, out)
    else:
        raise LiteralError(f"expected None, a bool, number, text, bytes or a container of these, got {value!r}")


def _scalar(kind: bytes, data: bytes | bytearray | memoryview, out: bytearray) -> None:
    out += kind + struct.pack("<I", len(data))
    out += data


def decode(data: bytes) -> Any:
    """The value in `data`.

    Raises:
        LiteralError: it is none, ends too early, or has bytes behind its end; with the offset.
    """
    value, end = _decode(data, 0)
    if end != len(data):
        raise LiteralError(f"offset {end}: expected the end of the value, found {len(data) - end} more bytes")
    return value


def _decode(data: bytes, at: int) -> tuple[Any, int]:
    kind = data[at] if at < len(data) else None
    if kind in _CONSTANTS:
        return _CONSTANTS[kind], at + 1
    if kind is None or (kind not in _SCALARS and kind not in _CONTAINERS) or at + 5 > len(data):
        raise LiteralError(f"offset {at}: expected a value, found {data[at : at + 5].hex() or 'the end'}")
    size = struct.unpack_from("<I", data, at + 1)[0]
    at += 5
    if kind in _SCALARS:
        if at + size > len(data):
            raise LiteralError(f"offset {at}: expected {size} bytes, found {len(data) - at}")
        try:
            return _SCALARS[kind](data[at : at + size]), at + size
        except ValueError as error:
            raise LiteralError(f"offset {at}: {error}") from None
    items: list[Any] = []
    for _ in range(size):
        item, at = _decode(data, at)
        items.append(item)
    try:
        return _CONTAINERS[kind](items), at
    except (TypeError, ValueError) as error:
        raise LiteralError(f"offset {at}: {error}") from None
