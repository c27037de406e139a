"""What a message must have, or it is no message of this dialect."""

from tillbench.protocols.iso8583 import UNIONPAY, FormatError


def must(condition: bool, number: int, expected: str, found: str) -> None:
    """Raise FormatError at the field's bit in the bitmap, which is where a field is declared."""
    if not condition:
        raise FormatError(number, 2 + (number - 1) // 8, expected, found, UNIONPAY.fields[number].name)
