"""The duplicate guard: the same card and amount within minutes is more often a mistake than a second purchase."""

from terminal import money
from terminal.clock import seconds_between
from terminal.flows.original import short
from terminal.transaction import APPROVED
from terminal.vault import CannotUnseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.flows.card import Card
    from terminal.transaction import Transaction


async def check_not_repeated(card: Card) -> None:
    """Asks before what was approved within `repeat_minutes` is done once more. Raises Stop when it shall not be.

    The journal knows the card by its masked number and its sealed one, which is compared.
    """
    terminal = card.terminal
    longest = 60 * terminal.parameters.repeat_minutes
    for t in terminal.journal.history():
        alike = t.state == APPROVED and t.type == card.kind and t.amount == card.amount
        if alike and seconds_between(t.time, card.time) <= longest and _is_of(t, card):
            price = money.price(terminal.parameters, card.amount)
            return await terminal.dialogs.agreed("sold_already", short(t.masked_pan), price)


def _is_of(t: Transaction, card: Card) -> bool:
    try:
        return card.terminal.vault.unseal(t.sealed_card, t.stan, t.batch)[0] == card.pan
    except CannotUnseal:
        return False
