"""Values on the link's RUN channel, as `tillbench.protocols.literal` writes and reads them."""

from struct import pack, unpack_from

_CONSTANTS = {78: None, 84: True, 70: False}


def encode(value: object) -> bytearray:
    """`value` in bytes; TypeError if a literal cannot say it."""
    out = bytearray()
    _encode(value, out)
    return out


def _encode(value: object, out: bytearray) -> None:
    if value is None or value is True or value is False:
        out.extend({None: b"N", True: b"T", False: b"F"}[value])
    elif isinstance(value, int):
        _scalar(b"i", b"%x" % value, out)
    elif isinstance(value, float):
        _scalar(b"f", repr(value).encode(), out)
    elif isinstance(value, (bytes, bytearray, memoryview)):
        _scalar(b"b", value, out)
    elif isinstance(value, str):
        _scalar(b"s", value.encode(), out)
    elif isinstance(value, (tuple, list, set)):
        out.extend(b"t" if isinstance(value, tuple) else b"l" if isinstance(value, list) else b"S")
        out.extend(pack("<I", len(value)))
        for item in value:
            _encode(item, out)
    elif isinstance(value, dict):
        out.extend(b"d")
        out.extend(pack("<I", 2 * len(value)))
        for key in value:
            _encode(key, out)
            _encode(value[key], out)
    else:
        raise TypeError("the test cannot be given a %s" % type(value).__name__)


def _scalar(kind: bytes, data: "bytes | bytearray | memoryview", out: bytearray) -> None:
    out.extend(kind)
    out.extend(pack("<I", len(data)))
    out.extend(data)


def decode(data: "bytes | memoryview") -> object:
    """The value that `data` begins with."""
    return _decode(data, 0)[0]


def _decode(data: "bytes | memoryview", at: int) -> "tuple[object, int]":
    kind = data[at]
    if kind in _CONSTANTS:
        return _CONSTANTS[kind], at + 1
    size = unpack_from("<I", data, at + 1)[0]
    at += 5
    if kind == 98:  # b
        return bytes(data[at : at + size]), at + size
    if kind == 115:  # s
        return str(data[at : at + size], "utf-8"), at + size
    if kind == 105:  # i
        return int(bytes(data[at : at + size]), 16), at + size
    if kind == 102:  # f
        return float(bytes(data[at : at + size])), at + size
    if kind == 100:  # d
        pairs = {}
        for _ in range(size // 2):
            key, at = _decode(data, at)
            pairs[key], at = _decode(data, at)
        return pairs, at
    items = []
    for _ in range(size):
        item, at = _decode(data, at)
        items.append(item)
    if kind == 108:  # l
        return items, at
    return (tuple(items) if kind == 116 else set(items)), at
