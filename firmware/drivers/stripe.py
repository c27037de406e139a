"""Magnetic stripe: bits out of flux reversals, characters out of bits. Pure: nothing here has a pin or a clock.

Sources: ISO/IEC 7811-2 and -6 (F2F recording, 7-bit and 5-bit characters, odd parity, LRC), ISO/IEC 7813.

The card may have been pulled either way. A reading counts only when every character has odd parity and the columns of
all of them, both sentinels and the LRC included, are even: one wrong bit anywhere spoils it.
"""

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Sequence

_LONGEST = (0, 79, 40, 107)  # characters of track 1, 2, 3 with sentinels and LRC
_START = (0, 0x05, 0x0B, 0x0B)
_END = (0, 0x1F, 0x0F, 0x0F)
_FIRST = (0, 0x20, 0x30, 0x30)  # ASCII of the character with value 0
_SETTLE = const(4)  # leading zeros from which the first guess at a bit's length is made


class StripeError(Exception):
    """A swipe that was not read: `args[0]` says why, in one of these words.

    "EMPTY" no start sentinel, "PARITY" a character's, "END" no end sentinel, "LRC" the columns', "CLOCK" reversals
    that are no F2F, "LONG" more bits than a track has.
    """


def bits_of(intervals: "Sequence[int]") -> "tuple[bytearray, int]":
    """Bits, eight a byte and the first one lowest, from the times between flux reversals in microseconds.

    A long interval is a 0, two short ones are a 1. What is long follows the hand: the length of a bit is learned from
    the leading zeros, and then from every bit.

    Raises:
        StripeError: "CLOCK": a short interval alone.
    """
    count = 0
    bits = bytearray(len(intervals) // 8 + 1)
    if len(intervals) < _SETTLE:
        return bits, 0
    cell = sum(intervals[1:_SETTLE]) // (_SETTLE - 1)
    half = 0
    for interval in intervals:
        if interval * 4 > cell * 3:
            if half:
                raise StripeError("CLOCK")
            cell = _followed(cell, interval)
            count += 1
        elif not half:
            half = interval
        else:
            bits[count >> 3] |= 1 << (count & 7)
            count += 1
            cell = _followed(cell, half + interval)
            half = 0
    return bits, count


def _followed(cell: int, last: int) -> int:
    return (cell + last) // 2


def text_of(bits: "bytearray | memoryview", count: int, track: int) -> str:
    """The characters between the sentinels of a track, 1, 2 or 3, whichever way the card went.

    Args:
        bits: eight a byte, the first one lowest.
        count: how many there are.
        track: its number: 1 has letters, 2 and 3 have digits.

    Raises:
        StripeError: it cannot be read.
    """
    reason = "EMPTY"
    for first in _ways(count):
        try:
            return _read(bits, count, track, first)
        except StripeError as error:
            # The way on which there was a start sentinel knows better what is wrong.
            if reason == "EMPTY":
                reason = error.args[0]
    raise StripeError(reason)


def _ways(count: int) -> "tuple[int, int]":
    """The bit that was written first: the first one, or the last one."""
    return 0, count - 1


def _read(bits: "bytearray | memoryview", count: int, track: int, first: int) -> str:
    reason = "EMPTY"
    size = 7 if track == 1 else 5
    for at in range(count - 3 * size + 1):
        # Every 1 may be noise before the sentinel.
        if _character(bits, at, size, first) != _START[track]:
            continue
        try:
            return _characters(bits, at, count, track, first)
        except StripeError as error:
            reason = error.args[0] if reason == "EMPTY" else reason
    raise StripeError(reason)


def _characters(bits: "bytearray | memoryview", at: int, count: int, track: int, first: int) -> str:
    size = 7 if track == 1 else 5
    columns = _START[track]
    text = ""
    for _ in range(_LONGEST[track]):
        at += size
        if at + 2 * size > count:
            break
        value = _character(bits, at, size, first)
        _check_parity(value)
        columns ^= value
        if value == _END[track]:
            lrc = _character(bits, at + size, size, first)
            _check_parity(lrc)
            _check_columns(columns, lrc)
            _check_rest(bits, at + 2 * size, count, size, first)
            return text
        text += chr(_FIRST[track] + value)
    raise StripeError("END")


def _character(bits: "bytearray | memoryview", at: int, size: int, first: int) -> int:
    """The value of the character at bit `at`, -1 if its parity is even; `first` is the bit that was read last when the
    card went backwards, else 0."""
    value = ones = 0
    for i in range(size):
        n = first - at - i if first else at + i
        if bits[n >> 3] >> (n & 7) & 1:
            ones += 1
            if i < size - 1:
                value |= 1 << i
    return value if ones & 1 else -1


def _check_rest(bits: "bytearray | memoryview", at: int, count: int, size: int, first: int) -> None:
    # Two wrong bits make an end sentinel out of a digit, and the next digit may just be its LRC. But behind the true
    # one there are zeros.
    for i in range(at, min(at + size, count)):
        n = first - i if first else i
        if bits[n >> 3] >> (n & 7) & 1:
            raise StripeError("END")


def _check_parity(value: int) -> None:
    if value < 0:
        raise StripeError("PARITY")


def _check_columns(columns: int, lrc: int) -> None:
    if columns != lrc:
        raise StripeError("LRC")
