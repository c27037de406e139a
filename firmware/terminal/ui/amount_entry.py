"""Asking for an amount: digits push in from the right, as on a cash register."""

from terminal import money
from terminal.i18n import text
from terminal.ui import keys
from terminal.ui.screen import right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.ui.dialogs import Dialogs


async def ask_amount(dialogs: Dialogs, title: str, first_digit: int = 0, most: int = 0) -> int:
    """An amount above zero in minor units, at most `most` unless that is 0. CLEAR starts again.

    Raises Stop on CANCEL and when no key comes.
    """
    parameters = dialogs.parameters
    amount = first_digit
    hint = "amount_keys"
    while True:
        shown = parameters.currency_name + " " + money.decimal(amount)
        dialogs.screen.show(text(title), text("amount"), right(shown), text(hint))
        key = await dialogs.key(parameters.entry_ms, "help_amount")
        hint = "amount_keys"
        if key == keys.ENTER:
            hint = "amount_zero" if not amount else "amount_limit" if 0 < most < amount else ""
            if not hint:
                return amount
        elif key == keys.CLEAR:
            amount = 0
        elif keys.digit(key) >= 0:
            amount = money.shifted(amount, keys.digit(key), parameters.amount_digits)
