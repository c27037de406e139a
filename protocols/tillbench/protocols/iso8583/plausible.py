"""How sensible a decoded value looks: what tells a right reading of bytes from one that merely has no fault.

A penalty is 0 for a value as one would expect it, and about the logarithm of how much rarer such a value is in real
messages than in random ones; below zero where a value could hardly be so by chance. Only what the names and numbers
of the fields promise is looked at; nothing is refused here.
"""

import re
from collections.abc import Callable, Mapping

from tillbench.protocols.iso8583 import meanings
from tillbench.protocols.iso8583.privacy import PAN, TRACK_2, TRACK_3
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.subfields import BerTlv, Layout, SubfieldError, split

Value = str | bytes

WORST = 8.0
_HABITUAL = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz .,-/:")
_USUAL_SIGNS = frozenset("+#*&'()@=^%_;|<>?!\"$")
_CHIP_TAGS = frozenset({0x82, 0x84, 0x8A, 0x91, 0x95, 0x9A, 0x9C, 0x5F, 0x9F, 0x71, 0x72, 0xDF, 0x4F, 0x50, 0x57, 0x5A})
_TRACK_1, _SEVERAL_MONTHS, _DAYS = 45, 12, 31
_KNOWN_ENTRY_MODES = {*meanings.ENTRY_MODES, "00", "04", "06", "10", "79", "80", "81", "82", "90", "91", "98"}


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit (ISO/IEC 7812-1, Annex B)."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + index % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def message_type(mti: str) -> float:
    """The penalty of a message type."""
    known = "0" + mti[1:] in meanings.MESSAGE_TYPES
    return 0.0 if known else 1.0 if plausible_mti(mti) else WORST


def plausible_mti(mti: str) -> bool:
    """Version 0 to 2, a class and an origin that the standard has, function 0 to 5."""
    return len(mti) == 4 and mti[0] in "012" and mti[1] in "12345678" and mti[2] in "012345" and mti[3] in "012345"


def value(rule: Rule, found: Value, layout: Layout | None = None) -> float:
    """The penalty of one value. layout: what the dialect says that it is made of."""
    inside = 0.0 if layout is None else _inside(layout, found)
    if isinstance(found, bytes):
        return inside
    if rule.number in (TRACK_2, TRACK_3):
        return inside + (_track_2(found) if rule.number == TRACK_2 else 0.0)
    if rule.number == PAN:
        return inside + _pan(found)
    shape = next((check(found) for words, check in _SHAPES if words.search(rule.name.lower())), 0.0)
    return inside + shape + (_text(found) if rule.type not in ("n", "z", "x+n") else 0.0)


def together(fields: Mapping[int, Value]) -> float:
    """What fields say of each other: the account number stands in track 2 once more."""
    pan, track = fields.get(PAN), fields.get(TRACK_2)
    if not isinstance(pan, str) or not isinstance(track, str) or len(pan) < 12:
        return 0.0
    return -2.0 if track.startswith(pan) else 1.5


def _inside(layout: Layout, found: Value) -> float:
    if isinstance(layout, BerTlv) and isinstance(found, str):
        return WORST / 2
    try:
        elements = split(layout, found)
    except SubfieldError:
        return WORST / 2
    if not isinstance(layout, BerTlv):
        return 0.0
    known = sum(bytes.fromhex(element.key)[0] in _CHIP_TAGS for element in elements)
    return -2.0 if elements and known == len(elements) else 1.0


def _pan(digits: str) -> float:
    if not digits.isdecimal():
        return WORST
    return (0.0 if luhn(digits) else 2.5) + (0.0 if digits[:1] in "23456" else 1.5) + (3.0 if len(digits) < 12 else 0.0)


def _track_2(track: str) -> float:
    pan, separator, rest = track.replace("=", "D").partition("D")
    if not separator:
        return 2.0  # or enciphered
    good = pan.isdecimal() and 8 <= len(pan) <= 19 and rest[:7].isdecimal() and "01" <= rest[2:4] <= "12"
    return 4.0 if not good else 0.0 if luhn(pan) else 1.0


