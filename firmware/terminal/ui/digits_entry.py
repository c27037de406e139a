"""Asking for digits: numbers, dates, card numbers. CLEAR takes the last digit back."""

from terminal.i18n import has, text
from terminal.ui import keys
from terminal.ui.screen import COLUMNS, right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from terminal.board import Events
    from terminal.ui.dialogs import Dialogs

_STAR = 0x2A
_DAYS = b"\x1f\x1d\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"


async def ask_digits(
    dialogs: Dialogs,
    title: str,
    prompt: str,
    shortest: int,
    longest: int,
    *,
    wrong: "Callable[[str], str] | None" = None,
    scanned: "Callable[[str], str] | None" = None,
    start: str = "",
    typed: str = "",
    dots: bool = False,
    topic: str = "help_digits",
) -> str:
    """`shortest` to `longest` digits; `title` is a key of the text table, `prompt` too or ready words.

    `wrong` gets what was entered and names the text that says what is wrong with it, "" if nothing is. `start` is there
    to begin with; the first digit takes its place. `typed` was typed before; digits go on behind it. With `dots` the
    key `*` is a dot. `scanned` gets what the scanner reads meanwhile, and names the text that says why
    it is of no use; "" if it is: then "" is the answer. Raises Stop on CANCEL and when no key comes.
    """
    entered = typed or start
    untouched = not typed
    resting = hint = "digits_keys" if scanned is None else "scan_keys"
    while True:
        # The longest card number is wider than a row: then its last digits are seen.
        words = text(prompt) if has(prompt) else prompt
        dialogs.screen.show(text(title), words, right(entered[-COLUMNS:]), text(hint))
        key = await dialogs.key(dialogs.parameters.entry_ms, topic)
        hint = resting
        if key == keys.SCANNED and scanned is not None:
            hint = scanned(dialogs.scanned)
            if not hint:
                return ""
        elif key == keys.ENTER:
            hint = "too_short" if len(entered) < shortest else wrong(entered) if wrong else ""
            if not hint:
                return entered
        elif key == keys.CLEAR:
            entered = entered[:-1]
        elif dots and key == _STAR and len(entered) < longest:
            entered += "."
        elif keys.digit(key) >= 0 and (untouched or len(entered) < longest):
            entered = ("" if untouched else entered) + chr(key)
        untouched = untouched and key == keys.ENTER


async def ask_number(dialogs: Dialogs, title: str, prompt: str, longest: int) -> int:
    """A number above zero of at most `longest` digits: a trace number, a count. Raises Stop."""
    return int(await ask_digits(dialogs, title, prompt, 1, longest, wrong=is_zero, topic="help_number"))


async def ask_date(dialogs: Dialogs, title: str, prompt: str) -> str:
    """MMDD: a day that there is in a leap year. Raises Stop."""
    return await ask_digits(dialogs, title, prompt, 4, 4, wrong=_is_no_date, topic="help_date")


async def ask_day(dialogs: Dialogs, title: str, prompt: str, start: str) -> str:
    """YYYYMMDD, from 2024 to 2099; `start` is there to begin with. Raises Stop."""
    return await ask_digits(dialogs, title, prompt, 8, 8, wrong=_is_no_day, start=start)


async def ask_time(dialogs: Dialogs, title: str, prompt: str, start: str) -> str:
    """HHMM. Raises Stop."""
    return await ask_digits(dialogs, title, prompt, 4, 4, wrong=_is_no_time, start=start)


async def ask_pan(dialogs: Dialogs, events: Events, title: str, typed: str = "") -> str:
    """A card number of 13 to 19 digits that passes its check digit (ISO/IEC 7812-1, annex B). Raises Stop.

    `typed` is what was typed already. The bench is told to mask key events meanwhile.
    """
    events.pin_entry(True)
    try:
        return await ask_digits(dialogs, title, "card_number", 13, 19, wrong=_is_no_pan, typed=typed, topic="help_pan")
    finally:
        events.pin_entry(False)


async def ask_expiry(dialogs: Dialogs, title: str) -> str:
    """YYMM as on the card, or "" when ENTER alone is pressed. Raises Stop."""
    return await ask_digits(dialogs, title, "expiry", 0, 4, wrong=_is_no_expiry, topic="help_expiry")


def luhn(digits: str) -> bool:
    """True if the last digit is the check digit of those before it (ISO/IEC 7812-1, annex B)."""
    total = 0
    for at in range(len(digits)):
        digit = ord(digits[-1 - at]) - 0x30
        if at & 1:
            digit = 2 * digit - 9 if digit > 4 else 2 * digit
        total += digit
    return total % 10 == 0


def is_zero(digits: str) -> str:
    """The text that says so, "" for every other number."""
    return "" if int(digits) else "not_zero"


def _is_no_date(digits: str) -> str:
    month = int(digits[:2])
    return "" if 1 <= month <= 12 and 1 <= int(digits[2:]) <= _DAYS[month - 1] else "no_date"


def _is_no_day(digits: str) -> str:
    year = int(digits[:4])
    wrong = not 2024 <= year <= 2099 or (digits[4:] == "0229" and year % 4)
    return "no_date" if wrong else _is_no_date(digits[4:])


def _is_no_time(digits: str) -> str:
    return "" if int(digits[:2]) < 24 and int(digits[2:]) < 60 else "no_date"


def _is_no_expiry(digits: str) -> str:
    return "" if not digits or (len(digits) == 4 and 1 <= int(digits[2:]) <= 12) else "no_date"


def _is_no_pan(digits: str) -> str:
    return "" if luhn(digits) else "no_pan"
