"""Card numbers in texts that people and programs write: notes, failures, logs."""

import re
from collections.abc import Container

from tillbench.protocols.emv.masking import mask_pan, mask_track2

_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])"
    r"(?:(?P<number>\d{13,19})(?P<rest>[=Dd]\d+[Ff]?)?"
    r"|(?P<grouped>\d{4}(?P<gap>[ -])(?:\d{4}(?P=gap)\d{4}(?P=gap)\d{1,4}(?:(?P=gap)\d{1,3})?|\d{6}(?P=gap)\d{4,5})))"
    r"(?![0-9A-Za-z])"
)


def without_pans(text: str, known: Container[str] = ()) -> str:
    """The text with its card numbers masked: 13 to 19 digits that are `known`, or end with their check digit (ISO/IEC
    7812-1, annex B), with or without what follows them on track 2; or in groups, as they are embossed."""

    def masked(found: re.Match[str]) -> str:
        number = found["number"] or "".join(filter(str.isdecimal, found["grouped"]))
        if number not in known and not has_check_digit(number):
            return found[0]
        if found["rest"]:
            return mask_track2(found[0])
        shown = iter(mask_pan(number))
        return "".join(next(shown) if letter.isdecimal() else letter for letter in found[0])

    return _NUMBER.sub(masked, text)


def has_check_digit(number: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (sum(doubled) + sum(map(int, number[-1::-2]))) % 10 == 0