def _text(text: str) -> float:
    """ASCII that people write, or GBK."""
    penalty = 0.0
    odd = ""
    for character in text:
        if character in _HABITUAL:
            continue
        if character <= "~":
            penalty += 0.3 if character in _USUAL_SIGNS else 0.6
        else:
            odd += character
    if odd:
        try:
            read = text.encode("latin-1").decode("gbk")
            chinese = sum("一" <= character <= "鿿" for character in read)
        except UnicodeDecodeError:
            chinese = 0
        penalty += 0.2 if chinese * 2 == len(odd) else 0.8 * len(odd)
    if text[:1] == " ":
        penalty += 1.0
    return min(penalty, WORST)


def _two(text: str, low: int, high: int) -> bool:
    return text.isdecimal() and low <= int(text) <= high


def _month_day(text: str) -> bool:
    return _two(text[:2], 1, _SEVERAL_MONTHS) and _two(text[2:4], 1, _DAYS)


def _time(text: str) -> float:
    good = len(text) < 6 or (_two(text[:2], 0, 23) and _two(text[2:4], 0, 59) and _two(text[4:6], 0, 59))
    return 0.0 if good else 3.0


def _date(text: str) -> float:
    if len(text) not in (4, 6, 8):
        return 0.0
    tail = text[-4:]
    ways = [_month_day(tail)]
    if len(text) == 4:
        ways.append(_two(text[2:], 1, _SEVERAL_MONTHS))  # YYMM
    if len(text) == 6:
        ways.append(_month_day(text))  # MMDDYY
    return 0.0 if any(ways) else 3.0


def _date_and_time(text: str) -> float:
    if len(text) not in (10, 12, 14):
        return 0.0
    return (0.0 if _month_day(text[-10:]) else 3.0) + _time(text[-6:])


def _expiry(text: str) -> float:
    return 0.0 if len(text) != 4 or _two(text[2:], 1, _SEVERAL_MONTHS) or _two(text[:2], 1, _SEVERAL_MONTHS) else 3.0


def _amount(text: str) -> float:
    digits = text.lstrip("CD")
    if len(digits) < 8 or not digits.isdecimal():
        return 0.0
    zeros = len(digits) - len(digits.lstrip("0"))
    return 1.5 if zeros < 2 else -0.3 * min(zeros, 6)


def _three(text: str) -> float:
    return 0.0 if len(text) != 3 or text.isdecimal() or (text.isalpha() and text.isupper()) else 2.5


def _country(text: str) -> float:
    return 0.0 if len(text) != 3 or not text.isdecimal() or 4 <= int(text) <= 899 else 1.0


def _processing_code(text: str) -> float:
    return 0.0 if len(text) != 6 or (text[3] == "0" and text[5] == "0") else 1.5


def _entry_mode(text: str) -> float:
    return 0.0 if len(text) != 3 or (text[:2] in _KNOWN_ENTRY_MODES and text[2] in "01268") else 2.5


def _code(text: str) -> float:
    return 0.0 if text.rstrip().isalnum() and text == text.upper() else 1.0


def _small(text: str) -> float:
    return 0.0 if text.startswith("0") or not text.isdecimal() else 1.0


def _pin_capture(text: str) -> float:
    return 0.0 if len(text) != 2 or _two(text, 4, 12) else 1.0


def _original(text: str) -> float:
    return 0.0 if len(text) < 20 or plausible_mti(text[:4]) else 3.0


def _track_1(text: str) -> float:
    return 0.0 if text[:1] in "B%" and text.count("^") == 2 else 2.0


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[str], float]], ...] = tuple(
    (re.compile(words), check)
    for words, check in (
        (r"date.*time|time.*date", _date_and_time),
        (r"expir", _expiry),
        (r"\bdate\b", _date),
        (r"\btime\b", _time),
        (r"amount", _amount),
        (r"country code", _country),
        (r"currency code", _three),
        (r"processing code", _processing_code),
        (r"entry mode", _entry_mode),
        (r"sequence number", _small),
        (r"pin capture", _pin_capture),
        (r"original data", _original),
        (r"track 1", _track_1),
        (r"authori[sz]ation|retrieval|response code|approval code", _code),
    )
)
"""By words in the name of a field, the first that fits."""
