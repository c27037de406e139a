"""Lists of card numbers that a host has sent, on flash: looked up where they lie, not held in RAM.

A list is a log of records (`store.py`) as they were sent, many numbers to a record: two digits of length and the
digits. A number may be the front of many.
"""

from terminal import store

BLACK_LIST = "/black_list"
NO_PIN_CARDS = "/no_pin_cards"
PIN_CARDS = "/pin_cards"
_DIGITS = b"0123456789"


class Refused(Exception):
    """What the host has sent cannot be used; the argument is a line for the screen."""


def listed(folder: str, table: str, pan: str) -> bool:
    """True if the card number, or the front of it, is in a table of numbers. Raises store.Damaged."""
    for _, body in store.records(folder + table):
        at = 0
        while at < len(body):
            end = at + 2 + int(body[at : at + 2])
            if pan.startswith(body[at + 2 : end].decode()):
                return True
            at = end
    return False


def count_numbers(part: bytes) -> int:
    """How many numbers a part has. Raises Refused when it does not end where one ends."""
    at = count = 0
    while at < len(part):
        size = part[at : at + 2]
        if len(size) < 2 or size.strip(_DIGITS):
            raise Refused("BYTE %d" % at)
        end = at + 2 + int(size)
        number = part[at + 2 : end]
        if end > len(part) or not number or number.strip(_DIGITS):
            raise Refused("BYTE %d" % at)
        at = end
        count += 1
    return count
