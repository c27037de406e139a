"""Amounts: integers in minor units (fen), shown with two decimals."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.parameters import Parameters


def decimal(amount: int) -> str:
    """1234 -> "12.34", -5 -> "-0.05"."""
    if amount < 0:
        return "-" + decimal(-amount)
    return "%d.%02d" % (amount // 100, amount % 100)


def shifted(amount: int, digit: int, most_digits: int) -> int:
    """The amount after one more digit was typed: all move left by one, as on a cash register.

    Unchanged when it would have more than `most_digits` digits.
    """
    longer = amount * 10 + digit
    return longer if longer < 10**most_digits else amount


def price(parameters: Parameters, amount: int) -> str:
    """1234 -> "RMB 12.34", with the currency that is set; "" for no amount at all."""
    return parameters.currency_name + " " + decimal(amount) if amount else ""
