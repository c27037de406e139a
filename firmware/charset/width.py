"""Text in cells: a hanzi is as wide as two letters, on the screen and on paper (Unicode Annex 11, "wide")."""

from micropython import const

_FIRST_WIDE = const(0x2E80)
_REPLACEMENT = const(0xFFFD)


def codes(text: str) -> "bytes | list[int]":
    """The code points of the text.

    A string of its own for each character, as in `for char in text`, would first be looked for among all names.
    """
    data = text.encode()
    return data if len(data) == len(text) else [ord(char) for char in text]


_NEVER_FIRST = "，。、：；！？）》”"
"""Marks that no line begins with."""


def is_wide(code_point: int) -> bool:
    """True for a character of two cells: CJK, kana, full-width forms, and what `gb18030` has no glyph of."""
    return code_point >= _FIRST_WIDE and code_point != _REPLACEMENT


def cells(text: str, narrow: int = 1, wide: int = 2) -> int:
    """How many cells the text takes; how many dots when a letter has `narrow` of them and a hanzi `wide`."""
    count = narrow * len(text)
    for code in codes(text):
        if is_wide(code):
            count += wide - narrow
    return count


def fitting(text: str, width: int, narrow: int = 1, wide: int = 2) -> str:
    """As much of the text, from its beginning, as fits into `width` cells (or dots)."""
    used = 0
    for at, code in enumerate(codes(text)):
        used += wide if is_wide(code) else narrow
        if used > width:
            return text[:at]
    return text


def centred(text: str, width: int) -> str:
    """The text, cut to `width` cells, in their middle: padded on both sides to all of them."""
    text = fitting(text, width)
    room = width - cells(text)
    return " " * (room // 2) + text + " " * (room - room // 2)


def right(text: str, width: int) -> str:
    """The text at the right end of `width` cells."""
    return " " * (width - cells(text)) + text


def wrapped(text: str, width: int, narrow: int = 1, wide: int = 2) -> "list[str]":
    """The text in lines of at most `width` cells (or dots), broken at the last space or hanzi that fits, else anywhere.

    At least one character a line, however narrow it is; a mark that closes something takes what is before it along.
    """
    lines = []
    while cells(text, narrow, wide) > width:
        end = max(1, len(fitting(text, width, narrow, wide)))
        at = end
        while at > 0 and text[at] != " " and not is_wide(ord(text[at - 1])) and not is_wide(ord(text[at])):
            at -= 1
        if 1 < at < len(text) and text[at] in _NEVER_FIRST and is_wide(ord(text[at - 1])):
            at -= 1
        if at <= 0:
            at = end
        lines.append(text[:at].rstrip())
        text = text[at:].lstrip()
    lines.append(text)
    return lines
