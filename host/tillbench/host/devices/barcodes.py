"""Linear bar codes as a receipt printer takes them (`GS k`): data in, widths of bars and spaces out."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import NamedTuple

from tillbench.host.devices.barcode_tables import (
    CODABAR,
    CODE39,
    CODE93,
    CODE93_CHARACTERS,
    CODE93_START,
    CODE128,
    EAN13_PARITY,
    EAN_LEFT,
    ITF,
    UPCE_PARITY,
)


class Bars(NamedTuple):
    """A bar code: `widths` as in `barcode_tables`, and `text`, what is printed beside it for people."""

    widths: str
    text: str


def upc_a(data: bytes) -> Bars:
    """11 digits, or 12 with their check digit."""
    bars = _ean13("0" + _digits(data, 11, 12))
    return Bars(bars.widths, bars.text[1:])


def upc_e(data: bytes) -> Bars:
    """The 6 digits of UPC-E, or 7, 8, 11, 12 digits of it or of the UPC-A that it shortens, number system 0."""
    digits = _digits(data, 6, 7, 8, 11, 12)
    if len(digits) > 6 and digits[0] != "0":
        raise ValueError(f"number system expected 0, found {digits[0]}")
    if len(digits) in (6, 7, 8):
        short = digits if len(digits) == 6 else digits[1:7]
        full = _checked(_expanded(short) + (digits[7] if len(digits) == 8 else ""), 11)
    else:
        full = _checked(digits, 11)
        short = _shortened(full)
    widths = "111" + _parity(short, UPCE_PARITY[int(full[-1])]) + "111111"
    return Bars(widths, f"0{short}{full[-1]}")


def ean13(data: bytes) -> Bars:
    """12 digits, or 13 with their check digit."""
    return _ean13(_digits(data, 12, 13))


def ean8(data: bytes) -> Bars:
    """7 digits, or 8 with their check digit."""
    digits = _checked(_digits(data, 7, 8), 7)
    return Bars("111" + _parity(digits[:4], "OOOO") + "11111" + _parity(digits[4:], "OOOO") + "111", digits)


def code39(data: bytes) -> Bars:
    """Digits, capitals and `-. $/+%`; the printer adds start and stop where the data has none."""
    text = _characters(data, CODE39)
    framed = f"*{text.strip('*')}*"
    if "*" in framed[1:-1]:
        raise ValueError("an asterisk in the middle")
    return Bars("n".join(CODE39[char] for char in framed), text)


def itf(data: bytes) -> Bars:
    """An even number of digits."""
    digits = _digits(data)
    if not digits or len(digits) % 2:
        raise ValueError(f"an even number of digits expected, found {len(digits)}")
    pairs = zip(digits[::2], digits[1::2], strict=True)
    inside = "".join(bar + space for a, b in pairs for bar, space in zip(ITF[int(a)], ITF[int(b)], strict=True))
    return Bars("nnnn" + inside + "wnn", digits)


def codabar(data: bytes) -> Bars:
    """Digits and `-$:/.+` between two of A, B, C, D."""
    text = _characters(data.upper(), CODABAR)
    if len(text) < 2 or not set(text[:1] + text[-1:]) <= set("ABCD") or set(text[1:-1]) & set("ABCD"):
        raise ValueError("A, B, C or D expected at both ends and nowhere else")
    return Bars("n".join(CODABAR[char] for char in text), text)


def code93(data: bytes) -> Bars:
    """Any ASCII; what is not in the code itself is written with its shifts."""
    values = [value for byte in data for value in _code93_values(byte)]
    if not values:
        raise ValueError("no data")
    for most in (20, 15):
        values.append(sum(value * (at % most + 1) for at, value in enumerate(reversed(values))) % 47)
    return Bars("".join([CODE93_START, *(CODE93[value] for value in values), CODE93_START, "1"]), _readable(data))


def code128(data: bytes) -> Bars:
    """`{A`, `{B` or `{C` first, then characters of that code set; `{S`, `{1`..`{4`, `{{` within."""
    return _code128(*_code128_values(data))


def gs1_128(data: bytes) -> Bars:
    """Digits and characters with application identifiers in brackets; `{1` is FNC1, code sets are the printer's."""
    text = "".join(char for char in data.decode("latin-1") if char not in "() ")
    code_set, at = 105 if text[:4].isdigit() and len(text) >= 4 else 104, 0
    values = [code_set, 102]
    while at < len(text):
        run = len(text[at:]) - len(text[at:].lstrip(string.digits))
        if text.startswith("{1", at):
            values.append(102)
            at += 2
        elif code_set == 105 and run >= 2:
            values.append(int(text[at : at + 2]))
            at += 2
        elif code_set == 105:
            values.append(100)
            code_set = 104
        elif run >= 4 and run % 2 == 0:
            values.append(99)
            code_set = 105
        else:
            if not " " <= text[at] <= "\x7f":
                raise ValueError(f"character {ord(text[at]):02X} is not in the code")
            values.append(ord(text[at]) - 32)
            at += 1
    return _code128(values, _readable(data).replace("{1", ""))


ENCODERS: dict[str, Callable[[bytes], Bars]] = {
    "UPC-A": upc_a,
    "UPC-E": upc_e,
    "EAN13": ean13,
    "EAN8": ean8,
    "CODE39": code39,
    "ITF": itf,
    "CODABAR": codabar,
    "CODE93": code93,
    "CODE128": code128,
    "GS1-128": gs1_128,
}
"""By the name of the code. Each raises ValueError, which says what is wrong with the data."""


