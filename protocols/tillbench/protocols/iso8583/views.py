"""Values as what they mean: amounts as integers, dates and times checked. Made on access; the codecs know digits only.

Each takes a message and the number of a field. KeyError: the field is not there. FormatError: it says no such thing;
`offset` counts inside the value then, in characters, since a message has no bytes.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import TypeVar

from tillbench.protocols.iso8583.errors import FormatError
from tillbench.protocols.iso8583.message import Message

T = TypeVar("T")

_SIGNS = {"C": 1, "D": -1}
_DATE_TIMES = {10: "%m%d%H%M%S", 12: "%y%m%d%H%M%S", 14: "%Y%m%d%H%M%S"}
_DATES = {4: "%m%d", 6: "%y%m%d", 8: "%Y%m%d"}
_TIME = 6
_LEAP_YEAR = 2024  # stands in for a year that the field does not give, so that 0229 is a date


def amount(message: Message, number: int) -> int:
    """An amount without sign, in minor units: all digits of the field, or the last twelve of the 2003 edition's
    sixteen (currency, decimals, amount)."""
    text = _digits(message, number)
    return int(text[-12:])


def signed_amount(message: Message, number: int) -> int:
    """An amount with its sign (x+n), in minor units: credits (C) above zero, debits (D) below."""
    text = message[number]
    if not isinstance(text, str) or text[:1] not in _SIGNS or not _decimal(text[1:]):
        raise FormatError(number, 0, "C or D and digits", _found(text))
    return _SIGNS[text[0]] * int(text[1:])


def local_date(message: Message, number: int, year: int = _LEAP_YEAR) -> date:
    """A date MMDD (of `year`), YYMMDD or YYYYMMDD."""
    text = _digits(message, number)
    if len(text) not in _DATES:
        raise FormatError(number, 0, "4, 6 or 8 digits of date", f"{len(text)} digits")
    whole, pattern = (f"{year:04}{text}", "%Y%m%d") if len(text) == 4 else (text, _DATES[len(text)])
    return _checked(number, "a date", text, lambda: datetime.strptime(whole, pattern).date())


def local_time(message: Message, number: int) -> time:
    """A time hhmmss."""
    text = _digits(message, number)
    if len(text) != _TIME:
        raise FormatError(number, 0, "6 digits of time", f"{len(text)} digits")
    return _checked(number, "a time", text, lambda: time(int(text[:2]), int(text[2:4]), int(text[4:])))


def date_time(message: Message, number: int, year: int = _LEAP_YEAR) -> datetime:
    """A date and time MMDDhhmmss (of `year`), YYMMDDhhmmss or YYYYMMDDhhmmss, in whatever zone the field is in."""
    text = _digits(message, number)
    if len(text) not in _DATE_TIMES:
        raise FormatError(number, 0, "10, 12 or 14 digits of date and time", f"{len(text)} digits")
    whole, pattern = (f"{year:04}{text}", "%Y%m%d%H%M%S") if len(text) == 10 else (text, _DATE_TIMES[len(text)])
    return _checked(number, "a date and time", text, lambda: datetime.strptime(whole, pattern))


def expiry(message: Message, number: int = 14) -> tuple[int, int]:
    """(year of the century, month) of an expiration date YYMM."""
    text = _digits(message, number)
    if len(text) != 4 or not 1 <= int(text[2:]) <= 12:
        raise FormatError(number, 2, "a year and a month 01..12", text)
    return int(text[:2]), int(text[2:])


def _decimal(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _digits(message: Message, number: int) -> str:
    value = message[number]
    if not isinstance(value, str) or not _decimal(value):
        raise FormatError(number, 0, "digits", _found(value))
    return value


def _found(value: str | bytes) -> str:
    return f"{len(value)} {'characters' if isinstance(value, str) else 'bytes'}"


def _checked(number: int, what: str, text: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except ValueError:
        raise FormatError(number, 0, what, text) from None
