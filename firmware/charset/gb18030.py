"""GB 18030 (and GBK, its two-byte part) to text and back, for the characters that this firmware has glyphs of.

MicroPython has no codecs. The table is as large as the glyphs that texts and names use, not as the standard: a code
from a host that is not in it becomes a character of Plane 15, U+F0000 plus the code. Such a character has no glyph, but
it goes back to its code unharmed, so a printer with a font of its own prints it.
"""

from generated import hanzi16
from micropython import const

_PRIVATE = const(0xF0000)
_REPLACEMENT = const(0xFFFD)
_QUESTION_MARK = const(0x3F)


def glyph_index(code_point: int) -> int:
    """Which glyph of `hanzi16` a code point has, -1 if none."""
    table = hanzi16.UNICODE
    low = 0
    high = len(table) // 2
    while low < high:
        middle = (low + high) >> 1
        found = table[2 * middle] << 8 | table[2 * middle + 1]
        if found == code_point:
            return middle
        if found < code_point:
            low = middle + 1
        else:
            high = middle
    return -1


def encode(text: str) -> bytes:
    """The text in GB 18030; `?` for a character that is neither ASCII nor in the table."""
    data = bytearray()
    for char in text:
        code = ord(char)
        if code < 0x80:
            data.append(code)
            continue
        if code > _PRIVATE:
            code -= _PRIVATE
        else:
            index = glyph_index(code)
            code = _at(hanzi16.GB, index) if index >= 0 else _QUESTION_MARK
        if code > 0xFF:
            data.append(code >> 8)
        data.append(code & 0xFF)
    return bytes(data)


def decode(data: bytes) -> str:
    """The text of GBK or two-byte GB 18030 bytes; U+FFFD for a byte that begins no two-byte character."""
    text = []
    at = 0
    while at < len(data):
        byte = data[at]
        at += 1
        if byte < 0x80:
            text.append(chr(byte))
        elif 0x81 <= byte <= 0xFE and at < len(data) and data[at] >= 0x40:
            text.append(chr(_code_point(byte << 8 | data[at])))
            at += 1
        else:
            text.append(chr(_REPLACEMENT))
    return "".join(text)


def _code_point(gb: int) -> int:
    order = hanzi16.BY_GB
    low = 0
    high = len(order) // 2
    while low < high:
        middle = (low + high) >> 1
        index = _at(order, middle)
        found = _at(hanzi16.GB, index)
        if found == gb:
            return _at(hanzi16.UNICODE, index)
        if found < gb:
            low = middle + 1
        else:
            high = middle
    return _PRIVATE + gb


def _at(table: bytes, index: int) -> int:
    return table[2 * index] << 8 | table[2 * index + 1]
