"""Failures are texts of the test's own, with whatever it has compared: card numbers are masked in them too."""

from __future__ import annotations

import re

from tillbench.protocols.emv.masking import mask_pan, mask_track2

_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{13,19})([=D]\d+)?(?![0-9A-Za-z])")


def without_pans(text: str) -> str:
    """The text with its card numbers masked: 13 to 19 digits that end with their check digit (ISO/IEC 7812-1, annex B),
    with or without what follows them on track 2."""
    return _NUMBER.sub(lambda found: _masked(found[1], found[2] or ""), text)


def _masked(number: str, discretionary: str) -> str:
    if not _has_check_digit(number):
        return number + discretionary
    return mask_track2(number + discretionary) if discretionary else mask_pan(number)


def _has_check_digit(number: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (sum(doubled) + sum(map(int, number[-1::-2]))) % 10 == 0
