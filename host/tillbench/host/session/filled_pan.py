"""A test PAN in place of one that is masked: as long, with the same digits where they are told."""

from __future__ import annotations


def filled_pan(recorded: str) -> str:
    """Starred digits become zeros, the last of them whatever makes the check digit right (ISO/IEC 7812-1, annex B).

    A PAN that is told whole stays what it is.
    """
    number = recorded.rstrip("F")
    if "*" not in number:
        return number
    at = number.rindex("*")
    plain = number.replace("*", "0")
    return next(whole for digit in "0123456789" if is_luhn(whole := plain[:at] + digit + plain[at + 1 :]))


def is_luhn(pan: str) -> bool:
    """Whether the last digit checks the others."""
    doubled = (int(d) * 2 if at % 2 else int(d) for at, d in enumerate(reversed(pan)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0
