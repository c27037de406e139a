"""Codes of the keys that are not digits (those are their ASCII codes)."""

from micropython import const

CLEAR = const(0x08)
ENTER = const(0x0D)
CANCEL = const(0x18)
MENU = const(0x81)
FN = const(0x82)
UP = const(0x83)
DOWN = const(0x84)
FEED = const(0x87)
SCANNED = const(0x88)
"""No key: a code was read by the scanner, while a question wants one."""


def digit(key: int) -> int:
    """The value of a digit key, -1 for every other key."""
    return key - 0x30 if 0x30 <= key <= 0x39 else -1
