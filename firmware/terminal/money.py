"""Amounts: integers in minor units (fen), shown with two decimals."""


def decimal(amount: int) -> str:
    """1234 -> "12.34"."""
    return "%d.%02d" % (amount // 100, amount % 100)


def shifted(amount: int, digit: int, most_digits: int) -> int:
    """The amount after one more digit was typed: all move left by one, as on a cash register.

    Unchanged when it would have more than `most_digits` digits.
    """
    longer = amount * 10 + digit
    return longer if longer < 10**most_digits else amount