def _digits(data: bytes, *lengths: int) -> str:
    text = data.decode("latin-1")
    for at, char in enumerate(text):
        if char not in string.digits:
            raise ValueError(f"digits expected, found {data[at]:02X} at {at}")
    if lengths and len(text) not in lengths:
        raise ValueError(f"{' or '.join(map(str, lengths))} digits expected, found {len(text)}")
    return text


def _characters(data: bytes, table: dict[str, str]) -> str:
    for at, byte in enumerate(data):
        if chr(byte) not in table:
            raise ValueError(f"character {byte:02X} at {at} is not in the code")
    if not data:
        raise ValueError("no data")
    return data.decode("ascii")


def _readable(data: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else " " for byte in data)


def _checked(digits: str, length: int) -> str:
    """`length` digits and their check digit, which is added or, if there is one, compared."""
    total = sum(int(digit) * (3, 1)[at % 2] for at, digit in enumerate(reversed(digits[:length])))
    check = str(-total % 10)
    if digits[length:] not in ("", check):
        raise ValueError(f"check digit expected {check}, found {digits[length]}")
    return digits[:length] + check


def _parity(digits: str, parity: str) -> str:
    """Digits that begin with a space, or, where that stands on the right half, with a bar: the widths are the same."""
    return "".join(
        EAN_LEFT[int(d)] if p == "O" else EAN_LEFT[int(d)][::-1] for d, p in zip(digits, parity, strict=True)
    )


def _ean13(digits: str) -> Bars:
    digits = _checked(digits, 12)
    left = _parity(digits[1:7], EAN13_PARITY[int(digits[0])])
    return Bars("111" + left + "11111" + _parity(digits[7:], "OOOOOO") + "111", digits)


def _expanded(short: str) -> str:
    """The 11 digits of UPC-A that six of UPC-E stand for (ISO/IEC 15420, 4.3.3)."""
    a, last = short, short[5]
    if last in "012":
        return f"0{a[:2]}{last}0000{a[2:5]}"
    if last == "3":
        return f"0{a[:3]}00000{a[3:5]}"
    if last == "4":
        return f"0{a[:4]}00000{a[4]}"
    return f"0{a[:5]}0000{last}"


def _shortened(full: str) -> str:
    maker, item = full[1:6], full[6:11]
    for short in (
        maker[:2] + item[2:] + maker[2],
        maker[:3] + item[3:] + "3",
        maker[:4] + item[4] + "4",
        maker + item[4],
    ):
        if _expanded(short) == full[:11]:
            return short
    raise ValueError(f"{full} has no short form")


def _code93_values(byte: int) -> list[int]:
    char = chr(byte)
    if char in CODE93_CHARACTERS:
        return [CODE93_CHARACTERS.index(char)]
    dollar, percent, slash, plus = 43, 44, 45, 46
    for first, last, shift, letter in (
        (0x01, 0x1A, dollar, "A"),
        (0x1B, 0x1F, percent, "A"),
        (0x21, 0x3A, slash, "A"),
        (0x3B, 0x3F, percent, "F"),
        (0x5B, 0x5F, percent, "K"),
        (0x61, 0x7A, plus, "A"),
        (0x7B, 0x7F, percent, "P"),
        (0x00, 0x00, percent, "U"),
        (0x40, 0x40, percent, "V"),
        (0x60, 0x60, percent, "W"),
    ):
        if first <= byte <= last:
            return [shift, CODE93_CHARACTERS.index(chr(ord(letter) + byte - first))]
    raise ValueError(f"character {byte:02X} is not in the code")


_STARTS = {"A": 103, "B": 104, "C": 105}
_SWITCHES = {"A": 101, "B": 100, "C": 99}


def _code128_values(data: bytes) -> tuple[list[int], str]:
    """Values and text of data with its code sets in braces."""
    if data[:1] != b"{" or chr(data[1] if len(data) > 1 else 0) not in _STARTS:
        raise ValueError(f"{{A, {{B or {{C expected first, found {_readable(data[:2])!r}")
    code_set = chr(data[1])
    values, text, at, shifted = [_STARTS[code_set]], "", 2, False
    while at < len(data):
        byte = data[at]
        at += 1
        if (byte == ord("{") and code_set != "C") or (byte == ord("{") and at < len(data) and chr(data[at]) in "AB1"):
            mark = chr(data[at]) if at < len(data) else ""
            at += 1
            if mark in _SWITCHES and mark != code_set:
                code_set = mark
                values.append(_SWITCHES[mark])
                continue
            if mark == "S" and code_set != "C":
                values.append(98)
                shifted = True
                continue
            if mark and mark in "1234":
                values.append({"1": 102, "2": 97, "3": 96, "4": 101 if code_set == "A" else 100}[mark])
                continue
            if mark != "{":
                raise ValueError(f"{{{mark} in code set {code_set}, at {at - 2}")
        if code_set == "C":
            if byte > 99:
                raise ValueError(f"0 to 99 expected in code set C, found {byte} at {at - 1}")
            values.append(byte)
            text += f"{byte:02d}"
            continue
        values.append(_value(byte, "AB"[code_set == "A"] if shifted else code_set, at - 1))
        shifted = False
        text += _readable(bytes([byte]))
    return values, text


def _value(byte: int, code_set: str, at: int) -> int:
    if 0x20 <= byte < (0x60 if code_set == "A" else 0x80):
        return byte - 32
    if code_set == "A" and byte < 0x20:
        return byte + 64
    raise ValueError(f"character {byte:02X} at {at} is not in code set {code_set}")


def _code128(values: list[int], text: str) -> Bars:
    check = (values[0] + sum(at * value for at, value in enumerate(values))) % 103
    return Bars("".join(CODE128[value] for value in [*values, check, 106]), text)
