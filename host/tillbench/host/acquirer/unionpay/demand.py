"""What a message must have, or it is no message of this dialect."""

from tillbench.protocols.iso8583 import UNIONPAY, FormatError


def must(condition: bool, number: int, expected: str, found: str) -> None:
    """Raise the `fault` unless the condition holds."""
    if not condition:
        raise fault(number, expected, found)


def fault(number: int, expected: str, found: str) -> FormatError:
    """The error at the field's bit in the bitmap, which is where a field is declared. Where every message comes by, it
    is raised after an `if`, so that its words are put together only when they are needed."""
    return FormatError(number, 2 + (number - 1) // 8, expected, found, UNIONPAY.fields[number].name)
